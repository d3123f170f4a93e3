/** HTTP on the ports of SIP: people's documents, what they do to their own account, and the way into WebSockets. */
import type { IncomingMessage, Server } from "node:http";
import { createServer } from "node:http";
import type { Duplex } from "node:stream";
import type { Clock } from "../platform/clock.ts";
import { asksForWebSocket } from "../sip/transport/websocket.ts";
import type { GatewayStore } from "../store/store.ts";
import type { Authentication } from "./authentication.ts";
import type { Devices } from "./devices.ts";
import type { Documents } from "./documents.ts";
import { redeemInvitation } from "./invitations.ts";
import { LockOut } from "./lock-out.ts";
import type { OfficeHttpSettings } from "./office-http.ts";
import { isForOffice, serveOffice } from "./office-http.ts";
import type { GatewaySettings } from "./settings.ts";
import { serveXcap } from "./xcap.ts";

/** Milliseconds that a request may take to arrive whole. */
const REQUEST_TIMEOUT = 15_000;

export interface HttpSettings {
  readonly clock: Clock;
  readonly store: GatewayStore;
  readonly settings: GatewaySettings;
  readonly authentication: Authentication;
  readonly documents: Documents;
  readonly devices: Devices;
  /** Seconds for which this address is to wait; 0 when it is welcome. */
  secondsToWait(address: string): number;
  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void;
}

export class OfficeHttp {
  readonly #server: Server;
  readonly #secureStreams = new WeakSet<Duplex>();

  constructor(parts: HttpSettings) {
    const { store, clock } = parts;
    const office: OfficeHttpSettings = {
      ...parts,
      redeem: (address, secret, secrets) => redeemInvitation({ store, clock }, address, secret, secrets),
      lockOut: new LockOut(clock),
      isConfidential: ({ socket }) => this.#secureStreams.has(socket) || isLoopback(socket.remoteAddress),
    };
    const options = { requestTimeout: REQUEST_TIMEOUT, shouldUpgradeCallback: asksForWebSocket };
    this.#server = createServer(options, (request, response) => {
      const seconds = parts.secondsToWait(request.socket.remoteAddress ?? "");
      if (seconds > 0) response.writeHead(503, { "Retry-After": seconds }).end();
      else if (isForOffice(request)) void serveOffice(request, response, office);
      else void serveXcap(request, response, parts);
    });
    this.#server.on("upgrade", (request, stream, head) => parts.upgrade(request, stream, head));
  }

  /** Takes a stream on which HTTP is spoken. */
  take(stream: Duplex, secure: boolean): void {
    if (secure) this.#secureStreams.add(stream);
    this.#server.emit("connection", stream);
  }

  close(): void {
    this.#server.closeAllConnections();
  }
}

function isLoopback(address = ""): boolean {
  return /^(?:::ffff:)?127\.|^::1$/.test(address);
}
