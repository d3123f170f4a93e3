/** What programs were seen to do, noted by the tests that saw it: `table.ts` makes the table in README.md of it. */
import { appendFileSync } from "node:fs";

/** Names the file that is written to; without it nothing is noted. */
export const SEEN_FILE = "HALLWAY_INTEROP_SEEN";

/** Columns of the table, in its order. */
export const DEEDS = [
  "OPTIONS",
  "registers",
  "watches",
  "publishes",
  "writes",
  "is written to",
  "calls",
  "is called",
] as const;
export type Deed = (typeof DEEDS)[number];

export interface Seen {
  /** A row of the table: the program, and what of ours it spoke with. */
  readonly program: string;
  readonly with: "our stack" | "our gateway" | "our client" | "our stacks";
  readonly did: readonly Deed[];
  readonly over: string;
  /** The digest algorithm by which it or we proved a password. */
  readonly digest?: string;
}

/** Notes what a test has just seen; called at its end, so that a failure notes nothing. */
export function seen(what: Seen): void {
  const file = process.env[SEEN_FILE];
  if (file !== undefined) appendFileSync(file, `${JSON.stringify(what)}\n`);
}
