import { failure, type Result, success } from "../platform/result.ts";
import { escapeHeaderValue, unescapeHeaderValue } from "./cpim-escape.ts";
import { formatDateTime, parseDateTime } from "./date-time.ts";

/** The content type of messages in an envelope. */
export const CPIM_TYPE = "message/cpim";

/** The largest envelope with its content, in bytes. */
export const MAX_CPIM_SIZE = 256 * 1024;

/** How many lines the headers of the envelope, and again those of the content, may have. */
export const MAX_CPIM_HEADERS = 100;

/** The namespace of disposition notifications (RFC 5438 §6). */
export const IMDN_HEADERS = "urn:ietf:params:imdn";

/** What a sender may ask to be told (RFC 5438 §6.2). */
export const DISPOSITIONS = ["positive-delivery", "negative-delivery", "processing", "display"] as const;

export type Disposition = (typeof DISPOSITIONS)[number];

export interface CpimError {
  readonly code: "cpim-too-large" | "cpim-too-many-headers" | "cpim-malformed";
  readonly message: string;
}

export interface CpimAddress {
  readonly name?: string;
  readonly uri: string;
}

/** A header of the envelope. */
export interface CpimHeader {
  /** Empty for the headers of RFC 3862 itself. */
  readonly namespace: string;
  readonly name: string;
  readonly value: string;
}

