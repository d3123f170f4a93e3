/** What the console needs of a running office. */
import type { LogLine, OfficeAdministration } from "../../index.ts";

export interface ConsoleOffice {
  readonly administration: OfficeAdministration;
  readonly product: string;
  readonly fingerprint: string;
  readonly listening: readonly string[];
  /** ISO 8601. */
  readonly runningSince: string;
  people(): readonly { readonly address: string; readonly online: boolean }[];
  messagesWaiting(): number;
  problems(): Promise<
    readonly { readonly code: string; readonly verdict: "warning" | "wrong"; readonly text: string }[]
  >;
  lines(filter: { readonly level: "error" | "warn" | "info" | "debug"; readonly callId?: string }): readonly LogLine[];
  /** Tells of every request in the log for ten minutes. */
  sayMore(): void;
  /** Whether this is an administrator's password; slows down who guesses. */
  check(
    aor: string,
    password: string,
    source: string,
  ): { readonly kind: "proven" | "wrong" } | { readonly kind: "locked-out"; readonly seconds: number };
  /** Makes a backup in a file that the caller removes. Rejects with `StoreError`. */
  backup(): Promise<string>;
  /** What an administrator did, for the log; never with a secret. */
  note(text: string, fields: Readonly<Record<string, string>>): void;
}
