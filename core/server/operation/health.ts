/** What is wrong with a running office, in whole sentences that say what to do next. Pure. */
import type { DiskSpace } from "../../platform/machine.ts";

/** Milliseconds before the end of the certificate at which somebody should know. */
export const CERTIFICATE_WARNING = 14 * 86_400_000;
/** Bytes below which the disk is nearly full, and below which messages will soon be lost. */
export const DISK_WARNING = 500_000_000;
export const DISK_WRONG = 50_000_000;
/** Milliseconds for which a jump of the clock is told. */
export const JUMP_TOLD = 3_600_000;

export interface Problem {
  /** For programs; stays the same. */
  readonly code: "certificate" | "disk" | "listener" | "store" | "clock";
  readonly verdict: "warning" | "wrong";
  readonly text: string;
}

export interface Facts {
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly certificateEnds: number;
  readonly disk?: DiskSpace | undefined;
  /** Listeners that the system took away, as `transport:address:port`. */
  readonly lostListeners: readonly string[];
  /** Why the last change could not be written; absent while all is well. */
  readonly storeFault?: string | undefined;
  /** The last jump of the wall clock in milliseconds, forward or back, and when it was noticed. */
  readonly jump?: { readonly by: number; readonly at: number } | undefined;
}

export function problemsOf(facts: Facts): readonly Problem[] {
  return [
    ...certificateProblems(facts),
    ...diskProblems(facts.disk),
    ...facts.lostListeners.map((name): Problem => ({
      code: "listener",
      verdict: "wrong",
      text: `Nothing listens on ${name} any more. Restart the gateway.`,
    })),
    ...(facts.storeFault === undefined ? [] : [storeProblem(facts.storeFault)]),
    ...clockProblems(facts),
  ];
}

function certificateProblems({ certificateEnds, now }: Facts): readonly Problem[] {
  const left = certificateEnds - now;
  if (left > CERTIFICATE_WARNING) return [];
  if (left <= 0) {
    const text =
      "The office's certificate has ended, and nobody can sign in over TLS. Restart the gateway: it makes a new one.";
    return [{ code: "certificate", verdict: "wrong", text }];
  }
  const days = Math.floor(left / 86_400_000);
  const when = days === 0 ? "today" : days === 1 ? "in one day" : `in ${days} days`;
  const text = `The office's certificate ends ${when}. Restart the gateway before that: it makes a new one.`;
  return [{ code: "certificate", verdict: "warning", text }];
}

function diskProblems(disk: DiskSpace | undefined): readonly Problem[] {
  if (!disk || disk.free > DISK_WARNING) return [];
  const left = `${Math.floor(disk.free / 1_000_000)} MB are left on the disk that holds the office's data.`;
  const verdict = disk.free <= DISK_WRONG ? "wrong" : "warning";
  return [{ code: "disk", verdict, text: `${left} Make room, or messages can no longer be stored.` }];
}

function storeProblem(fault: string): Problem {
  const text = `The office's data takes no changes (${fault}). Check the disk, and who may write to the folder.`;
  return { code: "store", verdict: "wrong", text };
}

function clockProblems({ jump, now }: Facts): readonly Problem[] {
  if (!jump || now - jump.at > JUMP_TOLD) return [];
  const minutes = Math.abs(jump.by) / 60_000;
  const far = minutes < 2 ? `${Math.round(minutes * 60)} seconds` : `${Math.round(minutes)} minutes`;
  const text = `The clock of this computer jumped ${jump.by > 0 ? "forward" : "back"} by ${far}. Check its time server.`;
  return [{ code: "clock", verdict: "warning", text }];
}
