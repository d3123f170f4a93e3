const QUOTED = /^"(?:[^"]|"")*"$/;

/** Rows of a comma-separated text (RFC 4180): quoted cells, doubled quotes, either line end. Empty lines are left out. */
export function parseCsv(text: string): readonly (readonly string[])[] {
  const rows: string[][] = [];
  let row: string[] = [];
  const cell = /("(?:[^"]|"")*"|[^,\r\n]*)(,|\r?\n|\r|$)/gy;
  const plain = text.replace(/^\uFEFF/, "");
  for (const [whole, value = "", end = ""] of plain.matchAll(cell)) {
    row.push(QUOTED.test(value) ? value.slice(1, -1).replaceAll('""', '"') : value);
    if (end !== ",") {
      if (row.some((one) => one !== "")) rows.push(row);
      row = [];
    }
    if (whole === "") break;
  }
  return rows;
}
