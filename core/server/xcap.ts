/** XCAP over HTTP (RFC 4825): people read and write their own documents and parts of them, with digest and entity tags. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { parseXml } from "../payload/xml.ts";
import { ATTRIBUTE_TYPE, ELEMENT_TYPE, putNode, readNode, removeNode } from "../payload/xcap-edit.ts";
import type { NodeSelector } from "../payload/xcap-selector.ts";
import { parseNodeSelector } from "../payload/xcap-selector.ts";
import { canonicalAddress } from "../sip/address.ts";
import type { Authentication } from "./authentication.ts";
import type { Change, Documents, Refusal } from "./documents.ts";
import { capabilities, checkDocument, documentFor, USAGES } from "./application-usages.ts";

/** The XCAP root: on the same host and port as SIP. */
export const XCAP_ROOT = "/xcap-root/";
const CAPABILITIES = `${XCAP_ROOT}xcap-caps/global/index`;
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
  /** The node inside the document; absent for the whole of it. */
  readonly node?: NodeSelector;
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
  if (request.url === CAPABILITIES) return serveCapabilities(request, response);
  const selector = parseSelector(request.url ?? "");
  if (!selector) return answer(response, 404);
  const method = request.method ?? "";
  // Bindings are there to be read alone (RFC 4825 §8.2 and §8.3).
  const methods = selector.node?.terminal?.kind === "namespaces" ? ["GET", "HEAD"] : ["GET", "HEAD", "PUT", "DELETE"];
  if (!methods.includes(method)) return answer(response, 405, { Allow: methods.join(", ") });
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

/** What this server can do is no secret (RFC 4825 §12). */
function serveCapabilities(request: IncomingMessage, response: ServerResponse): void {
  if (request.method !== "GET" && request.method !== "HEAD") return answer(response, 405, { Allow: "GET, HEAD" });
  answer(response, 200, { "Content-Type": "application/xcap-caps+xml" }, capabilities());
}

/** GET and HEAD; Node leaves the body of the answer to a HEAD out. */
function get(response: ServerResponse, { application, aor, name, node }: Selector, documents: Documents): void {
  const document = documents.get(aor, application, name);
  const content = document && node ? readNode(document.body, node) : document;
  if (!document || !content) return answer(response, 404);
  answer(response, 200, { ETag: `"${document.etag}"`, "Content-Type": content.contentType }, content.body);
}

async function put(
  request: IncomingMessage,
  response: ServerResponse,
  selector: Selector,
  documents: Documents,
): Promise<void> {
  const { application, aor, name, node } = selector;
  const usage = USAGES[application];
  const wanted = node ? (node.terminal ? ATTRIBUTE_TYPE : ELEMENT_TYPE) : usage?.contentType;
  if ((request.headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase() !== wanted)
    return answer(response, 415);
  const bytes = await readBody(request);
  if (bytes === undefined) return answer(response, 413, { Connection: "close" });
  const body = utf8(bytes);
  if (body === undefined) return conflict(response, { kind: "not-utf-8" }, selector);
  const document = { aor, application, name, contentType: usage?.contentType ?? "" };
  const outcome = await documents.change(document, (old) => {
    if (!matches(request, old?.etag)) return { refused: "precondition" };
    if (!node) return checked(application, body, old === undefined);
    if (!old) return { refused: { kind: "no-parent" } };
    const edit = putNode(old.body, node, node.terminal ? body : body.trim());
    return edit.ok ? checked(application, edit.value.document, edit.value.created) : { refused: edit.error };
  });
  if ("etag" in outcome) answer(response, outcome.created ? 201 : 200, { ETag: `"${outcome.etag}"` });
  else refuse(response, outcome.refused, selector);
}

function refuse(response: ServerResponse, why: Refusal | "precondition" | "absent", selector: Selector): void {
  if (why === "absent") answer(response, 404);
  else if (why === "precondition") answer(response, 412);
  else conflict(response, why, selector);
}

/** A document as it would be stored, or why it cannot be (RFC 4825 §8.2.2 and §8.2.5). */
function checked(application: string, body: string, created: boolean): Change {
  const parsed = parseXml(body);
  if (!parsed.ok) return { refused: { kind: "not-well-formed" } };
  const wrong = checkDocument(application, parsed.value);
  return wrong ? { refused: wrong } : { body, created };
}

async function remove(
  request: IncomingMessage,
  response: ServerResponse,
  selector: Selector,
  documents: Documents,
): Promise<void> {
  const { application, aor, name, node } = selector;
  if (!node) {
    const outcome = await documents.remove(aor, application, name, (etag) => matches(request, etag));
    return answer(response, { removed: 200, absent: 404, changed: 412 }[outcome]);
  }
  const document = { aor, application, name, contentType: USAGES[application]?.contentType ?? "" };
  const outcome = await documents.change(document, (old) => {
    const left = old && removeNode(old.body, node);
    if (!left) return { refused: "absent" };
    if (!matches(request, old?.etag)) return { refused: "precondition" };
    return left.ok ? checked(application, left.value, false) : { refused: left.error };
  });
  if ("etag" in outcome) answer(response, 200, { ETag: `"${outcome.etag}"` });
  else refuse(response, outcome.refused, selector);
}

/**
 * `/xcap-root/AUID/users/XUI/NAME`, and behind `/~~/` a node selector with the bindings of its prefixes in the query. A
 * path that climbs names nothing: each part is taken as it stands and none may hold a slash.
 */
function parseSelector(url: string): Selector | undefined {
  const [path = "", query = ""] = url.split("?", 2);
  if (!path.startsWith(XCAP_ROOT)) return undefined;
  const [document = "", ...nodes] = path.slice(XCAP_ROOT.length).split("/~~/");
  const parts = document.split("/");
  const [auid = "", tree, user, file = ""] = parts;
  if (parts.length !== 4 || tree !== "users" || user === undefined || nodes.length > 1) return undefined;
  const aor = canonicalAddress(decoded(user) ?? "");
  const named = documentFor(auid, file);
  if (aor === undefined || !named || !/^(?!\.+$)[\w.-]{1,64}$/.test(file)) return undefined;
  const [selected] = nodes;
  if (selected === undefined) return { ...named, aor };
  const namespace = USAGES[named.application]?.namespace ?? "";
  const node = parseNodeSelector(decoded(selected) ?? "", decoded(query) ?? "", namespace);
  return node && { ...named, aor, node };
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

function utf8(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** RFC 4825 §11: says why a document cannot be stored. */
function conflict(response: ServerResponse, why: Refusal, { application, aor, name }: Selector): void {
  const phrase = "phrase" in why ? ` phrase="${escaped(why.phrase)}"` : "";
  const inside =
    why.kind === "uniqueness-failure"
      ? `<exists field="${escaped(why.field)}"/>`
      : why.kind === "no-parent"
        ? `<ancestor>${escaped(`${XCAP_ROOT}${application}/users/${aor}/${name}`)}</ancestor>`
        : "";
  const error = `<${why.kind}${phrase}>${inside}</${why.kind}>`.replace(
    /><\/[a-z0-9-]+>$/,
    inside === "" ? "/>" : "$&",
  );
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<xcap-error xmlns="urn:ietf:params:xml:ns:xcap-error">${error}</xcap-error>`;
  answer(response, 409, { "Content-Type": "application/xcap-error+xml" }, body);
}

function escaped(text: string): string {
  return text.replace(/[&<"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
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
