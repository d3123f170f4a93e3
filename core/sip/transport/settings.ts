/** What the transport layer is given from outside. */
import type { Duplex } from "node:stream";
import type { Clock } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import type { Random } from "../../platform/random.ts";
import type { SipError } from "../message/error.ts";
import type { Flow } from "./flow.ts";
import type { Network, TlsIdentity } from "./network.ts";
import type { TraceEntry } from "./trace.ts";

export interface TransportSettings {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly network: Network;
  /** What TLS listeners show, and what is shown when a server asks for a certificate. */
  readonly identity?: TlsIdentity;
  /** Shown instead to clients that ask for one of these names (SNI), a domain's for each domain that is served. */
  readonly identities?: ReadonlyMap<string, TlsIdentity>;
  /** Judges a server's certificate before the first byte leaves. Without it no TLS connection is opened. */
  readonly verifyServer?: (chain: readonly Buffer[], serverName: string) => SipError | undefined;
  /** Bytes that the paths to all peers carry in one piece, where that is known; it decides what leaves by UDP. */
  readonly pathMtu?: number;
  /**
   * Whether something lives on an inbound stream that has been idle for `IDLE_TIMEOUT`: a binding, a subscription, a
   * dialog. Where it says no the stream is closed; where it is absent none is, since nobody knows.
   */
  readonly isInUse?: (flow: Flow) => boolean;
  /** Takes over streams that speak HTTP; hands them back to `upgrade`. They are closed where this is absent. */
  readonly onHttp?: (stream: Duplex, secure: boolean) => void;
  /**
   * Sees every message in and out, whatever it says: whoever shows entries to anybody shows them `redacted`. Called in
   * the middle of the work, so it returns soon and never throws.
   */
  readonly trace?: (entry: TraceEntry) => void;
  /** Hears of what never becomes a message for the layer above; returns soon and never throws. */
  readonly observer?: TransportObserver;
}

export interface TransportObserver {
  /** A TLS handshake of somebody who connected failed. */
  handshakeFailed?(): void;
  /** A connection was refused because too many are open. */
  connectionRefused?(): void;
  /** What came could not be read as SIP, or broke its rules. */
  malformed?(): void;
}
