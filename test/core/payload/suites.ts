import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
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

/** What xmllint holds against a document under a schema; empty when it is valid. */
export function schemaErrors(schema: string, document: string): string {
  const said = spawnSync("xmllint", ["--nonet", "--noout", "--schema", join(SCHEMAS, schema), "-"], {
    input: document,
  });
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
