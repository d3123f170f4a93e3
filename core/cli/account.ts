/** `hallway account`: the people of an office. */
import type { Invitation } from "../index.ts";
import { qrLines } from "../index.ts";
import { administer } from "./control.ts";
import { readPeople } from "./import.ts";
import { dataFolder, readOptions, readPassword, table, UsageError } from "./options.ts";

const HELP = `hallway account: the people of an office

  hallway account invite ADDRESS --data DIR [--name TEXT] [--admin]          prints a link; the person chooses a password
  hallway account uninvite ADDRESS --data DIR                                ends an invitation that nobody used
  hallway account invitations --data DIR [--json]
  hallway account add ADDRESS --data DIR [--name TEXT] [--admin] [--md5]     password on standard input
  hallway account password ADDRESS --data DIR [--md5]                        password on standard input
  hallway account change ADDRESS --data DIR [--name TEXT] [--role user|administrator] [--listed yes|no]
  hallway account list --data DIR [--json]
  hallway account disable|enable ADDRESS --data DIR
  hallway account remove ADDRESS --data DIR
  hallway account import FILE.csv --data DIR [--md5]                         columns address,password,name
  hallway account alias ADDRESS TARGET… --data DIR                           the address stands for these
  hallway account unalias ADDRESS --data DIR
  hallway account devices ADDRESS --data DIR [--json]                        where the person is signed in
  hallway account sign-out ADDRESS DEVICE --data DIR                         signs one of them out

--md5 also keeps the secret that old phones need; without it MD5 is never offered to the account.
--listed no leaves the person out of the office list, in which everybody finds colleagues by name.
`;

interface AccountRow {
  readonly address: string;
  readonly name?: string;
  readonly administrator: boolean;
  readonly disabled: boolean;
  readonly md5: boolean;
  readonly hidden: boolean;
  readonly invited: boolean;
}

interface AliasRow {
  readonly address: string;
  readonly targets: readonly string[];
}

interface DeviceRow {
  readonly device: string;
  readonly program: string;
  readonly from: string;
}

interface InvitationRow {
  readonly address: string;
  readonly state: string;
  readonly expiresAt: string;
}

type Values = ReturnType<typeof readWords>["values"];

function readWords(args: readonly string[]) {
  return readOptions(args, {
    name: { type: "string" },
    admin: { type: "boolean" },
    role: { type: "string" },
    listed: { type: "string" },
    md5: { type: "boolean" },
    json: { type: "boolean" },
  });
}

export async function account(args: readonly string[]): Promise<number> {
  const { values, positionals } = readWords(args);
  const [action, ...subjects] = positionals;
  if (values.help || action === undefined) {
    (values.help ? process.stdout : process.stderr).write(HELP);
    return values.help ? 0 : 2;
  }
  await perform(action, subjects, dataFolder(values.data), values);
  return 0;
}

async function perform(action: string, subjects: readonly string[], folder: string, values: Values): Promise<unknown> {
  const [subject, second] = subjects;
  const json = values.json ?? false;
  const address = (): string => needed(subject, "ADDRESS");
  switch (action) {
    case "list":
      return list(folder, json);
    case "invite":
      return invite(folder, address(), values);
    case "invitations":
      return invitations(folder, json);
    case "uninvite":
      return administer(folder, { do: "uninvite", address: address() });
    case "add":
      return add(folder, address(), values);
    case "password":
      return setPassword(folder, address(), values.md5 ?? false);
    case "change":
      return change(folder, address(), values);
    case "disable":
    case "enable":
      return administer(folder, { do: "disable", address: address(), disabled: action === "disable" });
    case "remove":
      return administer(folder, { do: "remove", address: address() });
    case "import":
      return importFile(folder, needed(subject, "FILE.csv"), values.md5 ?? false);
    case "alias":
      needed(second, "TARGET");
      return administer(folder, { do: "alias", address: address(), targets: subjects.slice(1) });
    case "unalias":
      return administer(folder, { do: "unalias", address: address() });
    case "devices":
      return devices(folder, address(), json);
    case "sign-out":
      return administer(folder, { do: "signOut", address: address(), device: needed(second, "DEVICE") });
    default:
      throw new UsageError(`There is no command account ${action}. See: hallway account --help.`);
  }
}

