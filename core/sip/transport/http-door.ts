/** HTTP on the ports of SIP: told apart by the first bytes, handed over, and handed back as WebSockets (RFC 7118). */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Admission } from "./admission.ts";
import { isSecure } from "./flow.ts";
import { closeWhenIdle } from "./idle.ts";
import { keepAlive } from "./keep-alive.ts";
import type { StreamConnection } from "./network.ts";
import type { TransportSettings } from "./settings.ts";
import { looksLikeHttp } from "./sniff.ts";
import type { StreamFlow } from "./stream-flow.ts";
import { WebSocketConnection, WebSocketDoor } from "./websocket.ts";

interface Accepted {
  readonly flow: StreamFlow;
  readonly connection: StreamConnection;
}

export class HttpDoor {
  readonly #settings: Pick<TransportSettings, "clock" | "isInUse" | "onHttp">;
  readonly #admission: Admission;
  /** Where streams came from that speak HTTP. */
  readonly #speakHttp = new WeakMap<Duplex, Accepted>();
  readonly #webSockets = new WebSocketDoor();

  constructor(settings: Pick<TransportSettings, "clock" | "isInUse" | "onHttp">, admission: Admission) {
    this.#settings = settings;
    this.#admission = admission;
  }

  /** Begins to read an accepted stream: its first bytes tell SIP from HTTP, so one port serves both. */
  open(flow: StreamFlow, connection: StreamConnection): void {
    let first = Buffer.alloc(0);
    let decided = false;
    connection.start({
      data: (chunk) => {
        if (decided) return flow.read(chunk);
        first = Buffer.concat([first, chunk]);
        const http = looksLikeHttp(first);
        if (http === undefined) return;
        decided = true;
        if (http) this.#handOver(flow, connection, first);
        else {
          this.#watch(flow);
          flow.read(first);
        }
      },
      closed: (error) => flow.lost(error),
    });
  }

  /** Makes a flow of a stream that was handed over and on which HTTP asks for a WebSocket. */
  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    const accepted = this.#speakHttp.get(stream);
    if (!accepted?.flow.open) {
      stream.destroy();
      return;
    }
    this.#webSockets.upgrade(request, stream, head, (socket) => {
      const transport = isSecure(accepted.flow.transport) ? "wss" : "ws";
      // Its place goes to the new flow within this turn.
      accepted.flow.lost();
      const connection = new WebSocketConnection(socket, stream, true, accepted.connection);
      const flow = this.#admission.admit(transport, connection);
      if (!flow) return;
      flow.start();
      keepAlive(flow, this.#settings.clock);
      this.#watch(flow);
    });
  }

  #watch(flow: StreamFlow): void {
    const { clock, isInUse } = this.#settings;
    if (isInUse) closeWhenIdle(flow, clock, isInUse);
  }

  #handOver(flow: StreamFlow, connection: StreamConnection, first: Buffer): void {
    const { onHttp } = this.#settings;
    if (!onHttp || !connection.detach) {
      flow.close();
      return;
    }
    const stream = connection.detach(first);
    stream.once("close", () => flow.lost());
    this.#speakHttp.set(stream, { flow, connection });
    onHttp(stream, flow.transport === "tls");
  }
}
