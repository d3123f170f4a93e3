import type { Failure } from "../bridge/contract.ts";

/** A command that cannot be done: a stable code and one whole sentence with the next thing to do. */
export class CommandFailure extends Error implements Failure {
  readonly code: string;
  readonly details?: Readonly<Record<string, string>>;

  constructor(code: string, message: string, details?: Readonly<Record<string, string>>) {
    super(message);
    this.name = "CommandFailure";
    this.code = code;
    if (details) this.details = details;
  }
}
