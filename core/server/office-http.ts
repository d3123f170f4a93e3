/**
 * What people ask of their office beside SIP, over HTTP on the same port: redeeming an invitation, a new password, their
 * own devices, and the office list. Who asks is proven by digest; secrets pass over TLS only, or inside this computer.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { canonicalAddress } from "../sip/address.ts";
import { parseCredentials } from "../sip/digest.ts";
import { StoreError } from "../store/errors.ts";
import type { DigestSecrets, GatewayStore } from "../store/store.ts";
import { setSecrets } from "./accounts.ts";
import type { Authentication } from "./authentication.ts";
import type { Devices } from "./devices.ts";
import { DIRECTORY, directoryDocument } from "./directory.ts";
import type { Redemption } from "./invitations.ts";
import type { LockOut } from "./lock-out.ts";
import type { GatewaySettings } from "./settings.ts";
import { XCAP_ROOT } from "./xcap.ts";

const ROOT = "/office/";
const DIRECTORY_PATH = `${XCAP_ROOT}${DIRECTORY.application}/global/${DIRECTORY.name}`;
/** Largest body of a request in bytes. */
export const MAX_OFFICE_BODY = 4_096;
/** Hexadecimal digits of each algorithm's secret. */
const SECRET_DIGITS = { MD5: 32, "SHA-256": 64, "SHA-512-256": 64 } as const;

export interface OfficeHttpSettings {
  readonly authentication: Authentication;
  readonly settings: GatewaySettings;
  readonly store: GatewayStore;
  readonly devices: Devices;
  redeem(address: string, secret: string, secrets: DigestSecrets): Promise<Redemption>;
  /** Slows down who guesses invitations. */
  readonly lockOut: LockOut;
  /** Whether nobody on the way can read what this request says. */
  isConfidential(request: IncomingMessage): boolean;
}

/** A refusal with a word for programs. */
class Refusal extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string) {
    super(code);
    this.status = status;
    this.code = code;
  }
}

/** Whether the request is for this file. */
export function isForOffice(request: IncomingMessage): boolean {
  const path = pathOf(request);
  return path.startsWith(ROOT) || path === DIRECTORY_PATH;
}

/** Answers one HTTP request. Never rejects. */
export async function serveOffice(
  request: IncomingMessage,
  response: ServerResponse,
  settings: OfficeHttpSettings,
): Promise<void> {
  try {
    await serve(request, response, settings);
  } catch (error) {
    if (response.headersSent) response.destroy();
    else if (error instanceof Refusal) answer(response, error.status, { code: error.code });
    else if (error instanceof StoreError) answer(response, 404, { code: error.code });
    else answer(response, 500, { code: "internal" });
  }
}

async function serve(request: IncomingMessage, response: ServerResponse, settings: OfficeHttpSettings): Promise<void> {
  const path = pathOf(request);
  const device = /^devices\/([0-9a-f]{1,64})$/.exec(path.slice(ROOT.length))?.[1];
  switch (`${request.method} ${device === undefined ? path : `${ROOT}devices/…`}`) {
    case `POST ${ROOT}invitation`:
      return redeem(request, response, settings);
    case `PUT ${ROOT}password`:
      return setPassword(request, response, settings);
    case `GET ${ROOT}devices`: {
      const aor = prove(request, response, settings);
      if (aor !== undefined) answer(response, 200, settings.devices.list(aor));
      return;
    }
    case `DELETE ${ROOT}devices/…`: {
      const aor = prove(request, response, settings);
      if (aor === undefined) return;
      await settings.devices.signOut(aor, device ?? "");
      return answer(response, 204);
    }
    case `GET ${DIRECTORY_PATH}`:
    case `HEAD ${DIRECTORY_PATH}`:
      return directory(request, response, settings);
    default:
      // Nobody writes the office list: it follows the accounts.
      return answer(response, path === DIRECTORY_PATH ? 405 : 404, { code: "no-such-resource" });
  }
}

async function redeem(request: IncomingMessage, response: ServerResponse, settings: OfficeHttpSettings): Promise<void> {
  needsConfidence(request, settings);
  const source = sourceOf(request);
  const wait = settings.lockOut.remaining("invitation", source);
  if (wait > 0) return answer(response, 429, { code: "too-many-tries" }, { "Retry-After": String(wait) });
  const body = await readJson(request);
  const { address, secret } = body;
  if (typeof address !== "string" || typeof secret !== "string") throw new Refusal(400, "bad-body");
  const outcome = await settings.redeem(address, secret, secretsOf(body));
  if (outcome === "unknown") settings.lockOut.failed("invitation", source);
  if (outcome !== "accepted") throw new Refusal(outcome === "unknown" ? 404 : 410, `invitation-${outcome}`);
  answer(response, 204);
}

