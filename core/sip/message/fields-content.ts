/** Header fields about bodies: what this one is, and which are taken (RFC 3261 §20.1–20.3, §20.11–20.13, §20.24). */
import { TOKEN } from "./characters.ts";
import { qOf, readLowerToken, readToken, readTokenWithParams, readTrimmedNumber } from "./field-readers.ts";
import { fieldOf } from "./header.ts";
import type { Params } from "./params.ts";
import { readParams } from "./params.ts";
import type { Source } from "./source.ts";
import { codeAt, readAll, skip, skipBlanks } from "./source.ts";

export interface ContentType {
  /** In lower case: `text/plain`. */
  readonly type: string;
  readonly params: Params;
}

export const CONTENT_TYPE = fieldOf("content-type", readContentType);

/** Reads the value of a Content-Type; undefined when malformed. */
export function parseContentType(text: string): ContentType | undefined {
  return readAll(text, readContentType);
}

function readContentType(source: Source, from: number, to: number): ContentType | undefined {
  const start = skipBlanks(source, from, to);
  const typeEnd = skip(source, start, to, TOKEN);
  const slash = skipBlanks(source, typeEnd, to);
  const subtype = skipBlanks(source, slash + 1, to);
  const end = skip(source, subtype, to, TOKEN);
  if (typeEnd === start || slash >= to || codeAt(source, slash) !== 0x2f || end <= subtype) return undefined;
  const params = readParams(source, end, to);
  if (!params) return undefined;
  const isClose = subtype === typeEnd + 1;
  const { text } = source;
  const type = isClose ? text.slice(start, end) : `${text.slice(start, typeEnd)}/${text.slice(subtype, end)}`;
  return { type: type.toLowerCase(), params };
}

export const CONTENT_LENGTH = fieldOf("content-length", (source, from, to) =>
  readTrimmedNumber(source, from, to, Number.MAX_SAFE_INTEGER),
);

/** `MIME-Version: 1.0`. */
export const MIME_VERSION = fieldOf("mime-version", readToken);

/** In lower case. */
export const CONTENT_ENCODING = fieldOf("content-encoding", readLowerToken);
export const CONTENT_LANGUAGE = fieldOf("content-language", readLowerToken);

export interface ContentDisposition {
  /** In lower case: session, render, icon, alert, aib or an extension. */
  readonly type: string;
  /** What to do with a body that is not understood: required unless said otherwise (RFC 3261 §20.11). */
  readonly handling: "required" | "optional";
  readonly params: Params;
}

export const CONTENT_DISPOSITION = fieldOf("content-disposition", (source, from, to) => {
  const value = readTokenWithParams(source, from, to);
  const handling = value?.params.get("handling")?.toLowerCase() === "optional" ? "optional" : "required";
  return value && ({ type: value.token, handling, params: value.params } satisfies ContentDisposition);
});

/** One of the values that a peer takes, and how gladly. */
export interface Accepted {
  /** In lower case; `*` stands for all. */
  readonly value: string;
  /** From 0 (not at all) to 1. */
  readonly q: number;
  readonly params: Params;
}

function accepted(value: string, params: Params): Accepted | undefined {
  const q = qOf(params);
  return q === undefined ? undefined : { value, q, params };
}

function readAcceptedToken(source: Source, from: number, to: number): Accepted | undefined {
  const value = readTokenWithParams(source, from, to);
  return value && accepted(value.token, value.params);
}

/** Without it only `application/sdp` is taken (RFC 3261 §20.1); with an empty one nothing is. */
export const ACCEPT = fieldOf("accept", (source, from, to) => {
  const value = readContentType(source, from, to);
  return value && accepted(value.type, value.params);
});
export const ACCEPT_ENCODING = fieldOf("accept-encoding", readAcceptedToken);
export const ACCEPT_LANGUAGE = fieldOf("accept-language", readAcceptedToken);
