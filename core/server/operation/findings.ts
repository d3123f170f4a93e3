/** What a check of an office found: each line good, a warning or wrong, with the next thing to do. */
import { readCertificate } from "../../certificates/read.ts";
import type { Problem } from "./health.ts";

export interface Finding {
  /** What was looked at. */
  readonly name: string;
  readonly verdict: "good" | "warning" | "wrong";
  /** Whole sentences. */
  readonly text: string;
}

export function good(name: string, text: string): Finding {
  return { name, verdict: "good", text };
}

export function warning(name: string, text: string): Finding {
  return { name, verdict: "warning", text };
}

export function wrong(name: string, text: string): Finding {
  return { name, verdict: "wrong", text };
}

/** Whether the certificate stands for the domain. When it ends is told by the health. */
export function certificateFinding(pem: string | undefined, domain: string): Finding {
  const name = "certificate";
  if (pem === undefined) return good(name, "There is none yet. The first start makes one.");
  const facts = readCertificate(pem);
  if (!facts.ok)
    return wrong(name, `server.pem cannot be read: ${facts.error.message} Remove it: the next start makes a new one.`);
  const { identities, notAfter } = facts.value;
  const until = new Date(notAfter).toISOString().slice(0, 10);
  if (identities.uris.includes(`sip:${domain}`)) return good(name, `It stands for ${domain} until ${until}.`);
  return warning(name, `It does not stand for sip:${domain}. The next start makes one that does.`);
}

/** The version and the pages of the database. */
export function databaseFinding(report: { version: number; damage: readonly string[] }, newest: number): Finding {
  const name = "database";
  const [damage] = report.damage;
  if (damage !== undefined)
    return wrong(
      name,
      `It is damaged (${damage}). Restore a backup: hallway gateway restore FILE --replace --data DIR.`,
    );
  if (report.version > newest)
    return wrong(name, "A newer version of Hallway wrote it. Install that version, or restore a backup of this one.");
  return good(name, `It is whole, and of version ${report.version}.`);
}

/** Everything that the health has nothing to say about is good. */
export function healthFindings(problems: readonly Problem[], looked: readonly Problem["code"][]): readonly Finding[] {
  const quiet = looked.filter((code) => !problems.some((one) => one.code === code));
  return [
    ...problems.map(({ code, verdict, text }) => ({ name: code, verdict, text })),
    ...quiet.map((code) => good(code, WELL[code])),
  ];
}

const WELL: Readonly<Record<Problem["code"], string>> = {
  certificate: "It does not end soon.",
  disk: "There is room on the disk.",
  listener: "Everything that should listen does.",
  store: "It takes changes.",
  clock: "The clock of this computer goes as it should.",
};

/** Before this moment this program did not exist: a clock that says so is wrong. */
const FIRST_POSSIBLE = Date.UTC(2025, 0, 1);

export function clockFinding(now: number): Finding {
  if (now >= FIRST_POSSIBLE)
    return good("clock", `It is ${new Date(now).toISOString().slice(0, 19).replace("T", " ")} UTC.`);
  const text = `The clock of this computer says ${new Date(now).toISOString().slice(0, 10)}. Set it, or no certificate is valid.`;
  return wrong("clock", text);
}
