/** Addresses as people write them: like e-mail, with or without a scheme. */
import { addressOfRecord, parseUri } from "./message/uri.ts";

/**
 * The canonical `sip:name@domain` of what a person typed or pasted (`name@domain`, `sip:…`, `mailto:…`,
 * `Name <name@domain>`), or undefined. Compared in small letters, as people expect of addresses like e-mail.
 */
export function canonicalAddress(text: string): string | undefined {
  const inner = /<([^<>]*)>\s*$/.exec(text)?.[1] ?? text;
  const plain = inner.trim().replace(/^mailto:/i, "");
  const parsed = parseUri(/^sips?:/i.test(plain) ? plain : `sip:${plain}`);
  const aor = parsed.ok ? addressOfRecord(parsed.value) : undefined;
  return aor !== undefined && /^sip:[^@\s]+@[^@\s]+$/.test(aor) ? aor.toLowerCase() : undefined;
}

/** `name@domain` of a canonical address: what people read. */
export function bareAddress(aor: string): string {
  return aor.replace(/^sip:/, "");
}

/** The part of an address behind the @. */
export function domainOf(aor: string): string {
  return aor.slice(aor.indexOf("@") + 1);
}
