/** Names that people would take for each other, although machines keep them apart. */
import { bareAddress, domainOf } from "../sip/address.ts";

/** Small letters of other scripts that look like a Latin one. */
const TWINS: Readonly<Record<string, string>> = {
  // Cyrillic
  а: "a",
  в: "b",
  с: "c",
  ԁ: "d",
  е: "e",
  һ: "h",
  і: "i",
  ј: "j",
  к: "k",
  м: "m",
  н: "h",
  о: "o",
  р: "p",
  ԛ: "q",
  ѕ: "s",
  т: "t",
  ѵ: "v",
  ԝ: "w",
  х: "x",
  у: "y",
  // Greek
  α: "a",
  ι: "i",
  κ: "k",
  ν: "v",
  ο: "o",
  ρ: "p",
  τ: "t",
  υ: "u",
  χ: "x",
  // Latin
  ı: "i",
  ɡ: "g",
};

/** What an address looks like: two accounts whose looks are the same would be mistaken for each other. */
export function lookOfAddress(aor: string): string {
  const user = bareAddress(aor).split("@")[0] ?? "";
  const letters = folded(unescaped(user)).replaceAll(/./gu, (letter) => TWINS[letter] ?? letter);
  return `${letters}@${domainOf(aor)}`;
}

/** What a person's name looks like. */
export function lookOfName(name: string): string {
  return folded(name).replaceAll(/\s+/gu, " ").trim();
}

/** Without differences of case, width, composition (NFKC) and of characters that nobody sees. */
function folded(text: string): string {
  const visible = text.normalize("NFKC").replaceAll(/\p{Default_Ignorable_Code_Point}/gu, "");
  // Up and down again: that is how ß and ss, ς and σ meet.
  return visible.toUpperCase().toLowerCase().replaceAll("ς", "σ").normalize("NFKC");
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Addresses and names that are in use, found by what they look like. */
export class InUse {
  readonly #addresses = new Map<string, string>();
  readonly #names = new Map<string, string>();

  /** Takes note of an address, and of the name of whoever has it. */
  add(aor: string, name?: string): void {
    this.#addresses.set(lookOfAddress(aor), aor);
    if (name !== undefined && name !== "") this.#names.set(lookOfName(name), aor);
  }

  /** Another address that people would take for this one. */
  twinOf(aor: string): string | undefined {
    const twin = this.#addresses.get(lookOfAddress(aor));
    return twin === aor ? undefined : twin;
  }

  /** Who else goes by this name. */
  namesakeOf(aor: string, name: string): string | undefined {
    const namesake = this.#names.get(lookOfName(name));
    return namesake === aor ? undefined : namesake;
  }
}
