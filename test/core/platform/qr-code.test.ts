import { expect, test } from "vitest";
import { qrLines, qrPicture } from "../../../core/platform/qr-code.ts";

const TEXT = `hallway:invite?address=bob@acme.example&secret=${"0123456789".repeat(20)}`;

/** Dark modules of a picture, row by row. */
function modulesOf(path: string, size: number): readonly string[] {
  const rows = Array.from({ length: size }, () => Array.from({ length: size }, () => " "));
  for (const [, x = "", y = ""] of path.matchAll(/M(\d+) (\d+)h1v1h-1z/g)) {
    const row = rows[Number(y)];
    if (row) row[Number(x)] = "#";
  }
  return rows.map((row) => row.join(""));
}

test("a picture has the three marks by which cameras find it, with a quiet zone around", () => {
  const { size, path } = qrPicture(TEXT);
  const rows = modulesOf(path, size);
  const marks = ["#######", "#     #", "# ### #", "# ### #", "# ### #", "#     #", "#######"];
  const at = (x: number, y: number): readonly string[] => rows.slice(y, y + 7).map((row) => row.slice(x, x + 7));
  expect([at(4, 4), at(size - 11, 4), at(4, size - 11)]).toEqual([marks, marks, marks]);
  for (const row of [...rows.slice(0, 4), ...rows.slice(-4)]) expect(row.trim()).toBe("");
  for (const row of rows) expect(`${row.slice(0, 4)}${row.slice(-4)}`.trim()).toBe("");
});

test("lines of letters show the same, and the same text makes the same picture", () => {
  const lines = qrLines(TEXT).split("\n");
  expect(new Set(lines.map((line) => line.length)).size).toBe(1);
  expect(lines.join("")).toMatch(/^[█▀▄ ]+$/);
  expect(lines.length).toBe(Math.ceil((lines[0]?.length ?? 0) / 2));
  expect(qrPicture(TEXT)).toEqual(qrPicture(TEXT));
});
