import type { Row } from "../../state/arrange.ts";
import { folded } from "../../state/arrange.ts";
import type { Model } from "../../state/model.ts";
import { personOf } from "../../state/presence.ts";

/** The next row after `at` whose name begins with what was typed; `at` itself when there is none. */
export function rowNamed(rows: readonly Row[], at: number, typed: string, model: Model): number {
  const wanted = folded(typed);
  // While a word is being typed the row that fits already stays; a single letter moves on to the next.
  const start = typed.length > 1 ? at : at + 1;
  for (let step = 0; step < rows.length; step += 1) {
    const index = (start + step) % rows.length;
    const row = rows[index];
    if (row !== undefined && folded(nameOfRow(row, model)).startsWith(wanted)) return index;
  }
  return at;
}

function nameOfRow(row: Row, model: Model): string {
  if (row.kind === "group") return row.group.name;
  return row.kind === "add" ? row.address : personOf(model, row.key).name;
}
