/** Where a request goes: the outcome of locating a server. */
import type { TransportName } from "./flow.ts";

export interface Target {
  readonly transport: TransportName;
  /** An IP literal. */
  readonly address: string;
  /** Of the same name and the other family: for streams, tried too when the first takes long (RFC 8305 §5). */
  readonly alternative?: string;
  readonly port: number;
  /** The name whose certificate is expected on TLS. */
  readonly serverName: string;
  /** Where the request goes instead when this one takes no connections at all (RFC 3261 §18.1.1). */
  readonly otherwise?: Target;
}
