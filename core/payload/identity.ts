/** How authorization rules compare people and domains (RFC 4745 §7, RFC 5025 §3.1.1). */

const ADDRESS_SCHEME = /^(?:sips?|pres|im):/i;

/** Somebody as rules see them: equal keys mean the same person. */
export interface Identity {
  readonly key: string;
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
  if (!ADDRESS_SCHEME.test(bare) && /^[a-z][a-z0-9+.-]*:/i.test(bare)) return otherIdentity(bare);
  const [address = ""] = bare.replace(ADDRESS_SCHEME, "").split(/[;?]/, 1);
  const at = address.lastIndexOf("@");
  const domain = domainOf(address.slice(at + 1));
  if (at < 0) return { key: domain, domain };
  return { key: `${decoded(address.slice(0, at)).toLowerCase()}@${domain}`, domain };
}

/** A domain in the form that comparisons use: ASCII, lower case, no port, no final dot (RFC 4745 §7.1.3). */
export function domainOf(text: string): string {
  const host = decoded(text.trim()).replace(/:\d*$/, "").replace(/\.$/, "").toLowerCase();
  return /^[\u0020-\u007e]*$/.test(host) ? host : (URL.parse(`http://${host}/`)?.hostname ?? host);
}

/** Telephone numbers lose their visual separators (RFC 3966 §5.1.1); addresses of other kinds have a domain. */
function otherIdentity(uri: string): Identity {
  const scheme = uri.slice(0, uri.indexOf(":")).toLowerCase();
  const rest = uri.slice(scheme.length + 1);
  if (scheme === "tel") return { key: `tel:${rest.replace(/[-.() ]/g, "").toLowerCase()}` };
  const at = rest.lastIndexOf("@");
  if (at < 0) return { key: `${scheme}:${rest}` };
  const [host = ""] = rest.slice(at + 1).split(/[;?]/, 1);
  const domain = domainOf(host);
  return { key: `${scheme}:${decoded(rest.slice(0, at)).toLowerCase()}@${domain}`, domain };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
