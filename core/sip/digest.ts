/**
 * Digest access authentication: the sums and the header syntax (RFC 7616, RFC 8760, RFC 3261 §22).
 * All strings here are ordinary text: what stands in headers is decoded from and encoded to UTF-8 (RFC 7616 §4).
 */
import { hash, timingSafeEqual } from "node:crypto";
import { BLANK, SEPARATOR, TOKEN, UNQUOTED } from "./message/characters.ts";
import type { Source } from "./message/source.ts";
import { codeAt, endOfQuoted, readAll, skip } from "./message/source.ts";
import { isAscii, isToken, latin1, quote, unquote, utf8 } from "./message/text.ts";
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
  readonly algorithm?: string;
  readonly cnonce?: string;
  /** Eight hexadecimal digits. */
  readonly nc?: string;
  readonly qop?: string;
  readonly opaque?: string;
}

const NODE_NAME: Readonly<Record<DigestAlgorithm, string>> = {
  MD5: "md5",
  "SHA-256": "sha256",
  "SHA-512-256": "sha512-256",
};
const EQUALS = 0x3d;
const COMMA = 0x2c;
const QUOTE = 0x22;

/** Names of parameters. */
// oxfmt-ignore
const usual = new Words([
  "algorithm", "cnonce", "domain", "nc", "nonce", "opaque", "qop", "realm", "response", "stale", "uri",
  "username",
]);

/** The algorithm of that name, in any case; undefined for those we do not compute, such as `MD5-sess`. */
export function digestAlgorithm(name: string): DigestAlgorithm | undefined {
  const upper = name.toUpperCase();
  return upper === "MD5" || upper === "SHA-256" || upper === "SHA-512-256" ? upper : undefined;
}

/** A dozen names and values at most: looked through faster than hashed. */
class Parameters {
  readonly #names: string[] = [];
  readonly #values: string[] = [];

  add(name: string, value: string): void {
    this.#names.push(name);
    this.#values.push(value);
  }

  get(name: string): string | undefined {
    return this.#values[this.#names.indexOf(name)];
  }
}

/** More parameters than any challenge or credentials have. */
const MAX_PARAMETERS = 64;

/** The parameters behind `Digest`, unquoted; undefined for another scheme, broken syntax or a repeated name. */
function readParameters(source: Source, from: number, to: number): Parameters | undefined {
  const scheme = skip(source, from, to, TOKEN);
  if (source.text.slice(from, scheme).toLowerCase() !== "digest") return undefined;
  if (skip(source, scheme, to, BLANK) === scheme) return undefined;
  const decode = isAscii(source.text) ? unquote : (text: string) => utf8(unquote(text));
  const parameters = new Parameters();
  let count = 0;
  for (let at = skip(source, scheme, to, SEPARATOR); at < to; at = skip(source, at, to, SEPARATOR)) {
    const known = usual.startingAt(source, at, to);
    const nameEnd = known ? at + known.text.length : skip(source, at, to, TOKEN);
    const equals = skip(source, nameEnd, to, BLANK);
    if (nameEnd === at || equals === to || codeAt(source, equals) !== EQUALS) return undefined;
    const name = known?.text ?? source.text.slice(at, nameEnd).toLowerCase();
    const start = skip(source, equals + 1, to, BLANK);
    const end = endOfParameter(source, start, to);
    at = skip(source, end, to, BLANK);
    if (end <= start || (at < to && codeAt(source, at) !== COMMA) || parameters.get(name) !== undefined)
      return undefined;
    if (++count > MAX_PARAMETERS) return undefined;
    parameters.add(name, decode(source.text.slice(start, end)));
  }
  return parameters;
}

function endOfParameter(source: Source, from: number, to: number): number {
  return from < to && codeAt(source, from) === QUOTE ? endOfQuoted(source, from, to) : skip(source, from, to, UNQUOTED);
}

/** Reads the Digest challenges, one for each header line, in their order; what is not one is left out. */
export function parseChallenges(values: readonly string[]): readonly Challenge[] {
  return values.flatMap((value) => parseChallenge(value) ?? []);
}

function parseChallenge(value: string): Challenge | undefined {
  const parameters = readAll(value, readParameters);
  const realm = parameters?.get("realm");
  const nonce = parameters?.get("nonce");
  if (!parameters || realm === undefined || nonce === undefined) return undefined;
  const qop = parameters.get("qop")?.toLowerCase() ?? "";
  return {
    realm,
    nonce,
    ...optional(parameters, "opaque"),
    algorithm: parameters.get("algorithm") ?? "MD5",
    qop: qop.split(/[ \t,]+/).filter((option) => option !== ""),
    stale: parameters.get("stale")?.toLowerCase() === "true",
    ...optional(parameters, "domain"),
  };
}

/** Reads Authorization or Proxy-Authorization; undefined when it is not Digest, malformed, or lacks what it must have. */
export function parseCredentials(value: string): Credentials | undefined {
  const parameters = readAll(value, readParameters);
  const username = parameters?.get("username");
  const realm = parameters?.get("realm");
  const nonce = parameters?.get("nonce");
  const uri = parameters?.get("uri");
  const response = parameters?.get("response");
  if (!parameters || username === undefined || realm === undefined || nonce === undefined) return undefined;
  if (uri === undefined || response === undefined || !/^[0-9a-f]+$/i.test(response)) return undefined;
  const credentials: Growing<Credentials> = { username, realm, nonce, uri, response: response.toLowerCase() };
  const algorithm = parameters.get("algorithm");
  const cnonce = parameters.get("cnonce");
  const nc = parameters.get("nc");
  const qop = parameters.get("qop");
  const opaque = parameters.get("opaque");
  if (algorithm !== undefined) credentials.algorithm = algorithm;
  if (cnonce !== undefined) credentials.cnonce = cnonce;
  if (nc !== undefined) credentials.nc = nc;
  if (qop !== undefined) credentials.qop = qop;
  if (opaque !== undefined) credentials.opaque = opaque;
  return nc === undefined || /^[0-9a-f]{8}$/i.test(nc) ? credentials : undefined;
}

type Growing<T> = { -readonly [Name in keyof T]: T[Name] };

function optional<Name extends string>(from: Parameters, name: Name): { [_ in Name]?: string } {
  const value = from.get(name);
  return value === undefined ? {} : ({ [name]: value } as { [_ in Name]?: string });
}

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
