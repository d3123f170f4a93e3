/** Transactions as plain data, for people who look. */

export interface TransactionReport {
  readonly side: "client" | "server";
  readonly method: string;
  readonly branch: string;
  /** As RFC 3261's figures name it, in small letters. */
  readonly state: string;
  /** Milliseconds since it began. */
  readonly age: number;
}

interface Reported {
  readonly key: string;
  readonly state: string;
  readonly begunAt: number;
}

/** Method and branch stand in the key. */
export function reportOf(side: TransactionReport["side"], one: Reported, now: number): TransactionReport {
  const { key, state, begunAt } = one;
  const method = /[^ |]*$/.exec(key)?.[0] ?? "";
  return { side, method, branch: key.split("|", 1)[0] ?? "", state, age: Math.floor(now) - begunAt };
}
