/** Bodies of several parts (RFC 2046 §5.1, RFC 2387): reading with limits, and writing. */

/** Parts that a body may have. */
export const MAX_PARTS = 4_096;

export interface BodyPart {
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

/** The parts between the boundaries, in linear time; undefined when it is no multipart body, or has too many parts. */
export function parseMultipart(source: Buffer, boundary: string): readonly BodyPart[] | undefined {
  if (boundary === "" || boundary.length > 70) return undefined;
  const delimiter = Buffer.from(`--${boundary}`);
  const parts: BodyPart[] = [];
  let start = source.indexOf(delimiter);
  while (start >= 0) {
    const after = start + delimiter.length;
    if (source.subarray(after, after + 2).toString("latin1") === "--") return parts;
    const next = source.indexOf(Buffer.concat([Buffer.from("\r\n"), delimiter]), after);
    if (next < 0 || parts.length >= MAX_PARTS) return undefined;
    const part = readPart(source.subarray(after, next));
    if (!part) return undefined;
    parts.push(part);
    start = next + 2;
  }
  return undefined;
}

function readPart(bytes: Buffer): BodyPart | undefined {
  const begin = bytes.indexOf("\r\n") + 2;
  const end = bytes.indexOf("\r\n\r\n", begin - 2);
  if (begin < 2 || end < 0) return undefined;
  const lines = bytes.subarray(begin, Math.max(end, begin)).toString("utf8").split("\r\n");
  const headers = lines.flatMap((line): [string, string][] => {
    const colon = line.indexOf(":");
    return colon < 0 ? [] : [[line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()]];
  });
  return { headers: new Map(headers), body: bytes.subarray(end + 4) };
}

/** Writes parts; the boundary must stand in none of them. */
export function formatMultipart(
  parts: readonly { readonly headers: readonly (readonly [string, string])[]; readonly body: string }[],
  boundary: string,
): string {
  const written = parts.map(({ headers, body }) => {
    const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
    return `--${boundary}\r\n${lines}\r\n${body}\r\n`;
  });
  return `${written.join("")}--${boundary}--\r\n`;
}
