const QUOTED = /^"(?:[^"]|"")*"$/;

/** Rows of a table, and the line in which each begins, counted from 1. */
export interface CsvRow {
  readonly line: number;
  readonly cells: readonly string[];
}

/**
 * Rows of a comma-separated text (RFC 4180): quoted cells, doubled quotes, either line end, a mark of byte order.
 * Semicolons and tabulators separate too where the first line has more of them, as spreadsheets write them in some
 * countries. Empty lines are left out. Undefined when a quoted cell does not end, or goes on behind its end.
 */
export function parseCsv(text: string): readonly CsvRow[] | undefined {
  const plain = text.replace(/^\uFEFF/, "");
  const comma = separatorOf(plain);
  const cell = new RegExp(`("(?:[^"]|"")*"|[^"${comma}\\r\\n][^${comma}\\r\\n]*|)(${comma}|\\r?\\n|\\r|$)`, "gy");
  const rows: CsvRow[] = [];
  let cells: string[] = [];
  let line = 1;
  let begun = 1;
  let read = 0;
  for (const [whole, value = "", end = ""] of plain.matchAll(cell)) {
    read += whole.length;
    line += whole.match(/\r?\n|\r/g)?.length ?? 0;
    cells.push(QUOTED.test(value) ? value.slice(1, -1).replaceAll('""', '"') : value);
    if (end === comma) continue;
    if (cells.some((one) => one !== "")) rows.push({ line: begun, cells });
    cells = [];
    begun = line;
    if (end === "") break;
  }
  return read === plain.length ? rows : undefined;
}

function separatorOf(text: string): string {
  const first = text.split(/[\r\n]/, 1)[0]?.replaceAll(/"(?:[^"]|"")*"/g, "") ?? "";
  const count = (separator: string): number => first.split(separator).length;
  return [",", ";", "\t"].reduce((best, one) => (count(one) > count(best) ? one : best));
}