/** A message in its envelope (RFC 3862). */
export interface CpimMessage {
  readonly from?: CpimAddress;
  readonly to: readonly CpimAddress[];
  /** Milliseconds since 1970. */
  readonly dateTime?: number;
  readonly subject?: string;
  /** The identifier that disposition notifications refer to, `imdn.Message-ID`. */
  readonly messageId?: string;
  /** Empty when the sender asks for nothing. */
  readonly dispositions: readonly Disposition[];
  /** All other headers, in order. */
  readonly headers: readonly CpimHeader[];
  /** The headers of the content as MIME has them, names in lower case. */
  readonly contentHeaders: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

/**
 * Reads an envelope. Lines may end in CRLF or LF. Names are matched exactly, as RFC 3862 §2.2 wants it; headers without
 * a colon are passed over. Errors: one for each limit, and `cpim-malformed` where the headers never end.
 */
export function parseCpim(source: Uint8Array): Result<CpimMessage, CpimError> {
  if (source.length > MAX_CPIM_SIZE) return refused("cpim-too-large", "The message is too large.");
  const bytes = Buffer.from(source.buffer, source.byteOffset, source.length);
  const envelope = headerBlock(bytes, 0);
  if (envelope === undefined) return refused("cpim-malformed", "The headers of the message do not end.");
  const content = headerBlock(bytes, envelope.end);
  if (content === undefined) return refused("cpim-malformed", "The headers of the content do not end.");
  if (envelope.lines.length > MAX_CPIM_HEADERS || content.lines.length > MAX_CPIM_HEADERS) {
    return refused("cpim-too-many-headers", "The message has too many headers.");
  }
  const contentHeaders = new Map(
    unfold(content.lines)
      .flatMap(splitHeader)
      .map(([name, value]) => [name.toLowerCase(), value]),
  );
  return success({ ...messageOf(resolveNames(envelope.lines)), contentHeaders, body: bytes.subarray(content.end) });
}

function refused(code: CpimError["code"], message: string): Result<never, CpimError> {
  return failure({ code, message });
}

/** The lines up to the next empty one, and where the text after that begins. Stops early beyond the limit. */
function headerBlock(bytes: Buffer, start: number): { lines: readonly string[]; end: number } | undefined {
  const lines: string[] = [];
  for (let from = start; lines.length <= MAX_CPIM_HEADERS;) {
    const newline = bytes.indexOf(0x0a, from);
    if (newline < 0) return undefined;
    const line = bytes.toString("utf8", from, newline).replace(/\r$/, "");
    from = newline + 1;
    if (line === "") return { lines, end: from };
    lines.push(line);
  }
  return { lines, end: start };
}

/** MIME folds long headers; the envelope does not. */
function unfold(lines: readonly string[]): readonly string[] {
  const whole: string[] = [];
  for (const line of lines) {
    if (/^[ \t]/.test(line) && whole.length > 0) whole.push(`${whole.pop()} ${line.trim()}`);
    else whole.push(line);
  }
  return whole;
}

function splitHeader(line: string): readonly [string, string][] {
  const colon = line.indexOf(":");
  return colon <= 0 ? [] : [[line.slice(0, colon).trim(), line.slice(colon + 1).trim()]];
}

/** Resolves `prefix.Name` by the NS headers before it (RFC 3862 §4.6); an NS without prefix sets the default. */
function resolveNames(lines: readonly string[]): readonly CpimHeader[] {
  const namespaces = new Map<string, string>();
  return lines.flatMap(splitHeader).flatMap(([label, value]) => {
    const declared = label === "NS" ? /^([^\s<]*)\s*<([^>]*)>$/.exec(value) : null;
    if (declared !== null) {
      namespaces.set(declared[1] ?? "", declared[2] ?? "");
      return [];
    }
    const dot = label.indexOf(".");
    const namespace = namespaces.get(dot < 0 ? "" : label.slice(0, dot));
    if (dot >= 0 && namespace === undefined) return [];
    return [{ namespace: namespace ?? "", name: label.slice(dot + 1), value: unescapeHeaderValue(value) }];
  });
}

const CORE = ["From", "To", "DateTime", "Subject"];

function messageOf(headers: readonly CpimHeader[]): Omit<CpimMessage, "contentHeaders" | "body"> {
  const values = (namespace: string, name: string): readonly string[] =>
    headers.filter((header) => header.namespace === namespace && header.name === name).map(({ value }) => value);
  const [from] = values("", "From");
  const dateTime = parseDateTime(values("", "DateTime")[0]);
  // The one without a language is the original (RFC 3862 §4.5).
  const subject = values("", "Subject").find((value) => !value.startsWith(";"));
  const [messageId] = values(IMDN_HEADERS, "Message-ID");
  const wishes = values(IMDN_HEADERS, "Disposition-Notification").flatMap((value) => value.split(/[\s,]+/));
  const isTaken = ({ namespace, name, value }: CpimHeader): boolean =>
    (namespace === "" && CORE.includes(name) && (name !== "Subject" || value === subject)) ||
    (namespace === IMDN_HEADERS && (name === "Message-ID" || name === "Disposition-Notification"));
  return {
    ...(from !== undefined && { from: addressOf(from) }),
    to: values("", "To").map(addressOf),
    ...(dateTime !== undefined && { dateTime }),
    ...(subject !== undefined && { subject }),
    ...(messageId !== undefined && { messageId }),
    dispositions: DISPOSITIONS.filter((known) => wishes.includes(known)),
    headers: headers.filter((header) => !isTaken(header)),
  };
}

/** `Formal Name <uri>`, the name with or without quotes, or a bare URI from peers who forget the brackets. */
function addressOf(value: string): CpimAddress {
  const open = value.lastIndexOf("<");
  if (open < 0 || !value.endsWith(">")) return { uri: value };
  const name = value
    .slice(0, open)
    .trim()
    .replace(/^"(.*)"$/s, "$1");
  return { uri: value.slice(open + 1, -1).trim(), ...(name !== "" && { name }) };
}

/** Writes an envelope. Line ends inside header values are escaped, so that no value can become a header. */
export function formatCpim(message: CpimMessage): Buffer {
  const { from, to, dateTime, subject, messageId, dispositions, headers, contentHeaders, body } = message;
  const date = formatDateTime(dateTime);
  const imdn = [
    ...(messageId === undefined ? [] : [`imdn.Message-ID: ${escapeHeaderValue(messageId)}`]),
    ...(dispositions.length === 0 ? [] : [`imdn.Disposition-Notification: ${dispositions.join(", ")}`]),
  ];
  const lines = [
    ...(from === undefined ? [] : [`From: ${formatAddress(from)}`]),
    ...to.map((address) => `To: ${formatAddress(address)}`),
    ...(date === undefined ? [] : [`DateTime: ${date}`]),
    ...(subject === undefined ? [] : [`Subject: ${escapeHeaderValue(subject)}`]),
    ...(imdn.length === 0 ? [] : [`NS: imdn <${IMDN_HEADERS}>`, ...imdn]),
    ...otherHeaders(headers),
    "",
    ...[...contentHeaders].map(([name, value]) => `${titleCase(name)}: ${value.replace(/[\r\n]+/g, " ")}`),
    "",
  ];
  return Buffer.concat([Buffer.from(lines.map((line) => `${line}\r\n`).join("")), body]);
}

/** Each foreign namespace is declared once under a prefix of our own. */
function otherHeaders(headers: readonly CpimHeader[]): readonly string[] {
  const prefixes = new Map<string, string>([
    ["", ""],
    [IMDN_HEADERS, "imdn"],
  ]);
  return headers.flatMap(({ namespace, name, value }) => {
    const declared = prefixes.get(namespace);
    const prefix = declared ?? `ns${prefixes.size - 1}`;
    prefixes.set(namespace, prefix);
    const label = prefix === "" ? name : `${prefix}.${name}`;
    // Parameters follow the colon at once (RFC 3862 §3.2).
    const line = `${label}:${value.startsWith(";") ? "" : " "}${escapeHeaderValue(value)}`;
    return declared === undefined ? [`NS: ${prefix} <${namespace}>`, line] : [line];
  });
}

function formatAddress({ name, uri }: CpimAddress): string {
  const address = `<${uri.replace(/[<>\s]/g, "")}>`;
  return name === undefined ? address : `${escapeHeaderValue(name.replace(/[<>"]/g, ""))} ${address}`;
}

function titleCase(name: string): string {
  return name.replace(/(?:^|-)[a-z]/g, (letters) => letters.toUpperCase());
}
