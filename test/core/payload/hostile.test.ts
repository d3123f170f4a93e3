import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatCpim, parseCpim } from "../../../core/payload/cpim.ts";
import { formatImdn, parseImdn } from "../../../core/payload/imdn.ts";
import { formatIsComposing, parseIsComposing } from "../../../core/payload/is-composing.ts";
import { messageText } from "../../../core/payload/message-text.ts";
import { formatPidf, parsePidf } from "../../../core/payload/pidf.ts";
import { decide, formatRuleset, parseRuleset, rulesetFor, rulesOf } from "../../../core/payload/pres-rules.ts";
import { pidfToState, stateToPidf } from "../../../core/payload/presence-state.ts";
import { formatWatcherInfo, parseWatcherInfo } from "../../../core/payload/watcher-info.ts";
import { MAX_XML_SIZE, parseXml } from "../../../core/payload/xml.ts";
import { hasSuites, suite, suiteFiles } from "./suites.ts";

/** Every reader of this layer, followed through to the last thing that is done with what it read. */
const READERS: Readonly<Record<string, (bytes: Buffer) => void>> = {
  xml: (bytes) => parseXml(bytes),
  pidf(bytes) {
    const parsed = parsePidf(bytes);
    if (parsed.ok) pidfToState(parsed.value, 0);
    if (parsed.ok) expect(parsePidf(formatPidf(parsed.value)).ok).toBe(true);
  },
  watcherInfo(bytes) {
    const parsed = parseWatcherInfo(bytes);
    if (parsed.ok) expect(parseWatcherInfo(formatWatcherInfo(parsed.value))).toEqual(parsed);
  },
  rules(bytes) {
    const parsed = parseRuleset(bytes);
    if (!parsed.ok) return;
    decide(parsed.value, "sip:a@b");
    rulesetFor(rulesOf(parsed.value));
    expect(parseRuleset(formatRuleset(parsed.value)).ok).toBe(true);
  },
  isComposing: (bytes) => parseIsComposing(bytes),
  imdn: (bytes) => parseImdn(bytes),
  cpim(bytes) {
    const parsed = parseCpim(bytes);
    if (parsed.ok) expect(parseCpim(formatCpim(parsed.value)).ok).toBe(true);
  },
  text(bytes) {
    for (const type of [undefined, "text/plain", "text/html", "message/cpim"]) messageText(type, bytes);
  },
};

const SEEDS: readonly string[] = [
  formatPidf(
    stateToPidf({
      entity: "sip:a@b",
      tupleId: "t",
      state: "do-not-disturb",
      note: "n",
      since: 0,
      until: 1,
      device: { id: "urn:x", name: "Desk" },
      media: { message: true, call: true },
    }),
  ),
  formatWatcherInfo({
    version: 0,
    state: "full",
    lists: [
      {
        resource: "sip:a@b",
        package: "presence",
        watchers: [{ id: "w", uri: "sip:c@d", status: "active", event: "approved" }],
      },
    ],
  }),
  formatRuleset(
    rulesetFor([
      { target: "a@b", rule: "block" },
      { target: "@b", rule: "basic" },
      { target: "*", rule: "allow" },
    ]),
  ),
  formatIsComposing({ state: "active", refresh: 60 }),
  formatImdn({ messageId: "m", kind: "delivery", status: "delivered" }),
  formatCpim({
    from: { uri: "sip:a@b" },
    to: [],
    messageId: "m",
    dispositions: ["display"],
    headers: [{ namespace: "urn:x", name: "A", value: "b" }],
    contentHeaders: new Map([["content-type", "text/html"]]),
    body: Buffer.from("<p>hi</p>"),
  }).toString(),
];

describe.each(Object.keys(READERS))("%s", (name) => {
  const read = READERS[name] ?? (() => undefined);

  test("never throws on any bytes", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void read(Buffer.from(bytes))));
  });

  test("never throws on damaged documents", () => {
    const piece = fc.oneof(
      fc.string({ maxLength: 5 }),
      fc.constantFrom("<", ">", '"', "&", "/>", 'xmlns=""', "\n\n", ":", "\\u", "NS: "),
    );
    const damage = fc.record({
      seed: fc.constantFrom(...SEEDS),
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      length: fc.nat(20),
      piece,
    });
    fc.assert(
      fc.property(damage, ({ seed, at, length, piece }) => {
        const start = Math.floor(at * seed.length);
        read(Buffer.from(seed.slice(0, start) + piece + seed.slice(start + length)));
      }),
      { numRuns: 500 },
    );
  });

  test.skipIf(!hasSuites)("never throws on documents of others (skipped without the suites)", () => {
    const folders = ["pidf/openxcap", "pidf/sipxecs-rls", "pidf/restcomm-presrules", "cpim/rfc"];
    for (const path of folders.flatMap((folder) => suiteFiles(folder, ""))) read(suite(path));
  });

  test.each(["<a>", "<a b='", "&amp;", "]]>", "A: b\n", "\\", " ", "<a/>"])(
    "takes no long time for many %j",
    (piece) => {
      const started = performance.now();
      read(Buffer.from(piece.repeat(MAX_XML_SIZE / piece.length)));
      read(Buffer.from(`<presence>${piece.repeat(MAX_XML_SIZE / piece.length - 30)}</presence>`));
      expect(performance.now() - started).toBeLessThan(2000);
    },
  );
});
