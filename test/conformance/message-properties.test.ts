/** What holds for every message, tried with generated and damaged ones. */
import { readFileSync, readdirSync } from "node:fs";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { describeHeader } from "../../core/sip/describe.ts";
import { checkRequest, checkResponse } from "../../core/sip/message/check.ts";
import { formatNameAddr, parseNameAddr } from "../../core/sip/message/fields.ts";
import type { Frame } from "../../core/sip/message/frame.ts";
import { StreamFramer } from "../../core/sip/message/frame.ts";
import type { SipMessage } from "../../core/sip/message/message.ts";
import { request, responseTo } from "../../core/sip/message/message.ts";
import { parseMessage } from "../../core/sip/message/parse.ts";
import { serialize } from "../../core/sip/message/serialize.ts";
import { quote, unquote } from "../../core/sip/message/text.ts";
import { addressOfRecord, formatUri, parseUri, uriEquals } from "../../core/sip/message/uri.ts";
import { formatCredentials, parseChallenges, parseCredentials } from "../../core/sip/digest.ts";

/** How many damaged messages and texts are tried: `npm run fuzz` asks for a million of each. */
const RUNS = Number(process.env["FUZZ_RUNS"] ?? 2_000);
/** Milliseconds for them all, on a slow machine. */
const PATIENCE = Math.max(20_000, RUNS * 2);

const charactersOf = (text: string): fc.Arbitrary<string> => fc.constantFrom(...text);
const token = fc.string({ unit: charactersOf("abcXYZ019-.!%*_+`'~"), minLength: 1, maxLength: 12 });
/** Any bytes but those that end a line. */
const value = fc.string({
  unit: fc
    .integer({ min: 1, max: 255 })
    .filter((code) => code !== 10 && code !== 13)
    .map((code) => String.fromCharCode(code)),
  maxLength: 40,
});
const body = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
const uriText = fc
  .tuple(charactersOf("sx"), token, fc.webUrl())
  .map(([, user, url]) => `sip:${encodeURIComponent(user)}@${new URL(url).hostname}`);

const message: fc.Arbitrary<SipMessage> = fc
  .tuple(token, uriText, fc.array(fc.tuple(token, value), { maxLength: 12 }), body)
  .map(([method, uri, headers, content]) => {
    const kept = headers.filter(([name]) => !/^(l|content-length)$/i.test(name));
    return request(method, uri, [...kept, ["Content-Length", String(content.length)]], content);
  });

test("what is serialized is parsed to the same message", () => {
  fc.assert(
    fc.property(message, (original) => {
      const parsed = parseMessage(serialize(original), "stream");
      if (!parsed.ok) throw new Error(parsed.error.code);
      const { headers, ...rest } = parsed.value;
      const { headers: originalHeaders, ...originalRest } = original;
      expect(rest).toEqual(originalRest);
      expect([...headers]).toEqual([...originalHeaders]);
    }),
  );
});

test("a well-formed message is serialized to the bytes it came as", () => {
  const spacing = fc.constantFrom("", " ", "\t ", " \r\n ", "\r\n\t");
  const line = fc
    .tuple(token, fc.constantFrom("", " ", "\t"), spacing, value, spacing)
    .filter(([name]) => !/^(l|content-length)$/i.test(name))
    .map((parts) => [parts[0], parts[1], ":", ...parts.slice(2)].join(""));
  fc.assert(
    fc.property(fc.array(line, { maxLength: 10 }), body, (lines, content) => {
      const head = ["MESSAGE sip:bob@biloxi.com SIP/2.0", ...lines, `Content-Length: ${content.length}`, "", ""];
      const bytes = Buffer.concat([Buffer.from(head.join("\r\n"), "latin1"), content]);
      const parsed = parseMessage(bytes, "stream");
      expect(parsed.ok && serialize(parsed.value)).toEqual(bytes);
    }),
  );
});

test("a stream gives the same messages however it is cut", () => {
  fc.assert(
    fc.property(
      fc.array(message, { minLength: 1, maxLength: 4 }),
      fc.array(fc.nat({ max: 300 })),
      (messages, sizes) => {
        const whole = messages.map(serialize);
        let rest = Buffer.concat(whole);
        const framer = new StreamFramer();
        const frames: Frame[] = [];
        for (const size of sizes) {
          frames.push(...framer.push(rest.subarray(0, size)));
          rest = rest.subarray(size);
        }
        frames.push(...framer.push(rest));
        expect(frames).toEqual(whole.map((bytes) => ({ kind: "message", bytes })));
      },
    ),
  );
});

const seeds = ["rfc4475", "rfc5118"].flatMap((folder) => {
  const root = new URL(`../vectors/${folder}/`, import.meta.url);
  return readdirSync(root).map((name) => readFileSync(new URL(name, root)));
});

/** Messages of the RFCs and as many of the generator, made once: damaging them is what takes the runs. */
const generated = fc.sample(message, { numRuns: seeds.length, seed: seeds.length }).map(serialize);
const seed = fc.constantFrom(...seeds, ...generated);