async function setPassword(
  request: IncomingMessage,
  response: ServerResponse,
  settings: OfficeHttpSettings,
): Promise<void> {
  needsConfidence(request, settings);
  const aor = prove(request, response, settings);
  if (aor === undefined) return;
  const body = await readJson(request);
  const secrets = secretsOf(body);
  await settings.store.durably(() => setSecrets(settings.store.accounts, aor, secrets));
  answer(response, 204);
  const { instance } = body;
  settings.devices.endAll(aor, typeof instance === "string" ? instance : undefined);
}

/** RFC 4825 §6.2 for reading; `If-None-Match` spares whoever has the list already. */
function directory(request: IncomingMessage, response: ServerResponse, settings: OfficeHttpSettings): void {
  if (prove(request, response, settings) === undefined) return;
  const { etag, contentType, body } = directoryDocument(settings.store.accounts);
  const headers = { ETag: `"${etag}"`, "Content-Type": contentType };
  const known = (request.headers["if-none-match"] ?? "").split(",").some((tag) => tag.trim() === `"${etag}"`);
  response.writeHead(known ? 304 : 200, { ...headers, ...(!known && { "Content-Length": Buffer.byteLength(body) }) });
  response.end(known ? undefined : body);
}

/** Who asks, proven by digest; answers the request itself when they are not. */
function prove(request: IncomingMessage, response: ServerResponse, settings: OfficeHttpSettings): string | undefined {
  const { authorization } = request.headers;
  const verdict = settings.authentication.check({
    method: request.method ?? "",
    aor: claimedBy(request, settings.settings),
    credentials: authorization === undefined ? [] : [authorization],
    source: sourceOf(request),
  });
  if (verdict.kind === "proven" && settings.store.accounts.get(verdict.aor)) return verdict.aor;
  if (verdict.kind === "challenge")
    answer(response, 401, { code: "wrong-password" }, { "WWW-Authenticate": [...verdict.challenges] });
  else answer(response, 403, { code: "refused" });
  return undefined;
}

/** No address stands in the path: it follows from the credentials, and before those the host says which domain is meant. */
function claimedBy(request: IncomingMessage, settings: GatewaySettings): string {
  const host = (request.headers.host ?? "").replace(/:\d+$/, "").toLowerCase();
  const domain = settings.isOwnDomain(host) ? host : settings.domain;
  const given = parseCredentials(request.headers.authorization ?? "");
  const username = given?.username ?? "";
  return (
    canonicalAddress(username.includes("@") ? username : `${username}@${given?.realm ?? domain}`) ?? `sip:@${domain}`
  );
}

function needsConfidence(request: IncomingMessage, settings: OfficeHttpSettings): void {
  if (!settings.isConfidential(request)) throw new Refusal(403, "not-confidential");
}

/** The secrets of a new password: one for each algorithm, so that none of the old password's stays behind. */
function secretsOf(body: Readonly<Record<string, unknown>>): DigestSecrets {
  const given = body["secrets"];
  if (typeof given !== "object" || given === null) throw new Refusal(400, "bad-body");
  const entries = Object.entries(SECRET_DIGITS).map(([algorithm, digits]) => {
    const value = (given as Readonly<Record<string, unknown>>)[algorithm];
    if (typeof value !== "string" || value.length !== digits || !/^[0-9a-f]+$/.test(value))
      throw new Refusal(400, "bad-body");
    return [algorithm, value];
  });
  return Object.fromEntries(entries) as DigestSecrets;
}

async function readJson(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk as Uint8Array);
    size += bytes.length;
    if (size > MAX_OFFICE_BODY) throw new Refusal(413, "too-large");
    chunks.push(bytes);
  }
  try {
    const parsed: unknown = JSON.parse(Buffer.concat(chunks).toString("utf8"));
    if (typeof parsed === "object" && parsed !== null) return parsed as Readonly<Record<string, unknown>>;
  } catch {
    // Answered below like any other body that is no object.
  }
  throw new Refusal(400, "bad-body");
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? "").split("?")[0] ?? "";
}

function sourceOf(request: IncomingMessage): string {
  return (request.socket.remoteAddress ?? "").replace(/^::ffff:/, "");
}

function answer(
  response: ServerResponse,
  status: number,
  value?: unknown,
  headers: Record<string, string | string[]> = {},
): void {
  const body = value === undefined ? "" : JSON.stringify(value);
  const type = value === undefined ? {} : { "Content-Type": "application/json" };
  response.writeHead(status, {
    ...headers,
    ...type,
    ...(status !== 204 && { "Content-Length": Buffer.byteLength(body) }),
    // What is left of a body that was refused is not read as a request of its own.
    ...(status === 413 && { Connection: "close" }),
  });
  response.end(body);
}
