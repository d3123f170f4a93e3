/** The browser host: the window served on loopback, and the bridge over one WebSocket for each tab. */
import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";
import type { WebSocket } from "ws";
import type { ServedBridge } from "../index.ts";
import { PAGE_HEADERS, readPage, withBridge } from "./pages.ts";
import { Tokens } from "./tokens.ts";

/** Largest message that a page may send, in bytes: a long text and its frame. */
export const MAX_MESSAGE = 256 * 1024;
/** Calls of one tab that may wait for their answer. */
export const MAX_CALLS = 200;
/** Bytes that may wait for a tab that does not read. */
const MAX_BACKLOG = 8 * 1024 * 1024;
const PROTOCOL = "hallway";

export interface WebHostSettings {
  readonly bridge: ServedBridge;
  /** The built window: `index.html` and its files, and `page-bridge.js`. */
  readonly folder: string;
  /** Names this instance among those on the same machine: cookies do not tell ports apart. */
  readonly instance: string;
  readonly port?: number;
}

export interface WebHost {
  readonly origin: string;
  /** An address that opens one tab, once, within a minute. */
  openingAddress(): string;
  close(): void;
}

/** Serves on 127.0.0.1; resolves when the port is bound. */
export async function startWebHost(settings: WebHostSettings): Promise<WebHost> {
  const tokens = new Tokens({ random: () => randomBytes(24).toString("base64url"), now: () => performance.now() });
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(settings.port ?? 0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  const host = `127.0.0.1:${port}`;
  const gate = new Gate(host, `hallway-${settings.instance}`, tokens);
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    void respond(request, response, settings.folder, gate);
  });
  const sockets = acceptSockets(server, gate, settings.bridge);
  return {
    origin: `http://${host}`,
    openingAddress: () => `http://${host}/open?token=${tokens.opening()}`,
    close() {
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
      server.close();
      server.closeAllConnections();
    },
  };
}

/** The three questions asked of everything that comes: for us, from us, and with our cookie? */
class Gate {
  readonly tokens: Tokens;
  readonly #host: string;
  readonly #cookieName: string;

  constructor(host: string, cookieName: string, tokens: Tokens) {
    this.#host = host;
    this.#cookieName = cookieName;
    this.tokens = tokens;
  }

  /** A page that was made to believe that our address is another name (DNS rebinding) sends that name here. */
  isForUs({ headers }: IncomingMessage): boolean {
    return headers.host === this.#host;
  }

  isFromUs({ headers }: IncomingMessage): boolean {
    return headers.origin === `http://${this.#host}`;
  }

  hasCookie({ headers }: IncomingMessage): boolean {
    const cookies = (headers.cookie ?? "").split(";").map((one) => one.trim());
    const own = cookies.find((one) => one.startsWith(`${this.#cookieName}=`));
    return own !== undefined && this.tokens.isCookie(own.slice(this.#cookieName.length + 1));
  }

  get setCookie(): string {
    return `${this.#cookieName}=${this.tokens.cookie}; Path=/; HttpOnly; SameSite=Strict`;
  }
}

async function respond(request: IncomingMessage, response: ServerResponse, folder: string, gate: Gate): Promise<void> {
  if (!gate.isForUs(request) || (request.method !== "GET" && request.method !== "HEAD"))
    return send(response, 403, "text/plain", "");
  // Not as a URL: what strangers ask for need not be one.
  const [wanted = "/", query = ""] = (request.url ?? "/").split("?", 2);
  if (wanted === "/open") return open(response, new URLSearchParams(query).get("token") ?? "", gate);
  if (!gate.hasCookie(request)) return send(response, 403, "text/html; charset=utf-8", CLOSED_DOOR);
  const path = wanted === "/" ? "/index.html" : wanted;
  const page = await readPage(folder, path);
  if (!page) return send(response, 404, "text/plain", "");
  send(response, 200, page.type, path === "/index.html" ? withBridge(page.body.toString("utf8")) : page.body);
}

/** The first page of a tab: sets the cookie, then goes to the window with the tab's secret behind the #. */
function open(response: ServerResponse, token: string, gate: Gate): void {
  const secret = gate.tokens.redeem(token);
  if (secret === undefined) return send(response, 403, "text/html; charset=utf-8", CLOSED_DOOR);
  response.setHeader("Set-Cookie", gate.setCookie);
  // A page of ours must make the next step: a redirect would still count as coming from outside, without the cookie.
  const next = `<!doctype html>${NO_ICON}<meta charset="utf-8"><meta http-equiv="refresh" content="0;url=/#${secret}"><title>Hallway</title>`;
  send(response, 200, "text/html; charset=utf-8", next);
}

/** A page that names no icon is asked for one. */
const NO_ICON = '<link rel="icon" href="data:,">';

const CLOSED_DOOR = `<!doctype html><html lang="en">${NO_ICON}<meta charset="utf-8"><title>Hallway</title>
<h1>This address is not open</h1><p>Each opening address works once and for one minute. Start Hallway again to get a new one.</p>
<p lang="de">Jede Adresse zum Öffnen gilt einmal und eine Minute lang. Starte Hallway noch einmal, um eine neue zu bekommen.</p></html>`;

function send(response: ServerResponse, status: number, type: string, body: string | Buffer): void {
  response.writeHead(status, { ...PAGE_HEADERS, "Content-Type": type, "Content-Length": Buffer.byteLength(body) });
  response.end(body);
}

function acceptSockets(server: Server, gate: Gate, bridge: ServedBridge): WebSocketServer {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE,
    perMessageDeflate: false,
    handleProtocols: () => PROTOCOL,
  });
  server.on("upgrade", (request, socket, head) => {
    const [protocol, secret] = (request.headers["sec-websocket-protocol"] ?? "").split(",").map((one) => one.trim());
    const allowed =
      request.url === "/bridge" &&
      gate.isForUs(request) &&
      gate.isFromUs(request) &&
      gate.hasCookie(request) &&
      protocol === PROTOCOL &&
      gate.tokens.isTab(secret ?? "");
    if (!allowed) {
      socket.end("HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
      return;
    }
    sockets.handleUpgrade(request, socket, head, (connected) => serveTab(connected, bridge));
  });
  return sockets;
}

/** One tab: calls in, answers and events out. */
function serveTab(socket: WebSocket, bridge: ServedBridge): void {
  let calls = 0;
  const write = (value: unknown): void => {
    if (socket.bufferedAmount > MAX_BACKLOG) socket.terminate();
    else socket.send(JSON.stringify(value));
  };
  const unsubscribe = bridge.subscribe(write);
  socket.on("close", unsubscribe);
  socket.on("error", () => socket.terminate());
  socket.on("message", (data, isBinary) => {
    const call = isBinary ? undefined : readCall((data as Buffer).toString("utf8"));
    if (!call || calls >= MAX_CALLS) return socket.close(1008);
    calls++;
    void bridge.call("owner", call.command, call.args).then((answer) => {
      calls--;
      if (socket.readyState === socket.OPEN) write({ id: call.id, answer });
    });
  });
}

function readCall(text: string): { id: number; command: unknown; args: unknown } | undefined {
  try {
    const { id, command, args } = JSON.parse(text) as Record<string, unknown>;
    return typeof id === "number" ? { id, command, args } : undefined;
  } catch {
    return undefined;
  }
}