async function add(folder: string, address: string, values: Values): Promise<void> {
  const password = await readPassword();
  const accounts = [{ address, password, ...personOf(values), md5: values.md5 ?? false }];
  warn(await administer(folder, { do: "add", accounts }));
}

async function setPassword(folder: string, address: string, md5: boolean): Promise<void> {
  const password = await readPassword();
  await administer(folder, { do: "password", address, password, ...(md5 && { md5 }) });
}

async function change(folder: string, address: string, { name, role, listed }: Values): Promise<void> {
  if (name === undefined && role === undefined && listed === undefined)
    throw new UsageError("Say what to change: --name, --role or --listed.");
  const administrator = role === undefined ? undefined : oneOf("--role", role, "administrator", "user");
  const isListed = listed === undefined ? undefined : oneOf("--listed", listed, "yes", "no");
  const warnings = await administer(folder, {
    do: "change",
    address,
    change: {
      ...(name !== undefined && { name }),
      ...(administrator !== undefined && { administrator }),
      ...(isListed !== undefined && { hidden: !isListed }),
    },
  });
  warn({ warnings });
}

async function invite(folder: string, address: string, values: Values): Promise<void> {
  const invitation = (await administer(folder, { do: "invite", wish: { address, ...personOf(values) } })) as Invitation;
  if (values.json) process.stdout.write(`${JSON.stringify(invitation)}\n`);
  else process.stdout.write(`${invitation.text}\n${qrLines(invitation.link)}\n`);
  warn(invitation);
}

async function invitations(folder: string, json: boolean): Promise<void> {
  const rows = (await administer(folder, { do: "invitations" })) as readonly InvitationRow[];
  write(
    rows,
    json,
    rows.map(({ address, state, expiresAt }) => [address, state, `until ${expiresAt.slice(0, 10)}`]),
  );
}

async function devices(folder: string, address: string, json: boolean): Promise<void> {
  const rows = (await administer(folder, { do: "devices", address })) as readonly DeviceRow[];
  write(
    rows,
    json,
    rows.map(({ device, program, from }) => [device, program, from]),
  );
}

async function list(folder: string, json: boolean): Promise<void> {
  const people = (await administer(folder, { do: "accounts" })) as readonly AccountRow[];
  const aliases = (await administer(folder, { do: "aliases" })) as readonly AliasRow[];
  write([...people, ...aliases], json, [
    ...people.map(({ address, name, administrator, disabled, md5, hidden, invited }) => [
      address,
      name ?? "",
      [
        administrator && "administrator",
        disabled && "switched off",
        invited && "invited",
        hidden && "not listed",
        md5 && "md5",
      ]
        .filter(Boolean)
        .join(", "),
    ]),
    ...aliases.map(({ address, targets }) => [address, `→ ${targets.join(", ")}`]),
  ]);
}

async function importFile(folder: string, file: string, md5: boolean): Promise<void> {
  const accounts = readPeople(file).map((person) => ({ ...person, md5 }));
  warn(await administer(folder, { do: "add", accounts }));
  process.stderr.write(`${accounts.length} accounts were added.\n`);
}

function personOf({ name, admin }: Values) {
  return { ...(name !== undefined && { name }), administrator: admin ?? false };
}

function write(rows: readonly unknown[], json: boolean, cells: readonly (readonly string[])[]): void {
  process.stdout.write(json ? `${JSON.stringify(rows, undefined, 2)}\n` : table(cells));
}

/** What was done all the same, and should be looked at. */
function warn(answer: unknown): void {
  for (const warning of (answer as { readonly warnings: readonly string[] }).warnings)
    process.stderr.write(`${warning}\n`);
}

function oneOf(option: string, value: string, yes: string, no: string): boolean {
  if (value !== yes && value !== no) throw new UsageError(`${option} is ${yes} or ${no}.`);
  return value === yes;
}

function needed(value: string | undefined, what: string): string {
  if (value === undefined) throw new UsageError(`${what} is missing. See: hallway account --help.`);
  return value;
}
