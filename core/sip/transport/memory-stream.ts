/** One end of a stream inside the process. */
import { Duplex } from "node:stream";
import type { Endpoint, StreamConnection, StreamHandlers, TlsPeer } from "./network.ts";

/** What happens to bytes between two ends. */
export interface Wire {
  /** Calls `arrive` after the time that bytes take now, in the order of the calls; never where the wire is dead. */
  carry(arrive: () => void): void;
  /** Cuts what is written into the pieces in which it arrives. */
  pieces(bytes: Buffer): readonly Buffer[];
  /** How many of these bytes still pass; fewer than asked for when the wire is cut in the middle of them. */
  passing(length: number): number;
}

export class MemoryStream implements StreamConnection {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly peer?: TlsPeer;
  readonly backlog = 0;
  other: MemoryStream | undefined;
  readonly #wire: Wire;
  readonly #ended: (stream: MemoryStream) => void;
  #handlers: StreamHandlers | undefined;
  #waiting: Buffer[] = [];
  #open = true;

  constructor(
    wire: Wire,
    ended: (stream: MemoryStream) => void,
    local: Endpoint,
    remote: Endpoint,
    peer: TlsPeer | undefined,
  ) {
    this.#wire = wire;
    this.#ended = ended;
    this.local = local;
    this.remote = remote;
    if (peer) this.peer = peer;
  }

  async write(bytes: Buffer): Promise<void> {
    if (!this.#open) throw new Error("the connection is closed");
    const passing = this.#wire.passing(bytes.length);
    for (const piece of this.#wire.pieces(Buffer.from(bytes.subarray(0, passing))))
      this.#wire.carry(() => this.other?.arrive(piece));
    if (passing === bytes.length) return;
    // Neither side hears of it before what passed has arrived.
    this.#wire.carry(() => {
      this.other?.drop(new Error("cut"));
      this.drop(new Error("cut"));
    });
  }

  start(handlers: StreamHandlers): void {
    this.#handlers = handlers;
    for (const chunk of this.#waiting.splice(0)) handlers.data(chunk);
    if (!this.#open) handlers.closed();
  }

  close(): void {
    const other = this.other;
    this.drop();
    this.#wire.carry(() => other?.drop());
  }

  finish(): void {
    this.close();
  }

  /** For HTTP and WebSockets, which want a stream of Node. */
  detach(read: Buffer): Duplex {
    const stream = new Duplex({
      read: () => undefined,
      write: (chunk: Buffer, _encoding, done) => void this.#pass(chunk, done),
      final: (done) => {
        this.close();
        done();
      },
      destroy: (error, done) => {
        this.close();
        done(error);
      },
    });
    if (read.length > 0) stream.push(read);
    this.start({ data: (chunk) => void stream.push(chunk), closed: (error) => void stream.destroy(error) });
    return stream;
  }

  async #pass(chunk: Buffer, done: (error?: Error) => void): Promise<void> {
    let failure: Error | undefined;
    try {
      await this.write(chunk);
    } catch (error) {
      failure = error instanceof Error ? error : new Error(String(error));
    }
    done(failure);
  }

  arrive(chunk: Buffer): void {
    if (!this.#open) return;
    if (this.#handlers) this.#handlers.data(chunk);
    else this.#waiting.push(chunk);
  }

  drop(error?: Error): void {
    if (!this.#open) return;
    this.#open = false;
    this.#ended(this);
    this.#handlers?.closed(error);
  }
}
