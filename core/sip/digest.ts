/**
 * Digest access authentication: the sums and the header syntax (RFC 7616, RFC 8760, RFC 3261 §22).
 * All strings here are ordinary text: what stands in headers is decoded from and encoded to UTF-8 (RFC 7616 §4).
 */
import { hash, timingSafeEqual } from "node:crypto";
import { QUOTED, SEPARATOR, TOKEN, UNQUOTED } from "./message/characters.ts";
import type { Source } from "./message/source.ts";
import { codeAt, endOfQuoted, readAll, skip, skipBlanks } from "./message/source.ts";
import { isToken, latin1, quote, unquote, utf8 } from "./message/text.ts";
import { Words } from "./message/words.ts";

export type DigestAlgorithm = "MD5" | "SHA-256" | "SHA-512-256";

export interface Challenge {
  readonly realm: string;
  readonly nonce: string;
  readonly opaque?: string;
  /** As it was sent; `MD5` when it was not. See `digestAlgorithm`. */
  readonly algorithm: string;
  /** In lower case; empty when the server knows no quality of protection (RFC 2069). */
  readonly qop: readonly string[];
  readonly stale: boolean;
  readonly domain?: string;
}

export interface Credentials {
  readonly username: string;
  readonly realm: string;
  readonly nonce: string;
  readonly uri: string;
  /** In lower-case hexadecimal. */
  readonly response: string;
  readonly algorithm?: string | undefined;
  readonly cnonce?: string | undefined;
  /** Eight hexadecimal digits. */
  readonly nc?: string | undefined;
  readonly qop?: string | undefined;
  readonly opaque?: string | undefined;
}

const NODE_NAME: Readonly<Record<DigestAlgorithm, string>> = {
  MD5: "md5",
  "SHA-256": "sha256",
  "SHA-512-256": "sha512-256",
};
const EQUALS = 0x3d;
const COMMA = 0x2c;
const QUOTE = 0x22;

/** The names of parameters; others are passed over. */
// oxfmt-ignore
const NAMES = [
  "username", "realm", "nonce", "uri", "response", "algorithm", "cnonce", "opaque", "qop", "nc", "domain", "stale",
] as const;
type Name = (typeof NAMES)[number];

const places = new Map<string, number>(NAMES.map((name, place) => [name, place]));
const usual = new Words(NAMES, (name) => places.get(name) ?? -1);

/** The algorithm of that name, in any case; undefined for those we do not compute, such as `MD5-sess`. */
export function digestAlgorithm(name: string): DigestAlgorithm | undefined {
  const upper = name.toUpperCase();
  return upper === "MD5" || upper === "SHA-256" || upper === "SHA-512-256" ? upper : undefined;
}

/** What was read for each of the names, at its place. */
type Parameters = (string | undefined)[];

function valueOf(parameters: Parameters, name: Name): string | undefined {
  return parameters[NAMES.indexOf(name)];
}

/** More parameters than any challenge or credentials have. */
const MAX_PARAMETERS = 64;

/** The parameters behind `Digest`, unquoted; undefined for another scheme, broken syntax or a repeated name. */
function readParameters(source: Source, from: number, to: number): Parameters | undefined {
  const start = skipBlanks(source, from, to);
  const scheme = skip(source, start, to, TOKEN);
  const known = source.text.slice(start, scheme);
  if (known !== "Digest" && known.toLowerCase() !== "digest") return undefined;
  if (skipBlanks(source, scheme, to) === scheme) return undefined;
  const parameters: Parameters = NAMES.map(() => undefined);
  let count = 0;
  for (let at = skip(source, scheme, to, SEPARATOR); at < to; at = skip(source, at, to, SEPARATOR)) {
    const end = readParameter(source, at, to, parameters);
    if (end < 0 || ++count > MAX_PARAMETERS) return undefined;
    at = skipBlanks(source, end, to);
    if (at < to && codeAt(source, at) !== COMMA) return undefined;
  }
  return parameters;
}

