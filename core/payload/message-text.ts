import { CPIM_TYPE, parseCpim } from "./cpim.ts";
import { htmlToText } from "./html-text.ts";

/** The largest body that is turned into text, in bytes. */
export const MAX_TEXT_SIZE = 256 * 1024;

/** How many envelopes may stand inside each other. */
export const MAX_ENVELOPES = 3;

/** WHATWG's Latin-1 is Windows-1252, which is what senders mean by it. */
const DECODERS: ReadonlyMap<string, string> = new Map([
  ["utf-8", "utf-8"],
  ["utf8", "utf-8"],
  ["us-ascii", "utf-8"],
  ["ascii", "utf-8"],
  ["iso-8859-1", "latin1"],
  ["latin1", "latin1"],
  ["windows-1252", "latin1"],
]);

/**
 * The plain text of a message body for people to read; undefined where there is none we can read: other types, unknown
 * charsets, bodies over {@link MAX_TEXT_SIZE}.
 *
 * HTML loses its markup, envelopes are opened. The text has no control characters but line ends (LF) and tabs; it is
 * still text of a stranger, to be shown as text and nothing else. Without a content type it is text/plain.
 */
export function messageText(contentType: string | undefined, body: Uint8Array): string | undefined {
  return textIn(contentType, body, 0);
}

function textIn(contentType: string | undefined, body: Uint8Array, envelopes: number): string | undefined {
  if (body.length > MAX_TEXT_SIZE) return undefined;
  const { type, charset } = readContentType(contentType ?? "text/plain");
  if (type === CPIM_TYPE) {
    const message = envelopes < MAX_ENVELOPES ? parseCpim(body) : undefined;
    return message?.ok === true
      ? textIn(message.value.contentHeaders.get("content-type"), message.value.body, envelopes + 1)
      : undefined;
  }
  if (type !== "text/plain" && type !== "text/html") return undefined;
  const decoder = DECODERS.get(charset);
  if (decoder === undefined) return undefined;
  const decoded = new TextDecoder(decoder).decode(body);
  return withoutControls(type === "text/html" ? htmlToText(decoded) : decoded);
}

/** Type and charset in lower case; the other parameters do not matter here. */
function readContentType(value: string): { type: string; charset: string } {
  const [type = "", ...parameters] = value.toLowerCase().split(";");
  const charset = parameters.map((parameter) => parameter.trim()).find((parameter) => parameter.startsWith("charset="));
  return { type: type.trim(), charset: charset?.slice("charset=".length).replaceAll('"', "").trim() ?? "utf-8" };
}

function withoutControls(text: string): string {
  const lines = text.replace(/\r\n?/g, "\n");
  // eslint-disable-next-line no-control-regex -- the control characters are what has to go
  return lines.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, "");
}
