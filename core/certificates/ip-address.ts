/** IP addresses between their text and the octets that stand in certificates (RFC 5280 §4.2.1.6). */

const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/;
const IPV6_CHARACTERS = /^[0-9a-f:.]{2,45}$/i;
const IPV6_GROUPS = 8;

/**
 * The one spelling of an address that comparisons use: dotted IPv4 as it is, IPv6 by RFC 5952, without brackets.
 * Undefined for anything that is not an address, names included.
 */
export function canonicalIp(text: string): string | undefined {
  if (IPV4.test(text)) return text.split(".").map(Number).join(".");
  const bare = text.startsWith("[") && text.endsWith("]") ? text.slice(1, -1) : text;
  if (!bare.includes(":") || !IPV6_CHARACTERS.test(bare)) return undefined;
  const url = URL.parse(`http://[${bare}]/`);
  return url?.hostname.slice(1, -1);
}

/** The 4 or 16 octets of an address; undefined when `text` is none. */
export function ipToBytes(text: string): Uint8Array<ArrayBuffer> | undefined {
  const canonical = canonicalIp(text);
  if (canonical === undefined) return undefined;
  if (!canonical.includes(":")) return Uint8Array.from(canonical.split("."), Number);
  const [head = "", tail] = canonical.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = Array.from({ length: IPV6_GROUPS - left.length - right.length }, () => "0");
  const groups = [...left, ...zeros, ...right].map((group) => Number.parseInt(group, 16));
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]));
}

/** The canonical text of 4 or 16 octets; undefined for any other count. */
export function bytesToIp(bytes: Uint8Array): string | undefined {
  if (bytes.length === 4) return bytes.join(".");
  if (bytes.length !== 2 * IPV6_GROUPS) return undefined;
  return canonicalIp(
    Buffer.from(bytes)
      .toString("hex")
      .replace(/.{4}(?!$)/g, "$&:"),
  );
}
