/** `hallway gateway check`: every setting, and everything around an office that can be looked at. */
import type { Finding, Problem } from "../index.ts";
import { checkOffice, systemClock, systemDns, systemNetwork } from "../index.ts";
import { administer, askRunning } from "./control.ts";
import { table } from "./options.ts";

interface SettingRow {
  readonly name: string;
  readonly value: string;
  readonly isDefault: boolean;
  readonly meaning: string;
  readonly problem?: string;
}

export async function check(folder: string, json: boolean, dns: string | undefined): Promise<number> {
  const rows = (await administer(folder, { do: "settings" })) as readonly SettingRow[];
  const findings = [...rows.flatMap(settingFinding), ...(await officeFindings(folder, rows, dns))];
  if (json) {
    const settings = rows.map((row) => ({ ...row, verdict: row.problem === undefined ? "good" : "wrong" }));
    const others = findings.filter(({ name }) => !rows.some((row) => row.name === name));
    process.stdout.write(`${JSON.stringify([...settings, ...others], undefined, 2)}\n`);
  } else process.stdout.write(`${settingsTable(rows)}\n${findings.map(asText).join("")}${conclusion(findings)}\n`);
  return findings.some(({ verdict }) => verdict === "wrong") ? 1 : 0;
}

function settingFinding({ name, problem }: SettingRow): readonly Finding[] {
  return problem === undefined ? [] : [{ name, verdict: "wrong", text: problem }];
}

async function officeFindings(
  folder: string,
  rows: readonly SettingRow[],
  dns: string | undefined,
): Promise<readonly Finding[]> {
  const valueOf = (wanted: string): string => {
    const row = rows.find(({ name }) => name === wanted);
    return row === undefined || row.problem !== undefined ? "" : row.value;
  };
  return checkOffice(
    folder,
    { domain: valueOf("domain"), listen: valueOf("listen") },
    {
      clock: systemClock(),
      network: systemNetwork(),
      dns: systemDns(dns),
      dnsWasNamed: dns !== undefined,
      running: await whatRuns(folder),
    },
  );
}

async function whatRuns(folder: string) {
  const listening = await askRunning(folder, { do: "listening" });
  const problems = await askRunning(folder, { do: "problems" });
  if (!listening || !problems) return undefined;
  return { listening: listening.value as readonly string[], problems: problems.value as readonly Problem[] };
}

function settingsTable(rows: readonly SettingRow[]): string {
  return table(
    rows.map(({ name, value, isDefault, meaning }) => [
      name,
      value === "" ? "(none)" : value,
      isDefault ? "default" : "set",
      meaning,
    ]),
  );
}

function asText({ name, verdict, text }: Finding): string {
  return `${verdict}: ${name}: ${text}\n`;
}

function conclusion(findings: readonly Finding[]): string {
  const count = (wanted: Finding["verdict"]): number => findings.filter(({ verdict }) => verdict === wanted).length;
  if (count("wrong") > 0) return "Something is wrong: see the lines above that say so.";
  return count("warning") > 0 ? "Nothing is wrong, but look at the warnings above." : "Everything is in order.";
}
