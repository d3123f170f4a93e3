import type { Model, PersonKey } from "../../state/model.ts";
import { keyOf } from "../../state/model.ts";
import { displayName, domainOf } from "../../state/presence.ts";

/** What is known about an address before anybody was asked. */
export type AddressCheck =
  | { readonly kind: "empty" }
  | { readonly kind: "missing-at" }
  | { readonly kind: "missing-domain" }
  | { readonly kind: "self" }
  | { readonly kind: "already"; readonly key: PersonKey; readonly name: string }
  | { readonly kind: "typo"; readonly domain: string; readonly corrected: string }
  | { readonly kind: "colleague" }
  | { readonly kind: "fine" };

/** Checks form, then whether the person is there already, then whether the domain is a slip of a known one. */
export function checkAddress(typed: string, account: string, model: Pick<Model, "contacts">): AddressCheck {
  const address = typed.trim();
  if (address === "") return { kind: "empty" };
  const at = address.lastIndexOf("@");
  if (at < 1 || /\s/u.test(address)) return { kind: "missing-at" };
  const domain = domainOf(address);
  if (!/^[^.].*\.[^.]+$/u.test(domain)) return { kind: "missing-domain" };
  if (address.toLowerCase() === account.toLowerCase()) return { kind: "self" };
  const contacts = [...model.contacts.values()].filter((contact) => contact.account === account);
  const known = contacts.find((contact) => contact.address.toLowerCase() === address.toLowerCase());
  if (known !== undefined) {
    return { kind: "already", key: keyOf(account, known.address), name: displayName(known, known.address) };
  }
  const domains = new Set([domainOf(account), ...contacts.map((contact) => domainOf(contact.address))]);
  if (!domains.has(domain)) {
    const near = [...domains].find((other) => isOneSlip(domain, other));
    if (near !== undefined) return { kind: "typo", domain: near, corrected: `${address.slice(0, at)}@${near}` };
  }
  return { kind: domain === domainOf(account) ? "colleague" : "fine" };
}

/** One letter more, less or other, or two neighbours swapped. */
function isOneSlip(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1 || a === b) return false;
  let start = 0;
  while (start < a.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < Math.min(a.length, b.length) - start && a.at(-1 - end) === b.at(-1 - end)) end += 1;
  const restA = a.slice(start, a.length - end);
  const restB = b.slice(start, b.length - end);
  const isSwap = restA.length === 2 && restB.length === 2 && restA[0] === restB[1] && restA[1] === restB[0];
  return isSwap || (restA.length <= 1 && restB.length <= 1);
}
