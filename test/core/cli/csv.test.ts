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
    "a quote that is not closed, or stands inside, as it is",
    '"open,b\n"a"b,c',
    [
      ['"open', "b"],
      ['"a"b', "c"],
    ],
  ],
  ["nothing", "", []],
])("%s", (_what, text, rows) => expect(parseCsv(text)).toEqual(rows));
