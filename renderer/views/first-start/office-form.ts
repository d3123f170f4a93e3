import type { CommandArgs } from "../../../core/bridge/contract.ts";
import type { MessageId } from "../../strings/words.ts";

export const MIN_PASSWORD_LENGTH = 8;

/** A person of the new office as typed in; `local` is the part before the @. */
export interface Colleague {
  readonly id: string;
  readonly name: string;
  readonly local: string;
  readonly password: string;
}

export interface OfficeForm {
  readonly domain: string;
  readonly you: Colleague;
  readonly colleagues: readonly Colleague[];
}

/** Letters and digits that are not mistaken for one another when read aloud or copied by hand. */
const PASSWORD_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789";
const PASSWORD_GROUPS = 4;
const GROUP_LENGTH = 4;

/** A password to hand over: four groups of four letters, 79 bits. */
export function newPassword(): string {
  const letters = Array.from({ length: PASSWORD_GROUPS * GROUP_LENGTH }, pickLetter).join("");
  return (letters.match(/.{4}/gu) ?? []).join("-");
}

/** Numbers past the last whole multiple are thrown away, so that every letter is equally likely. */
function pickLetter(): string {
  const fair = 256 - (256 % PASSWORD_LETTERS.length);
  for (;;) {
    const [number = 0] = crypto.getRandomValues(new Uint8Array(1));
    if (number < fair) return PASSWORD_LETTERS.charAt(number % PASSWORD_LETTERS.length);
  }
}

export function newColleague(): Colleague {
  return { id: crypto.randomUUID(), name: "", local: "", password: newPassword() };
}

export function isBlank(person: Colleague): boolean {
  return person.name.trim() === "" && person.local.trim() === "";
}

export function addressOf(person: Colleague, domain: string): string {
  return `${person.local.trim().toLowerCase()}@${domain.trim().toLowerCase()}`;
}

export function domainProblem(domain: string): MessageId | undefined {
  const fits = /^(?!-)[a-z0-9-]+(?:\.[a-z0-9-]+)+$/iu.test(domain.trim());
  return fits ? undefined : "office.needDomain";
}

export function colleagueProblem(person: Colleague): MessageId | undefined {
  if (!/^[^\s@:;<>"]+$/u.test(person.local.trim())) return "office.needLocal";
  return person.password.length < MIN_PASSWORD_LENGTH ? "office.needPassword" : undefined;
}

/** Addresses that stand in the form more than once. */
export function repeatedLocals(form: OfficeForm): ReadonlySet<string> {
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const person of [form.you, ...form.colleagues]) {
    const local = person.local.trim().toLowerCase();
    if (local !== "" && seen.has(local)) twice.add(local);
    seen.add(local);
  }
  return twice;
}

export function personOf(person: Colleague, domain: string, administrator = false): CommandArgs["gateway.addPerson"] {
  const name = person.name.trim();
  return {
    address: addressOf(person, domain),
    password: person.password,
    ...(name === "" ? {} : { name }),
    ...(administrator ? { administrator } : {}),
  };
}

/** A part before the @ from a name: "Ines Carvalho" becomes "ines.carvalho". */
export function localFromName(name: string): string {
  const plain = name
    .normalize("NFD")
    .replace(/\p{Mn}/gu, "")
    .toLowerCase();
  return plain
    .replace(/ß/gu, "ss")
    .replace(/[^a-z0-9]+/gu, ".")
    .replace(/^\.+|\.+$/gu, "");
}
