/** The bridge as a page has it: for what a window offers no button for. */
import type { Page } from "playwright-core";
import type { Answer, CommandArgs, CommandName, CommandValues, GatewayStatus } from "../../core/bridge/contract.ts";

/** Calls as the page would, with whatever name and arguments. */
export function invokeRaw(page: Page, name: unknown, args: unknown): Promise<Answer<unknown>> {
  return page.evaluate<Answer<unknown>>(`hallway.invoke(${JSON.stringify(name)}, ${JSON.stringify(args)})`);
}

/** The value of a command that must succeed. */
export async function invoke<Name extends CommandName>(
  page: Page,
  name: Name,
  args: CommandArgs[Name],
): Promise<CommandValues[Name]> {
  const answer = (await invokeRaw(page, name, args)) as Answer<CommandValues[Name]>;
  if (!answer.ok) throw new Error(`${name}: ${answer.code}: ${answer.message}`);
  return answer.value;
}

/** The server of an office that runs in the same Hallway, as `account.signIn` takes it. */
export function tlsServer({ listening = [] }: GatewayStatus): string {
  return listening.find((one) => one.startsWith("tls:")) ?? "";
}
