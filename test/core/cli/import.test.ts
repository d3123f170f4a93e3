import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { MAX_IMPORT, readPeople } from "../../../core/cli/import.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

function people(text: string | Buffer) {
  const file = join(temporaryFolder(), "people.csv");
  writeFileSync(file, text);
  return readPeople(file);
}

test.each([
  ["with a head in any order", "Name,PASSWORD, address\nAlice,pw-alice,alice@acme.example\n", "Alice"],
  ["without a head", "alice@acme.example,pw-alice,Alice\n", "Alice"],
  ["without names", "address,password\nalice@acme.example,pw-alice\n", ""],
  [
    "with semicolons, a mark of byte order and quotes",
    '\uFEFFname;address;password\r\n"Ö; ""A""";alice@acme.example;pw-alice\r\n',
    'Ö; "A"',
  ],
])("a table %s is read", (_how, text, name) => {
  expect(people(text)).toEqual([{ address: "alice@acme.example", password: "pw-alice", name }]);
});

test("a password keeps its spaces, quotes and separators", () => {
  expect(people('alice@acme.example," p,""w"";  "\n')).toMatchObject([{ password: ' p,"w";  ' }]);
});

test.each<[string, string | Buffer, RegExp]>([
  [
    "says somebody twice",
    "address,password\nalice@acme.example,pw-alice\n\nALICE@acme.example,pw-other\n",
    /^Rows 2 and 4 are both ALICE@acme\.example\./,
  ],
  ["has a row without a password", "address,password\nalice@acme.example,\n", /^Row 2 has no address or no password/],
  ["has a row without an address", "address,password\n,pw-alice\n", /^Row 2 has no address or no password/],
  ["has a quote without an end", 'alice@acme.example,"pw-alice\n', /^The table has a quotation mark/],
  ["has nobody in it", "address,password\n", /^The table has no people/],
  ["is empty", "", /^The table has no people/],
  ["is not in UTF-8", Buffer.from("alice@acme.example,pw-alice,\xD6\n", "latin1"), /not written in UTF-8/],
  ["is larger than any", Buffer.alloc(MAX_IMPORT + 1, "x"), /is larger than any table/],
])("a table that %s is refused with one sentence, before anybody is added", (_what, text, why) => {
  expect(() => people(text)).toThrow(why);
  expect(() => people(text)).toThrow(/^\S.*\.$/);
});

test("a file that is not there is refused", () => {
  expect(() => readPeople(join(temporaryFolder(), "gone.csv"))).toThrow(/cannot be read/);
});