/** Bytes that mean something to the grammar make damage that goes deeper. */
const damage = fc.record({
  at: fc.nat(),
  cut: fc.nat({ max: 20 }),
  put: fc.oneof(
    fc.uint8Array({ maxLength: 8 }).map((bytes) => Buffer.from(bytes)),
    fc
      .constantFrom("\r\n", "\n", "\r", '"', "<", ">", ";", ",", ":", "@", "%", "%00", "\\", " ", "\0", "=", "[", "]")
      .map(Buffer.from),
    fc.constantFrom("\r\n ", "\r\n\r\n", "SIP/2.0", "99999999999999999999", "\r\nl: -1", ";;", "sip:").map(Buffer.from),
  ),
});

test(
  "damaged messages are read or refused, never thrown at, and stay what they were read as",
  { timeout: PATIENCE },
  () => {
    fc.assert(
      fc.property(seed, fc.array(damage, { minLength: 1, maxLength: 6 }), (whole, damages) => {
        let bytes: Buffer = whole;
        for (const { at, cut, put } of damages) {
          const place = at % (bytes.length + 1);
          bytes = Buffer.concat([bytes.subarray(0, place), put, bytes.subarray(place + cut)]);
        }
        readWhole(bytes);
      }),
      { numRuns: RUNS },
    );
  },
);

/** Reads all there is to read: cut from a stream or as a datagram, every header decoded, written and read again. */
function readWhole(bytes: Buffer): void {
  for (const frame of new StreamFramer().push(bytes))
    if (frame.kind === "message") readMessage(parseMessage(frame.bytes, "stream"));
  readMessage(parseMessage(bytes, "datagram"));
}

function readMessage(parsed: ReturnType<typeof parseMessage>): void {
  const read = parsed.ok ? parsed.value : parsed.error.request;
  if (!read) return;
  for (const { id } of read.headers) describeHeader(read, id);
  if (read.kind === "request") {
    checkRequest(read);
    serialize(responseTo(read, 400, { toTag: "x" }));
  } else checkResponse(read);
  if (!parsed.ok) return;
  const once = serialize(read);
  const again = parseMessage(once, "stream");
  if (!again.ok || !serialize(again.value).equals(once)) throw new Error("It is read as another message again.");
}

test("any text is read or refused as URI, address and credentials", { timeout: PATIENCE }, () => {
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string({ unit: charactersOf('sip:@.a1%0;=?&[]<>"\\, *'), maxLength: 40 }),
    fc.string({ unit: charactersOf('="\\, a') }).map((rest) => `Digest ${rest}`),
  );
  fc.assert(
    fc.property(text, (candidate) => {
      const uri = parseUri(candidate);
      parseNameAddr(candidate);
      parseChallenges([candidate]);
      parseCredentials(candidate);
      if (!uri.ok) return;
      const written = parseUri(formatUri(uri.value));
      expect(written.ok && formatUri(written.value)).toBe(formatUri(uri.value));
      expect(uriEquals(uri.value, uri.value)).toBe(true);
      const key = addressOfRecord(uri.value);
      if (key === undefined) return;
      const keyUri = parseUri(key);
      expect(keyUri.ok && addressOfRecord(keyUri.value)).toBe(key);
    }),
    { numRuns: RUNS },
  );
});

test("no name or secret gets out of its quotes", () => {
  const text = fc.string({ unit: fc.integer({ min: 32, max: 126 }).map((code) => String.fromCharCode(code)) });
  fc.assert(
    fc.property(text, (name) => {
      expect(unquote(quote(name))).toBe(name);
      expect(parseNameAddr(formatNameAddr({ displayName: name, uri: "sip:a@b" }))?.uriText).toBe("sip:a@b");
      const credentials = { username: name, realm: name, nonce: name, uri: name, response: "00" };
      expect(parseCredentials(formatCredentials(credentials))).toEqual(credentials);
    }),
  );
});

/** Repetitions at which patterns and scanners are prone to take quadratic time: then this would not end in time. */
test.each([
  ["folds", `Subject: ${"\r\n ".repeat(5_000)}x`],
  ["blanks", `Subject: ${" ".repeat(16_000)}x`],
  ["blanks in parameters", `Contact: <sip:a@b>;a${" ".repeat(15_000)}b`],
  ["unended quotes", `Contact: ${'"'.repeat(15_001)}`],
  ["escaped quotes", `Contact: "${'\\"'.repeat(7_500)}`],
  ["empty parameters", `Contact: <sip:a@b>${";".repeat(15_000)}`],
  ["commas", `Via: ${",".repeat(15_000)}`],
  ["brackets", `To: ${"<".repeat(15_000)}`],
  ["percent signs", `To: <sip:${"%".repeat(15_000)}@b>`],
])("hostile %s cost linear time", (_, line) => {
  for (let round = 0; round < 50; round++)
    readWhole(Buffer.from(`OPTIONS sip:a@b SIP/2.0\r\n${line}\r\nContent-Length: 0\r\n\r\n`, "latin1"));
});
