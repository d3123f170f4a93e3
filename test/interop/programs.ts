import { hasProgram } from "../support/programs.ts";

/** The name of a test that drives the program of somebody else: says why it is skipped where it is. */
export function needing(program: string, name: string): string {
  return because(hasProgram(program) ? undefined : `${program} is not installed`, name);
}

/** The name of a test that is skipped for this reason, or not skipped where there is none. */
export function because(reason: string | undefined, name: string): string {
  return reason === undefined ? name : `${name} (skipped: ${reason})`;
}
