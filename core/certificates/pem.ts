/** PEM, the text form of certificates and keys (RFC 7468). */

/** The longest PEM text that is searched for certificates, in characters: a whole system's roots fit twice. */
export const MAX_PEM_LENGTH = 1024 * 1024;

const LINE_LENGTH = 64;

/** `der` as a PEM block under `label`, for example `CERTIFICATE`. */
export function toPem(label: string, der: Uint8Array): string {
  const base64 = Buffer.from(der).toString("base64");
  const lines: string[] = [`-----BEGIN ${label}-----`];
  for (let start = 0; start < base64.length; start += LINE_LENGTH) lines.push(base64.slice(start, start + LINE_LENGTH));
  return [...lines, `-----END ${label}-----`, ""].join("\n");
}

/**
 * The decoded blocks with `label`, in order; text between blocks is ignored, as RFC 7468 §2 has it.
 * A text over {@link MAX_PEM_LENGTH} and blocks without an end yield nothing.
 */
export function fromPem(label: string, text: string): readonly Buffer[] {
  if (text.length > MAX_PEM_LENGTH) return [];
  const begin = `-----BEGIN ${label}-----`;
  const end = `-----END ${label}-----`;
  const blocks: Buffer[] = [];
  for (let start = text.indexOf(begin); start >= 0; start = text.indexOf(begin, start)) {
    const stop = text.indexOf(end, start);
    if (stop < 0) break;
    blocks.push(Buffer.from(text.slice(start + begin.length, stop), "base64"));
    start = stop + end.length;
  }
  return blocks;
}
