/** People from a table that a spreadsheet wrote. Whatever is wrong with it is told with its line, before anybody is added. */
import { readFileSync } from "node:fs";
import { StoreError } from "../index.ts";
import type { NewAccount } from "../index.ts";
import type { CsvRow } from "./csv.ts";
import { parseCsv } from "./csv.ts";

/** Largest file in bytes: an office of 10,000 stays far below. */
export const MAX_IMPORT = 4 * 1024 * 1024;

/** The people in a CSV file. Throws `StoreError` with a sentence. */
export function readPeople(file: string): readonly Omit<NewAccount, "md5">[] {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch {
    throw new StoreError("no-file", `${file} cannot be read. Check its name.`);
  }
  if (bytes.length > MAX_IMPORT) throw new StoreError("large-file", `${file} is larger than any table of people.`);
  return peopleOf(textOf(bytes));
}

/** Rows of a CSV whose head names the columns; without a head they stand in the order address, password, name. */
function peopleOf(text: string): readonly Omit<NewAccount, "md5">[] {
  const rows = parseCsv(text);
  if (!rows)
    throw new StoreError(
      "open-quote",
      "The table has a quotation mark that is never closed, or stands inside a cell. Nothing was added.",
    );
  const head = rows[0]?.cells.map((cell) => cell.trim().toLowerCase()) ?? [];
  const hasHead = head.includes("address") && head.includes("password");
  const column = (name: string, place: number): number => (hasHead ? head.indexOf(name) : place);
  const columns = { address: column("address", 0), password: column("password", 1), name: column("name", 2) };
  const seen = new Map<string, number>();
  const people = rows.slice(hasHead ? 1 : 0).map((row) => {
    const person = personOf(row, columns);
    const key = person.address.toLowerCase();
    const before = seen.get(key);
    if (before !== undefined)
      throw new StoreError(
        "repeated-row",
        `Rows ${before} and ${row.line} are both ${person.address}. Leave one of them out. Nothing was added.`,
      );
    seen.set(key, row.line);
    return person;
  });
  if (people.length === 0) throw new StoreError("no-rows", "The table has no people in it. Nothing was added.");
  return people;
}

function personOf(
  { line, cells }: CsvRow,
  columns: { readonly address: number; readonly password: number; readonly name: number },
): Omit<NewAccount, "md5"> {
  const address = cells[columns.address]?.trim() ?? "";
  const password = cells[columns.password] ?? "";
  if (address === "" || password === "")
    throw new StoreError("bad-row", `Row ${line} has no address or no password. Nothing was added.`);
  return { address, password, name: cells[columns.name]?.trim() ?? "" };
}

function textOf(bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new StoreError(
      "not-utf8",
      "The table is not written in UTF-8. Save it as “CSV UTF-8”, then import it again. Nothing was added.",
    );
  }
}
