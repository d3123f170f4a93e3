import { describe, expect, test } from "vitest";
import { formatWatcherInfo, parseWatcherInfo, type WatcherInfo } from "../../../core/payload/watcher-info.ts";
import { canValidate, hasSuites, schemaErrors, suite, suiteFiles } from "./suites.ts";
import { valueOf } from "./values.ts";

const FULL: WatcherInfo = {
  version: 7,
  state: "partial",
  lists: [
    {
      resource: "sip:alice@example.com",
      package: "presence",
      watchers: [
        {
          id: "w1",
          uri: "sip:bob@example.org",
          displayName: 'Bob "B" & co',
          status: "active",
          event: "approved",
          durationSubscribed: 509,
          expiration: 20,
        },
        { id: "w2", uri: "sip:eve@example.org", status: "waiting", event: "giveup" },
      ],
    },
    { resource: "sip:alice@example.com", package: "dialog", watchers: [] },
  ],
};

test("watcher information survives writing and reading", () => {
  expect(valueOf(parseWatcherInfo(formatWatcherInfo(FULL)))).toEqual(FULL);
});

test.skipIf(!canValidate)("what is written is valid (skipped without schemas or xmllint)", () => {
  expect(schemaErrors("watcherinfo.xsd", formatWatcherInfo(FULL))).toBe("");
});

describe.skipIf(!hasSuites)("examples of the RFCs (skipped without the suites)", () => {
  test("RFC 3858 §4.4", () => {
    expect(valueOf(parseWatcherInfo(suite("rfc-examples/rfc3858/xml-001.xml")))).toEqual({
      version: 0,
      state: "full",
      lists: [
        {
          resource: "sip:professor@example.net",
          package: "presence",
          watchers: [
            {
              id: "8ajksjda7s",
              uri: "sip:userA@example.net",
              status: "active",
              event: "approved",
              durationSubscribed: 509,
            },
            {
              id: "hh8juja87s997-ass7",
              uri: "sip:userB@example.org",
              displayName: "Mr. Subscriber",
              status: "pending",
              event: "subscribe",
            },
          ],
        },
      ],
    });
  });

  test.each(suiteFiles("rfc-examples/rfc3857", ".xml"))("%s means the same after it was written again", (path) => {
    const parsed = valueOf(parseWatcherInfo(suite(path)));
    expect(parsed.lists[0]?.watchers).toHaveLength(1);
    expect(valueOf(parseWatcherInfo(formatWatcherInfo(parsed)))).toEqual(parsed);
  });
});

const document = (attributes: string, inside = ""): string =>
  `<watcherinfo xmlns="urn:ietf:params:xml:ns:watcherinfo" ${attributes}>${inside}</watcherinfo>`;

test.each([
  ["no version", document('state="full"')],
  ["a negative version", document('version="-1" state="full"')],
  ["another state", document('version="0" state="half"')],
  ["another document", "<presence/>"],
])("%s is refused", (_, source) => {
  expect(parseWatcherInfo(source)).toMatchObject({ error: { code: "xml-unexpected" } });
});

test("a watcher that cannot be understood is left out", () => {
  const watchers = [
    '<watcher id="a" status="active" event="approved">sip:a@b</watcher>',
    '<watcher id="b" status="dancing" event="approved">sip:b@b</watcher>',
    '<watcher id="c" status="active" event="birthday">sip:c@b</watcher>',
    '<watcher status="active" event="approved">sip:d@b</watcher>',
    '<watcher id="e" status="active" event="approved"/>',
  ];
  const list = `<watcher-list resource="sip:x@y" package="presence">${watchers.join("")}</watcher-list>`;
  const parsed = valueOf(parseWatcherInfo(document('version="1" state="full"', list)));
  expect(parsed.lists[0]?.watchers.map(({ id }) => id)).toEqual(["a"]);
});
