/** The link by which somebody is invited into an office: where it is, how it is known, and a secret for one use. */

/** Longest text in which a link is looked for, in characters: a mail around it fits. */
const MAX_TEXT = 20_000;
const LINK = /hallway:invite\?[^\s<>"]+/i;

export interface InvitationLink {
  /** `name@domain`. */
  readonly address: string;
  /** `tls:HOST:PORT`. */
  readonly server: string;
  /** `sha256:…`, the fingerprint of the key of the office's authority. */
  readonly trust: string;
  readonly secret: string;
}

export function formatInvitationLink(link: InvitationLink): string {
  const { address, server, trust, secret } = link;
  const values = Object.entries({ address, server, trust, secret }).map(([name, value]) => {
    // These two are harmless in a query and easier to read as they are.
    const text = encodeURIComponent(value).replaceAll("%40", "@").replaceAll("%3A", ":");
    return `${name}=${text}`;
  });
  return `hallway:invite?${values.join("&")}`;
}

/** The first invitation in a text, such as a whole mail; undefined when there is none, or it is not complete. */
export function parseInvitationLink(text: string): InvitationLink | undefined {
  const found = text.length <= MAX_TEXT ? LINK.exec(text)?.[0] : undefined;
  if (found === undefined) return undefined;
  const query = new URLSearchParams(found.slice(found.indexOf("?") + 1));
  const [address = "", server = "", trust = "", secret = ""] = ["address", "server", "trust", "secret"].map(
    (name) => query.get(name)?.trim() ?? "",
  );
  const isComplete =
    /^[^@\s]+@[^@\s]+$/.test(address) &&
    /^tls:.+:\d{1,5}$/.test(server) &&
    /^sha256:[0-9a-f]{64}$/i.test(trust) &&
    /^[0-9a-z]{16,100}$/i.test(secret);
  return isComplete ? { address, server, trust: trust.toLowerCase(), secret } : undefined;
}
