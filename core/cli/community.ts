/** `hallway community`: the partners with whom an office talks. */
import { readFileSync } from "node:fs";
import type { NewCommunity } from "../index.ts";
import { StoreError } from "../index.ts";
import { administer } from "./control.ts";
import { dataFolder, readOptions, table, UsageError } from "./options.ts";

const HELP = `hallway community: the partners with whom an office talks

  hallway community add NAME --domains a.example,*.b.example --data DIR
      [--proxy HOST:PORT]            a fixed next hop; found by DNS when absent
      [--transport tls|tcp|udp]      tls when absent
      [--trusted CIDR,…]             addresses that may speak for the domains without a certificate
      [--ca FILE]                    PEM of the partner's authority; the machine's authorities when absent
  hallway community list --data DIR [--json]
  hallway community enable|disable NAME --data DIR
  hallway community remove NAME --data DIR

Nothing goes to or comes from a domain that no community lists. A star stands for everything below a domain.
`;

interface CommunityRow extends NewCommunity {
  readonly enabled: boolean;
}

export async function community(args: readonly string[]): Promise<number> {
  const { values, positionals } = readOptions(args, {
    domains: { type: "string" },
    proxy: { type: "string" },
    transport: { type: "string" },
    trusted: { type: "string" },
    ca: { type: "string" },
    json: { type: "boolean" },
  });
  const [action, name] = positionals;
  if (values.help || action === undefined) {
    (values.help ? process.stdout : process.stderr).write(HELP);
    return values.help ? 0 : 2;
  }
  const folder = dataFolder(values.data);
  switch (action) {
    case "list":
      return list(folder, values.json ?? false);
    case "add":
      return add(folder, { ...values, name: needed(name) });
    case "enable":
    case "disable":
      await administer(folder, { do: "enable-community", name: needed(name), enabled: action === "enable" });
      return 0;
    case "remove":
      await administer(folder, { do: "remove-community", name: needed(name) });
      return 0;
    default:
      throw new UsageError(`There is no command community ${action}. See: hallway community --help.`);
  }
}

interface AddOptions {
  readonly name: string;
  readonly domains?: string | undefined;
  readonly proxy?: string | undefined;
  readonly transport?: string | undefined;
  readonly trusted?: string | undefined;
  readonly ca?: string | undefined;
}

async function add(folder: string, options: AddOptions): Promise<number> {
  const { name, domains, proxy, transport, trusted, ca } = options;
  if (domains === undefined) throw new UsageError("Say which domains: --domains b.example,*.c.example.");
  await administer(folder, {
    do: "put-community",
    community: {
      name,
      domains: words(domains),
      ...(proxy !== undefined && { proxy }),
      ...(transport !== undefined && { transport }),
      ...(trusted !== undefined && { trusted: words(trusted) }),
      ...(ca !== undefined && { authority: fileText(ca) }),
    },
  });
  if (transport !== undefined && transport !== "tls" && trusted === undefined)
    process.stderr.write(
      `Without TLS nothing proves who sends: requests from ${name} are refused until you name its addresses with --trusted.\n`,
    );
  return 0;
}

async function list(folder: string, json: boolean): Promise<number> {
  const rows = (await administer(folder, { do: "communities" })) as readonly CommunityRow[];
  if (json) process.stdout.write(`${JSON.stringify(rows, undefined, 2)}\n`);
  else
    process.stdout.write(
      table(
        rows.map(({ name, domains, proxy, transport = "tls", trusted = [], authority, enabled }) => [
          name,
          enabled ? "on" : "off",
          domains.join(","),
          `${transport} ${proxy === undefined ? "found by DNS" : `to ${proxy}`}`,
          authority === undefined ? "public authorities" : "own authority",
          trusted.length === 0 ? "" : `trusts ${trusted.join(",")}`,
        ]),
      ),
    );
  return 0;
}

function words(text: string): readonly string[] {
  return text
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "");
}

function fileText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    throw new StoreError("no-file", `${file} cannot be read. Check its name.`);
  }
}

function needed(name: string | undefined): string {
  if (name === undefined) throw new UsageError("NAME is missing. See: hallway community --help.");
  return name;
}
