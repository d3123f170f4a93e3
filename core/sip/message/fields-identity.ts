/** Header fields that say who somebody is, and who need not know (RFC 3323, 3325, 8224, 7044). */
import { fieldOf } from "./header.ts";
import type { NameAddr } from "./name-addr.ts";
import { readNameAddr } from "./name-addr.ts";
import type { Params } from "./params.ts";
import { ParamList } from "./params.ts";
import type { Source } from "./source.ts";
import { indexOutside, isToken, trim } from "./text.ts";

/** RFC 3325 §9.1: one or two, of which one may be a tel URI. To be believed only from within one's own network. */
export const P_ASSERTED_IDENTITY = fieldOf("p-asserted-identity", readNameAddr);
/** RFC 3325 §9.2. */
export const P_PREFERRED_IDENTITY = fieldOf("p-preferred-identity", readNameAddr);

/** RFC 3323 §4.2: priv-values, in lower case. Semicolons stand between them; commas are sent, too. */
export const PRIVACY = fieldOf("privacy", readPrivacy);

function readPrivacy({ text }: Source, from: number, to: number): readonly string[] | undefined {
  const values = text.slice(from, to).toLowerCase().split(/[;,]/).map(trim);
  return values.every(isToken) ? values : undefined;
}

export interface IdentityField {
  /** The signed token, for whoever verifies it; may be empty between dots in its compact form. */
  readonly token: string;
  /** `info` without its angle brackets. */
  readonly params: Params;
}

/** RFC 8224 §4: not verified here. */
export const IDENTITY = fieldOf("identity", readIdentity);

function readIdentity({ text }: Source, from: number, to: number): IdentityField | undefined {
  const [token = "", ...rest] = splitOutside(text.slice(from, to), ";").map(trim);
  if (!/^"?[A-Za-z0-9\-_.+/=]+"?$/.test(token)) return undefined;
  const params = new ParamList();
  for (const param of rest) {
    const [, name = "", value] = /^([^=\s]+)[ \t]*(?:=[ \t]*([^]*))?$/.exec(param) ?? [];
    if (!isToken(name)) return undefined;
    if (!params.add(name.toLowerCase(), value?.replace(/^<([^>]*)>$/, "$1"))) return undefined;
  }
  return { token: token.replaceAll('"', ""), params };
}

function splitOutside(text: string, separator: string): readonly string[] {
  const parts: string[] = [];
  for (let at = 0; at <= text.length;) {
    const end = indexOutside(text, separator, at);
    parts.push(text.slice(at, end));
    at = end + 1;
  }
  return parts;
}

export interface HistoryEntry {
  readonly address: NameAddr;
  /** `1.2.1` is `[1, 2, 1]`. */
  readonly index: readonly number[];
}

/** RFC 7044 §5: where a request was sent before, the first target first. What lacks an index is left out. */
export const HISTORY_INFO = fieldOf("history-info", readHistoryEntry);

function readHistoryEntry(source: Source, from: number, to: number): HistoryEntry | undefined {
  const address = readNameAddr(source, from, to);
  const index = address?.params.get("index") ?? "";
  return address && /^\d{1,9}(?:\.\d{1,9})*$/.test(index)
    ? { address, index: index.split(".").map(Number) }
    : undefined;
}
