import { hasProgram } from "../support/programs.ts";

/** The name of a test that drives the program of somebody else: says why it is skipped where it is. */
export function needing(program: string, name: string): string {
  return hasProgram(program) ? name : `${name} (skipped: ${program} is not installed)`;
}
