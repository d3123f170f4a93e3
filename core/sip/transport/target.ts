/** Where a request goes: the outcome of locating a server. */
import type { TransportName } from "./flow.ts";

export interface Target {
  readonly transport: TransportName;
  /** An IP literal. */
  readonly address: string;
  readonly port: number;
  /** The name whose certificate is expected on TLS. */
  readonly serverName: string;
}
