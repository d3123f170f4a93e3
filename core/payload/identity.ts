/** How authorization rules compare people and domains (RFC 4745 §7, RFC 5025 §3.1.1). */

const ADDRESS_SCHEME = /^(?:sips?|pres|im):/i;
const OTHER_SCHEME = /^[a-z][a-z0-9+.-]*:/i;

/** Somebody as rules see them: equal URIs mean the same person. */
export interface Identity {
  /** In one canonical spelling, `sip:` for all schemes that name a person. */
  readonly uri: string;
  /** Absent for identities without one, such as telephone numbers. */
  readonly domain?: string;
}

/**
 * The identity behind a URI or a bare address.
 *
 * The schemes sip, sips, pres and im name the same person; port and parameters do not belong to an identity. The user
 * part is compared without case, unlike RFC 3261 §19.1.4: a rule against somebody must not be escaped by capitals.
 */
export function identityOf(uri: string): Identity {
  const bare = uri.trim();
  if (!ADDRESS_SCHEME.test(bare) && OTHER_SCHEME.test(bare)) return otherIdentity(bare);
  const address = bare.replace(ADDRESS_SCHEME, "");
  const at = address.indexOf("@");
  const domain = domainOf(address.slice(at + 1));
  const user = at < 0 ? "" : `${escaped(decoded(address.slice(0, at)).toLowerCase())}@`;
  return { uri: `sip:${user}${domain}`, domain };
}

/** A domain as comparisons see it: ASCII, lower case, without port, parameters and final dot (RFC 4745 §7.1.3). */
export function domainOf(text: string): string {
  const [host = ""] = text.split(/[;?]/, 1);
  const name = decoded(host.trim()).replace(/:\d*$/, "").replace(/\.$/, "").toLowerCase();
  return /^[\u0020-\u007e]*$/.test(name) ? name : (URL.parse(`http://${name}/`)?.hostname ?? name);
}

/** Telephone numbers lose their visual separators (RFC 3966 §5.1.1); some other kinds have a domain. */
function otherIdentity(uri: string): Identity {
  const scheme = uri.slice(0, uri.indexOf(":")).toLowerCase();
  const rest = uri.slice(scheme.length + 1);
  if (scheme === "tel") return { uri: `tel:${rest.replace(/[-.() ]/g, "").toLowerCase()}` };
  const at = rest.indexOf("@");
  if (at < 0) return { uri: `${scheme}:${rest}` };
  const domain = domainOf(rest.slice(at + 1));
  return { uri: `${scheme}:${rest.slice(0, at).toLowerCase()}@${domain}`, domain };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Escapes all that a user part may not hold as it is (RFC 3261 §25.1, user-unreserved). */
function escaped(user: string): string {
  return encodeURIComponent(user.toWellFormed()).replace(/%(?:2[46BCF]|3[BDF])/g, decodeURIComponent);
}
