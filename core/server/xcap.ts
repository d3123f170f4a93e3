/** XCAP over HTTP (RFC 4825), whole documents: people read and write their own, with digest and entity tags. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { parseXml } from "../payload/xml.ts";
import { canonicalAddress } from "../sip/address.ts";
import type { Authentication } from "./authentication.ts";
import type { Documents } from "./documents.ts";
import { APPLICATIONS } from "./documents.ts";

/** The XCAP root: on the same host and port as SIP. */
export const XCAP_ROOT = "/xcap-root/";
/** Largest document in bytes. */
export const MAX_DOCUMENT = 256 * 1024;

export interface XcapSettings {
  readonly authentication: Authentication;
  readonly documents: Documents;
}

interface Selector {
  readonly application: string;
  readonly aor: string;
  readonly name: string;
}

/** Answers one HTTP request. Never rejects. */
export async function serveXcap(
  request: IncomingMessage,
  response: ServerResponse,
  settings: XcapSettings,
): Promise<void> {
  try {
    await serve(request, response, settings);
  } catch {
    if (!response.headersSent) answer(response, 500);
    else response.destroy();
  }
}

async function serve(request: IncomingMessage, response: ServerResponse, settings: XcapSettings): Promise<void> {
  const selector = parseSelector(request.url ?? "");
  if (!selector) return answer(response, 404);
  const method = request.method ?? "";
  if (!["GET", "HEAD", "PUT", "DELETE"].includes(method))
    return answer(response, 405, { Allow: "GET, HEAD, PUT, DELETE" });
  const verdict = settings.authentication.check({
    method,
    aor: selector.aor,
    credentials: request.headers.authorization === undefined ? [] : [request.headers.authorization],
    source: (request.socket.remoteAddress ?? "").replace(/^::ffff:/, ""),
  });
  if (verdict.kind === "challenge") return answer(response, 401, { "WWW-Authenticate": [...verdict.challenges] });
  if (verdict.kind === "refused") return answer(response, 403);
  if (method === "PUT") await put(request, response, selector, settings.documents);
  else if (method === "DELETE") await remove(request, response, selector, settings.documents);
  else get(response, selector, settings.documents);
}

/** GET and HEAD; Node leaves the body of the answer to a HEAD out. */
function get(response: ServerResponse, { application, aor, name }: Selector, documents: Documents): void {
  const document = documents.get(aor, application, name);
  if (!document) return answer(response, 404);
  answer(response, 200, { ETag: `"${document.etag}"`, "Content-Type": document.contentType }, document.body);
}

async function put(
  request: IncomingMessage,
  response: ServerResponse,
  { application, aor, name }: Selector,
  documents: Documents,
): Promise<void> {
  const contentType = APPLICATIONS[application] ?? "";
  if ((request.headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase() !== contentType)
    return answer(response, 415);
  const body = await readBody(request);
  if (body === undefined) return answer(response, 413, { Connection: "close" });
  if (!parseXml(body).ok) return conflict(response, "<not-well-formed/>");
  const document = { aor, application, name, contentType, body: body.toString("utf8") };
  const stored = await documents.put(document, (etag) => matches(request, etag));
  if (stored) answer(response, stored.replaced ? 200 : 201, { ETag: `"${stored.etag}"` });
  else answer(response, 412);
}

async function remove(
  request: IncomingMessage,
  response: ServerResponse,
  { application, aor, name }: Selector,
  documents: Documents,
): Promise<void> {
  const outcome = await documents.remove(aor, application, name, (etag) => matches(request, etag));
  answer(response, { removed: 200, absent: 404, changed: 412 }[outcome]);
}

/** `/xcap-root/AUID/users/XUI/NAME`; node selectors are not served. */
function parseSelector(url: string): Selector | undefined {
  const path = url.split("?")[0] ?? "";
  if (!path.startsWith(XCAP_ROOT)) return undefined;
  const parts = path.slice(XCAP_ROOT.length).split("/");
  const [application, tree, user, name] = parts;
  if (parts.length !== 4 || tree !== "users" || user === undefined || application === undefined) return undefined;
  const aor = canonicalAddress(decoded(user) ?? "");
  if (aor === undefined || !Object.hasOwn(APPLICATIONS, application)) return undefined;
  return name !== undefined && /^[\w.-]{1,64}$/.test(name) ? { application, aor, name } : undefined;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** Conditional requests (RFC 4825 §7.11): nobody overwrites what they have not seen. */
function matches(request: IncomingMessage, etag: string | undefined): boolean {
  const wanted = request.headers["if-match"];
  const unwanted = request.headers["if-none-match"];
  const tag = etag === undefined ? undefined : `"${etag}"`;
  if (wanted !== undefined && (tag === undefined || (wanted !== "*" && !tags(wanted).includes(tag)))) return false;
  return unwanted === undefined || tag === undefined || (unwanted !== "*" && !tags(unwanted).includes(tag));
}

function tags(value: string): readonly string[] {
  return value.split(",").map((tag) => tag.trim());
}

async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk as Uint8Array);
    size += bytes.length;
    if (size > MAX_DOCUMENT) return undefined;
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

/** RFC 4825 §11: says why a document cannot be stored. */
function conflict(response: ServerResponse, error: string): void {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<xcap-error xmlns="urn:ietf:params:xml:ns:xcap-error">${error}</xcap-error>`;
  answer(response, 409, { "Content-Type": "application/xcap-error+xml" }, body);
}

function answer(
  response: ServerResponse,
  status: number,
  headers: Record<string, string | string[]> = {},
  body = "",
): void {
  response.writeHead(status, { ...headers, "Content-Length": Buffer.byteLength(body) });
  response.end(body);
}