/** Reads one `name=value` to its place, and returns where it ends; -1 when it is malformed or a repetition. */
function readParameter(source: Source, from: number, to: number, parameters: Parameters): number {
  const word = usual.startingAt(source, from, to);
  const nameEnd = word ? from + word.text.length : skip(source, from, to, TOKEN);
  const place = word ? word.meaning : (places.get(source.text.slice(from, nameEnd).toLowerCase()) ?? -1);
  const equals = skipBlanks(source, nameEnd, to);
  if (nameEnd === from || equals === to || codeAt(source, equals) !== EQUALS) return -1;
  const start = skipBlanks(source, equals + 1, to);
  const isQuoted = start < to && codeAt(source, start) === QUOTE;
  const plainEnd = isQuoted ? skip(source, start + 1, to, QUOTED) : to;
  const isPlain = plainEnd < to && codeAt(source, plainEnd) === QUOTE;
  const end = isPlain ? plainEnd + 1 : endOfOdd(source, start, to, isQuoted);
  if (end <= start || parameters[place] !== undefined) return -1;
  if (place < 0) return end;
  const { text } = source;
  parameters[place] = isPlain ? text.slice(start + 1, plainEnd) : utf8(unquote(text.slice(start, end)));
  return end;
}

/** Where a value has ended that is not quoted, or has more than plain characters within its quotes. */
function endOfOdd(source: Source, from: number, to: number, isQuoted: boolean): number {
  return isQuoted ? endOfQuoted(source, from, to) : skip(source, from, to, UNQUOTED);
}

/** Reads the Digest challenges, one for each header line, in their order; what is not one is left out. */
export function parseChallenges(values: readonly string[]): readonly Challenge[] {
  return values.flatMap((value) => readAll(value, readChallenge) ?? []);
}

/** Reads the challenge that stands between two places. */
export function readChallenge(source: Source, from: number, to: number): Challenge | undefined {
  const parameters = readParameters(source, from, to);
  const realm = parameters && valueOf(parameters, "realm");
  const nonce = parameters && valueOf(parameters, "nonce");
  if (!parameters || realm === undefined || nonce === undefined) return undefined;
  const qop = valueOf(parameters, "qop")?.toLowerCase() ?? "";
  return {
    realm,
    nonce,
    ...optional(parameters, "opaque"),
    algorithm: valueOf(parameters, "algorithm") ?? "MD5",
    qop: qop.split(/[ \t,]+/).filter((option) => option !== ""),
    stale: valueOf(parameters, "stale")?.toLowerCase() === "true",
    ...optional(parameters, "domain"),
  };
}

function optional<N extends Name>(from: Parameters, name: N): { [_ in N]?: string } {
  const value = valueOf(from, name);
  return value === undefined ? {} : ({ [name]: value } as { [_ in N]?: string });
}

/** Reads Authorization or Proxy-Authorization; undefined when it is not Digest, malformed, or lacks what it must have. */
export function parseCredentials(value: string): Credentials | undefined {
  return readAll(value, readCredentials);
}

/** Reads the credentials that stand between two places. */
export function readCredentials(source: Source, from: number, to: number): Credentials | undefined {
  const parameters = readParameters(source, from, to);
  if (!parameters) return undefined;
  const [username, realm, nonce, uri, response, algorithm, cnonce, opaque, qop, nc] = parameters;
  if (username === undefined || realm === undefined || nonce === undefined || uri === undefined) return undefined;
  if (response === undefined || !HEXADECIMAL.test(response)) return undefined;
  if (nc !== undefined && (nc.length !== 8 || !HEXADECIMAL.test(nc))) return undefined;
  return { username, realm, nonce, uri, response: response.toLowerCase(), algorithm, cnonce, nc, qop, opaque };
}

const HEXADECIMAL = /^[0-9a-f]+$/i;

