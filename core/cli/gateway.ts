/** `hallway gateway`: serve an office, look at its settings, change them. */
import { administer } from "./control.ts";
import { backup, restore } from "./gateway-backup.ts";
import { check } from "./gateway-check.ts";
import { log } from "./gateway-log.ts";
import { run } from "./gateway-run.ts";
import { unit } from "./gateway-unit.ts";
import { assignmentsOf, dataFolder, readOptions, UsageError } from "./options.ts";

const HELP = `hallway gateway: an office's registrar, presence agent and message store

  hallway gateway run --data DIR [--domain DOMAIN] [--listen LIST] [--dns HOST:PORT] [--log LEVEL] [--web ADDRESS:PORT]
      serves the office in DIR until it is stopped. Prints one line when every listener is bound:
      ready {"listening":[…],"web":…,"fingerprint":…}
      LIST is udp:ADDRESS:PORT,tcp:ADDRESS:PORT,tls:ADDRESS:PORT; port 0 takes a free one.
      --web serves a console for administrators over HTTPS, with the office's certificate.
      LEVEL is error, warn, info or debug; the log goes to standard error, or to a file with log.to=file.
      The first SIGTERM or SIGINT ends it in good order, the second one at once.
  hallway gateway check --data DIR [--dns HOST:PORT] [--json]
      every setting with its value and meaning; then folder, database, certificate, listeners, disk, clock and DNS,
      each good, a warning or wrong. Ends with 1 when something is wrong
  hallway gateway set NAME=VALUE … --data DIR
      changes settings; a running gateway obeys at once, unless the meaning says from the next start on
  hallway gateway backup FILE --data DIR [--json]
      the whole office, its keys included, in one new file, while it runs or while it does not
  hallway gateway restore FILE --data DIR [--replace]
      brings it back; --replace sets an office aside that is there already, damaged or not
  hallway gateway unit --data DIR
      a systemd unit for this folder and this computer, to be put into /etc/systemd/system
  hallway gateway log --data DIR [--level LEVEL] [--call-id ID] [--lines N] [--json]
      the last lines of a running gateway's log; with --call-id those about one request
  hallway gateway log COMPONENT=LEVEL … --data DIR [--for TIME] [--json]
      changes how much a component says for a while (30s, 10m, 2h; one hour when not said), then it falls back.
      COMPONENT is sip, transport, presence, message, web, or all for the others
`;

export async function gateway(args: readonly string[]): Promise<number> {
  const { values, positionals } = readOptions(args, {
    domain: { type: "string" },
    listen: { type: "string" },
    dns: { type: "string" },
    web: { type: "string" },
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
      return check(dataFolder(values.data), values.json ?? false, values.dns);
    case "set":
      return set(dataFolder(values.data), rest);
    case "unit":
      return unit(dataFolder(values.data));
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

async function set(folder: string, words: readonly string[]): Promise<number> {
  if (words.length === 0) throw new UsageError("Say what to set: NAME=VALUE.");
  await administer(folder, { do: "set", assignments: assignmentsOf(words) });
  return 0;
}
