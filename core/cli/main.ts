#!/usr/bin/env node
/** `hallway`: the command line. Each command is a file beside this one. */
import { PRODUCT } from "../index.ts";
import { account } from "./account.ts";
import { client } from "./client.ts";
import { community } from "./community.ts";
import { sentenceOf } from "./faults.ts";
import { gateway } from "./gateway.ts";
import { UsageError } from "./options.ts";

const HELP = `hallway: presence and instant messages for an office, on open standards

  hallway gateway run --data DIR --domain DOMAIN     serve an office
  hallway gateway check --data DIR                   every setting, and what is wrong
  hallway gateway set NAME=VALUE … --data DIR        change settings
  hallway account add ADDRESS --data DIR             a new person; the password comes on standard input
  hallway account invite ADDRESS --data DIR          a link for a new person, who chooses a password
  hallway account list|remove|password|import|alias|devices …
  hallway community add NAME --domains LIST …        partners with whom the office talks
  hallway community list|enable|disable|remove …
  hallway client --data DIR                          a person's side, as JSON lines

Each command explains itself with --help.
`;

const COMMANDS: Readonly<Record<string, (args: readonly string[]) => Promise<number>>> = {
  gateway,
  account,
  community,
  client,
};

/** Exit status: 0 done, 1 refused, 2 wrong call. */
async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === "--version") return say(`${PRODUCT}\n`, 0);
  if (name === undefined || name === "--help") return say(HELP, name === undefined ? 2 : 0);
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) throw new UsageError(`There is no command ${name}. See: hallway --help.`);
  return command(rest);
}

function say(text: string, status: number): number {
  (status === 0 ? process.stdout : process.stderr).write(text);
  return status;
}

/** Faults that a person can mend become a sentence and a status; faults of ours keep their stack. */
async function statusOf(args: readonly string[]): Promise<number> {
  try {
    return await main(args);
  } catch (error) {
    if (error instanceof UsageError) return say(`${error.message}\n`, 2);
    const sentence = sentenceOf(error);
    if (sentence !== undefined) return say(`${sentence}\n`, 1);
    throw error;
  }
}

const status = await statusOf(process.argv.slice(2));
// Timers that nobody waits for any more must not hold the process; what was written goes out first.
process.stdout.write("", () => process.exit(status));
