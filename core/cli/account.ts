/** `hallway account`: the people of an office. */
import { readFileSync } from "node:fs";
import type { NewAccount } from "../index.ts";
import { StoreError } from "../index.ts";
import { administer } from "./control.ts";
import { parseCsv } from "./csv.ts";
import { dataFolder, readOptions, readPassword, table, UsageError } from "./options.ts";

const HELP = `hallway account: the people of an office

  hallway account add ADDRESS --data DIR [--name TEXT] [--admin] [--md5]     password on standard input
  hallway account password ADDRESS --data DIR [--md5]                        password on standard input
  hallway account list --data DIR [--json]
  hallway account disable|enable ADDRESS --data DIR
  hallway account remove ADDRESS --data DIR
  hallway account import FILE.csv --data DIR [--md5]                         columns address,password,name

--md5 also keeps the secret that old phones need; without it MD5 is never offered to the account.
`;

interface AccountRow {
  readonly address: string;
  readonly name?: string;
  readonly administrator: boolean;
  readonly disabled: boolean;
  readonly md5: boolean;
}

export async function account(args: readonly string[]): Promise<number> {
  const { values, positionals } = readOptions(args, {
    name: { type: "string" },
    admin: { type: "boolean" },
    md5: { type: "boolean" },
    json: { type: "boolean" },
  });
  const [action, subject] = positionals;
  if (values.help || action === undefined) {
    (values.help ? process.stdout : process.stderr).write(HELP);
    return values.help ? 0 : 2;
  }
  const folder = dataFolder(values.data);
  const md5 = values.md5 ?? false;
  switch (action) {
    case "list":
      return list(folder, values.json ?? false);
    case "add": {
      const address = needed(subject, "ADDRESS");
      const password = await readPassword();
      const name = values.name === undefined ? {} : { name: values.name };
      await administer(folder, {
        do: "add",
        accounts: [{ address, password, ...name, administrator: values.admin ?? false, md5 }],
      });
      return 0;
    }
    case "password":
      await administer(folder, {
        do: "password",
        address: needed(subject, "ADDRESS"),
        password: await readPassword(),
        ...(md5 && { md5 }),
      });
      return 0;
    case "disable":
    case "enable":
      await administer(folder, { do: "disable", address: needed(subject, "ADDRESS"), disabled: action === "disable" });
      return 0;
    case "remove":
      await administer(folder, { do: "remove", address: needed(subject, "ADDRESS") });
      return 0;
    case "import":
      return importFile(folder, needed(subject, "FILE.csv"), md5);
    default:
      throw new UsageError(`There is no command account ${action}. See: hallway account --help.`);
  }
}

async function list(folder: string, json: boolean): Promise<number> {
  const rows = (await administer(folder, { do: "accounts" })) as readonly AccountRow[];
  if (json) process.stdout.write(`${JSON.stringify(rows, undefined, 2)}\n`);
  else {
    process.stdout.write(
      table(
        rows.map(({ address, name, administrator, disabled, md5 }) => [
          address,
          name ?? "",
          [administrator && "administrator", disabled && "switched off", md5 && "md5"].filter(Boolean).join(", "),
        ]),
      ),
    );
  }
  return 0;
}

async function importFile(folder: string, file: string, md5: boolean): Promise<number> {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    throw new StoreError("no-file", `${file} cannot be read. Check its name.`);
  }
  const accounts = accountsOf(text, md5);
  await administer(folder, { do: "add", accounts });
  process.stderr.write(`${accounts.length} accounts were added.\n`);
  return 0;
}

/** Rows of a CSV whose head names the columns; without a head they stand in the order address, password, name. */
function accountsOf(text: string, md5: boolean): readonly NewAccount[] {
  const rows = parseCsv(text);
  const head = rows[0]?.map((cell) => cell.trim().toLowerCase()) ?? [];
  const hasHead = head.includes("address") && head.includes("password");
  const column = (name: string, place: number): number => (hasHead ? head.indexOf(name) : place);
  const [address, password, name] = [column("address", 0), column("password", 1), column("name", 2)];
  return rows.slice(hasHead ? 1 : 0).map((row, index) => {
    const given = { address: row[address]?.trim() ?? "", password: row[password] ?? "", name: row[name]?.trim() ?? "" };
    if (given.address === "" || given.password === "")
      throw new StoreError(
        "bad-row",
        `Row ${index + (hasHead ? 2 : 1)} has no address or no password. Nothing was added.`,
      );
    return { ...given, md5 };
  });
}

function needed(value: string | undefined, what: string): string {
  if (value === undefined) throw new UsageError(`${what} is missing. See: hallway account --help.`);
  return value;
}
