/** `hallway gateway`: serve an office, look at its settings, change them. */
import { administer } from "./control.ts";
import { backup, restore } from "./gateway-backup.ts";
import { log } from "./gateway-log.ts";
import { run } from "./gateway-run.ts";
import { assignmentsOf, dataFolder, readOptions, table, UsageError } from "./options.ts";

const HELP = `hallway gateway: an office's registrar, presence agent and message store

  hallway gateway run --data DIR [--domain DOMAIN] [--listen LIST] [--dns HOST:PORT] [--log LEVEL]
      serves the office in DIR until it is stopped. Prints one line when every listener is bound:
      ready {"listening":[…],"fingerprint":…}
      LIST is udp:ADDRESS:PORT,tcp:ADDRESS:PORT,tls:ADDRESS:PORT; port 0 takes a free one.
      LEVEL is error, warn, info or debug; the log goes to standard error, or to a file with log.to=file.
      The first SIGTERM or SIGINT ends it in good order, the second one at once.
  hallway gateway check --data DIR [--json]
      every setting with its value and meaning, and what is wrong
  hallway gateway set NAME=VALUE … --data DIR
      changes settings; a running gateway obeys at once, unless the meaning says from the next start on
  hallway gateway backup FILE --data DIR [--json]
      the whole office, its keys included, in one new file, while it runs or while it does not
  hallway gateway restore FILE --data DIR [--replace]
      brings it back; --replace sets an office aside that is there already, damaged or not
  hallway gateway log --data DIR [--level LEVEL] [--call-id ID] [--lines N] [--json]
      the last lines of a running gateway's log; with --call-id those about one request
  hallway gateway log COMPONENT=LEVEL … --data DIR [--for TIME] [--json]
      changes how much a component says for a while (30s, 10m, 2h; one hour when not said), then it falls back.
      COMPONENT is sip, transport, presence, message, web, or all for the others
`;

interface SettingRow {
  readonly name: string;
  readonly value: string;
  readonly isDefault: boolean;
  readonly meaning: string;
  readonly problem?: string;
}

export async function gateway(args: readonly string[]): Promise<number> {
  const { values, positionals } = readOptions(args, {
    domain: { type: "string" },
    listen: { type: "string" },
    dns: { type: "string" },
    log: { type: "string" },
    json: { type: "boolean" },
    replace: { type: "boolean" },
    for: { type: "string" },
    level: { type: "string" },
    "call-id": { type: "string" },
    lines: { type: "string" },
  });
  const [action, ...rest] = positionals;
  if (values.help || action === undefined) {
    (values.help ? process.stdout : process.stderr).write(HELP);
    return values.help ? 0 : 2;
  }
  switch (action) {
    case "run":
      return run(dataFolder(values.data), values);
    case "check":
      return check(dataFolder(values.data), values.json ?? false);
    case "set":
      return set(dataFolder(values.data), rest);
    case "backup":
      return backup(dataFolder(values.data), rest[0], values.json ?? false);
    case "restore":
      return restore(dataFolder(values.data), rest[0], values.replace ?? false);
    case "log":
      return log(dataFolder(values.data), rest, values);
    default:
      throw new UsageError(`There is no command gateway ${action}. See: hallway gateway --help.`);
  }
}

async function check(folder: string, json: boolean): Promise<number> {
  const rows = (await administer(folder, { do: "settings" })) as readonly SettingRow[];
  const wrong = rows.filter(({ problem }) => problem !== undefined);
  if (json) process.stdout.write(`${JSON.stringify(rows, undefined, 2)}\n`);
  else {
    process.stdout.write(
      table(
        rows.map(({ name, value, isDefault, meaning }) => [
          name,
          value === "" ? "(none)" : value,
          isDefault ? "default" : "set",
          meaning,
        ]),
      ),
    );
    for (const { name, problem } of wrong) process.stdout.write(`wrong: ${name}: ${problem}\n`);
    if (wrong.length === 0) process.stdout.write("Everything is in order.\n");
  }
  return wrong.length === 0 ? 0 : 1;
}

async function set(folder: string, words: readonly string[]): Promise<number> {
  if (words.length === 0) throw new UsageError("Say what to set: NAME=VALUE.");
  await administer(folder, { do: "set", assignments: assignmentsOf(words) });
  return 0;
}
