/** `/metrics` and `/health` over plain HTTP, on this computer alone. */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { isIP } from "node:net";
import type { Endpoint } from "../../sip/transport/network.ts";
import { formatEndpoint } from "../../sip/transport/network.ts";
import type { Problem } from "./health.ts";

export interface FiguresSettings {
  /** A loopback address; port 0 takes a free one. */
  readonly endpoint: Endpoint;
  metrics(): string;
  problems(): Promise<readonly Problem[]>;
}

export interface FiguresServer {
  /** `address:port` that was bound. */
  readonly at: string;
  close(): void;
}

/** Resolves when the port is bound, rejects with the system's error when it cannot be. */
export async function serveFigures(settings: FiguresSettings): Promise<FiguresServer> {
  const server: Server = createServer({ requestTimeout: 5_000 }, (request, response) => {
    respond(request, response, settings).catch(() => response.destroy());
  });
  const { address, port } = settings.endpoint;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, address, resolve);
  });
  const bound = server.address() as AddressInfo;
  return {
    at: formatEndpoint({ address: bound.address, port: bound.port }),
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function respond(request: IncomingMessage, response: ServerResponse, settings: FiguresSettings): Promise<void> {
  if (!isForUs(request)) return send(response, 403, "text/plain; charset=utf-8", "Ask for localhost.\n");
  if (request.method !== "GET" && request.method !== "HEAD") return send(response, 405, "text/plain", "");
  if (request.url === "/metrics")
    return send(response, 200, "text/plain; version=0.0.4; charset=utf-8", settings.metrics());
  if (request.url !== "/health") return send(response, 404, "text/plain; charset=utf-8", "See /metrics and /health.\n");
  const problems = await settings.problems();
  const wrong = problems.some(({ verdict }) => verdict === "wrong");
  const status = wrong ? "wrong" : problems.length > 0 ? "warning" : "good";
  send(response, wrong ? 503 : 200, "application/json", `${JSON.stringify({ status, problems })}\n`);
}

/** Pages of strangers that made a browser believe that their name is this computer's address (DNS rebinding) stay out. */
function isForUs({ headers }: IncomingMessage): boolean {
  const host = (headers.host ?? "").replace(/:\d+$/, "").replace(/^\[|\]$/g, "");
  return host === "localhost" || (isIP(host) !== 0 && (host === "::1" || host.startsWith("127.")));
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, {
    "Content-Type": type,
    "Content-Length": Buffer.byteLength(body),
    "Cache-Control": "no-store",
  });
  response.end(body);
}