/** Writes WWW-Authenticate or Proxy-Authenticate; `algorithm` and `stale` stand unquoted (RFC 7616 §3.3). */
export function formatChallenge(challenge: Challenge): string {
  const { realm, domain, nonce, opaque, stale, algorithm, qop } = challenge;
  return format([
    ["realm", quoted(realm)],
    ["domain", quoted(domain)],
    ["nonce", quoted(nonce)],
    ["opaque", quoted(opaque)],
    ["stale", stale ? "true" : undefined],
    ["algorithm", plain(algorithm)],
    ["qop", qop.length === 0 ? undefined : quoted(qop.join(","))],
  ]);
}

/** Writes Authorization or Proxy-Authorization; `algorithm`, `qop` and `nc` stand unquoted (RFC 7616 §3.4). */
export function formatCredentials(credentials: Credentials): string {
  const { username, realm, nonce, uri, response, algorithm, cnonce, opaque, qop, nc } = credentials;
  return format([
    ["username", quoted(username)],
    ["realm", quoted(realm)],
    ["nonce", quoted(nonce)],
    ["uri", quoted(uri)],
    ["response", quoted(response)],
    ["algorithm", plain(algorithm)],
    ["cnonce", quoted(cnonce)],
    ["opaque", quoted(opaque)],
    ["qop", plain(qop)],
    ["nc", plain(nc)],
  ]);
}

function format(parameters: readonly (readonly [string, string | undefined])[]): string {
  const present = parameters.filter(([, value]) => value !== undefined);
  return `Digest ${present.map(([name, value]) => `${name}=${value}`).join(", ")}`;
}

function quoted(text: string | undefined): string | undefined {
  return text === undefined ? undefined : quote(latin1(text));
}

/** What stands unquoted comes from the peer at times (its algorithm's name) and must not become a second parameter. */
function plain(text: string | undefined): string | undefined {
  if (text !== undefined && !isToken(text)) throw new TypeError("An unquoted digest parameter has to be a token.");
  return text;
}

/** What a server keeps instead of the password, one for each algorithm and realm (RFC 7616 §3.4.2), in hexadecimal. */
export function ha1(algorithm: DigestAlgorithm, username: string, realm: string, password: string): string {
  return digest(algorithm, `${username}:${realm}:${password}`);
}

export interface DigestInput {
  readonly algorithm: DigestAlgorithm;
  readonly ha1: string;
  readonly method: string;
  /** The digest-uri as it stands in the credentials. */
  readonly uri: string;
  readonly nonce: string;
  readonly nc?: string | undefined;
  readonly cnonce?: string | undefined;
  /** `auth` or `auth-int`; without it the older sum of RFC 2069. */
  readonly qop?: string | undefined;
  /** What `auth-int` protects. */
  readonly body?: Buffer | undefined;
}

/** The response of RFC 7616 §3.4.1, in hexadecimal. */
export function digestResponse(input: DigestInput): string {
  const { algorithm, ha1, method, uri, nonce, nc = "", cnonce = "", qop, body = Buffer.alloc(0) } = input;
  const entity = qop?.toLowerCase() === "auth-int" ? `:${digest(algorithm, body)}` : "";
  const ha2 = digest(algorithm, `${method}:${uri}${entity}`);
  const middle = qop === undefined ? nonce : `${nonce}:${nc}:${cnonce}:${qop}`;
  return digest(algorithm, `${ha1}:${middle}:${ha2}`);
}

function digest(algorithm: DigestAlgorithm, data: string | Buffer): string {
  return hash(NODE_NAME[algorithm], data, "hex");
}

/** The topmost challenge that we can answer (RFC 8760 §2.4): an allowed algorithm, and `auth` or no qop at all. */
export function chooseChallenge(
  challenges: readonly Challenge[],
  allowed: readonly DigestAlgorithm[],
): Challenge | undefined {
  return challenges.find(({ algorithm, qop }) => {
    const known = digestAlgorithm(algorithm);
    return known !== undefined && allowed.includes(known) && (qop.length === 0 || qop.includes("auth"));
  });
}

/** Whether two hexadecimal sums are the same, in a time that does not tell where they differ. */
export function sameDigest(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a.toLowerCase()), Buffer.from(b.toLowerCase())];
  return left.length === right.length && timingSafeEqual(left, right);
}
