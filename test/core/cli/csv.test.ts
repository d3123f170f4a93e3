import { expect, test } from "vitest";
import { parseCsv } from "../../../core/cli/csv.ts";

test.each<[string, string, readonly (readonly string[])[]]>([
  [
    "plain cells, either line end",
    "a,b\r\nc,d\ne,f",
    [
      ["a", "b"],
      ["c", "d"],
      ["e", "f"],
    ],
  ],
  [
    "quoted cells with commas, quotes and lines in them",
    '"a,1","say ""hi""","two\nlines"\n',
    [["a,1", 'say "hi"', "two\nlines"]],
  ],
  ["empty cells, but no empty lines", "a,,\n\n,\nb", [["a", "", ""], ["b"]]],
  ["a mark of byte order, as spreadsheets write it", "\uFEFFaddress,password\n", [["address", "password"]]],
  ["spaces as they are", " a , b ", [[" a ", " b "]]],
  [
    "semicolons, where the first line has more of them",
    'address;password;name\na@x.example;p,w;"Ö; A"\n',
    [
      ["address", "password", "name"],
      ["a@x.example", "p,w", "Ö; A"],
    ],
  ],
  ["tabulators", "a\tb,c\td\n", [["a", "b,c", "d"]]],
  ["a quote inside a plain cell as it is", 'a"b,c', [['a"b', "c"]]],
  ["nothing", "", []],
])("%s", (_what, text, rows) => expect(parseCsv(text)?.map(({ cells }) => cells)).toEqual(rows));

test("each row knows the line in which it begins", () => {
  expect(parseCsv('a\n\n"b\r\nb"\r\nc\n')?.map(({ line }) => line)).toEqual([1, 3, 5]);
});

test.each([
  ["a quote that is not closed", 'a,"open\nb,c\n'],
  ["a quoted cell that goes on behind its end", '"a"b,c'],
])("%s makes the text no table", (_what, text) => expect(parseCsv(text)).toBeUndefined());
