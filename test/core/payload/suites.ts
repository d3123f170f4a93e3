import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Test material of others, beside the repository; tests that need it skip where it is missing. */
const SUITES = fileURLToPath(new URL("../../../../shared/suites/", import.meta.url));
const SCHEMAS = join(SUITES, "xsd/python3-sipsimple");

export const hasSuites: boolean = existsSync(SUITES);
export const canValidate: boolean = existsSync(SCHEMAS) && answers("xmllint", "--version");

/** A file of the suites; empty where they are missing, so that skipped tests can be described. */
export function suite(path: string): Buffer {
  return hasSuites ? readFileSync(join(SUITES, path)) : Buffer.alloc(0);
}

/** The files of one folder with a certain ending, as paths for {@link suite}. */
export function suiteFiles(folder: string, ending: string): readonly string[] {
  const path = join(SUITES, folder);
  if (!existsSync(path)) return [];
  return readdirSync(path)
    .filter((name) => name.endsWith(ending))
    .map((name) => `${folder}/${name}`);
}

/** The schemas that judge a presence document together: each namespace by its own. */
const PRESENCE_SCHEMAS: Readonly<Record<string, string>> = {
  "urn:ietf:params:xml:ns:pidf": "pidf.xsd",
  "urn:ietf:params:xml:ns:pidf:data-model": "data-model.xsd",
  "urn:ietf:params:xml:ns:pidf:rpid": "rpid.xsd",
  "urn:ietf:params:xml:ns:pidf:caps": "caps.xsd",
};

/** What xmllint holds against a presence document with all its extensions; empty when it is valid. */
export function presenceErrors(document: string): string {
  const imports = Object.entries(PRESENCE_SCHEMAS).map(
    ([namespace, file]) => `<xs:import namespace="${namespace}" schemaLocation="${join(SCHEMAS, file)}"/>`,
  );
  const driver = join(mkdtempSync(join(tmpdir(), "hallway-schemas-")), "presence.xsd");
  writeFileSync(driver, `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">${imports.join("")}</xs:schema>`);
  return errorsUnder(driver, document);
}

/** What xmllint holds against a document under one schema; empty when it is valid. */
export function schemaErrors(schema: string, document: string): string {
  return errorsUnder(join(SCHEMAS, schema), document);
}

function errorsUnder(schema: string, document: string): string {
  const said = spawnSync("xmllint", ["--nonet", "--noout", "--schema", schema, "-"], { input: document });
  return said.status === 0 ? "" : said.stderr.toString();
}

function answers(program: string, question: string): boolean {
  try {
    execFileSync(program, [question], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
