/** Checks what comes over the bridge: a known command, arguments of its form, a caller who may. */
import type { Result } from "../platform/result.ts";
import { failure, success } from "../platform/result.ts";
import type { Caller, CheckedArgs, CommandName, Failure } from "./contract.ts";
import { commands } from "./contract.ts";

export function isCommandName(name: string): name is CommandName {
  return Object.hasOwn(commands, name);
}

/** The arguments as the command takes them, defaults filled in; a failure says which of them is wrong. */
export function checkArguments<Name extends CommandName>(
  name: Name,
  args: unknown,
): Result<CheckedArgs[Name], Failure> {
  const parsed = commands[name].args.safeParse(args ?? {});
  // The schema of this very name produced the value.
  if (parsed.success) return success(parsed.data as CheckedArgs[Name]);
  const [issue] = parsed.error.issues;
  const where = issue && issue.path.length > 0 ? ` (${issue.path.join(".")})` : "";
  return failure({
    code: "bad-arguments",
    message: `${name} cannot be done with these arguments${where}: ${issue?.message ?? ""}.`,
  });
}

/** Owners may do what users may; administrators of the gateway are asked for apart. */
export function mayCall(caller: Caller, name: CommandName): boolean {
  const needed = commands[name].caller;
  return needed === "user" || needed === caller || caller === "owner";
}
