import { describe, expect, test } from "vitest";
import { formatPidf, parsePidf } from "../../../core/payload/pidf.ts";
import { pidfToState, type PublishedState, type SeenState, stateToPidf } from "../../../core/payload/presence-state.ts";
import { canValidate, hasSuites, presenceErrors, suite } from "./suites.ts";
import { valueOf } from "./values.ts";

const SINCE = Date.UTC(2026, 10, 21, 9);
const UNTIL = Date.UTC(2026, 10, 21, 10);
const basis = { entity: "sip:alice@example.com", tupleId: "a1" };
const STATES: readonly SeenState[] = [
  "available",
  "busy",
  "do-not-disturb",
  "away",
  "be-right-back",
  "in-a-meeting",
  "on-the-phone",
  "offline",
  "connection-lost",
];

const written = (wish: Omit<Parameters<typeof stateToPidf>[0], "entity" | "tupleId">): string =>
  formatPidf(stateToPidf({ ...basis, ...wish }));
const seen = (document: string, now?: number) => pidfToState(valueOf(parsePidf(document)), now);

describe("our own states", () => {
  test.each(STATES)("%s arrives as it was sent, with note and beginning", (state) => {
    expect(seen(written({ state }))).toEqual({ state });
    expect(seen(written({ state, note: "Back <soon>", since: SINCE }))).toEqual({
      state,
      note: "Back <soon>",
      since: SINCE,
    });
  });

  test.each(STATES.slice(0, 7))("%s brings its end, device and media", (state) => {
    const document = written({
      state,
      until: UNTIL,
      device: { id: "urn:uuid:1", name: "Desk" },
      media: { message: true, call: false },
      contact: { uri: "sip:alice@host" },
    });
    expect(seen(document)).toEqual({ state, until: UNTIL, devices: ["Desk"], media: { message: true, call: false } });
  });

  test.each<[PublishedState, string, string | undefined]>([
    ["available", "open", undefined],
    ["busy", "open", "<rpid:busy/>"],
    ["do-not-disturb", "open", "<rpid:busy/><hallway:do-not-disturb/>"],
    ["away", "open", "<rpid:away/>"],
    ["be-right-back", "open", "<rpid:away/><hallway:be-right-back/>"],
    ["in-a-meeting", "open", "<rpid:meeting/>"],
    ["on-the-phone", "open", "<rpid:on-the-phone/>"],
    ["invisible", "closed", undefined],
  ])("%s is %s on the wire, with %s", (state, basic, activities) => {
    const document = written({ state });
    expect(document).toContain(`<basic>${basic}</basic>`);
    expect(/<rpid:activities>(.*)<\/rpid:activities>/.exec(document)?.[1]).toBe(activities);
  });

  test("invisible tells nothing that offline would not", () => {
    const told = {
      note: "hiding",
      since: SINCE,
      until: UNTIL,
      contact: { uri: "sip:x" },
      device: { id: "urn:x" },
      media: { message: true },
    };
    expect(written({ state: "invisible", ...told })).toBe(written({ state: "offline" }));
  });

  test("an activity whose time is over or well ahead does not count; clocks may differ by five minutes", () => {
    const document = written({ state: "in-a-meeting", since: SINCE, until: UNTIL });
    const early = SINCE - 5 * 60_000;
    expect([early - 1, early, SINCE, UNTIL, UNTIL + 1].map((now) => seen(document, now).state)).toEqual([
      "available",
      "in-a-meeting",
      "in-a-meeting",
      "in-a-meeting",
      "available",
    ]);
  });

  test("identifiers become valid ones", () => {
    expect(stateToPidf({ ...basis, tupleId: "1 <b>", state: "available" }).tuples[0]?.id).toBe("t1__b_");
  });

  test.skipIf(!canValidate)("all of them are valid documents (skipped without schemas or xmllint)", () => {
    const told = {
      note: "n",
      since: SINCE,
      until: UNTIL,
      contact: { uri: "sip:x" },
      device: { id: "urn:x" },
      media: { message: true, call: true },
    };
    for (const state of STATES) expect(presenceErrors(written({ state, ...told }))).toBe("");
  });
});

describe("strangers' documents", () => {
  const NS =
    'xmlns="urn:ietf:params:xml:ns:pidf" xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model" xmlns:r="urn:ietf:params:xml:ns:pidf:rpid"';
  const open = "<tuple id='t'><status><basic>open</basic></status></tuple>";
  const closed = "<tuple id='u'><status><basic>closed</basic></status></tuple>";
  const doc = (inside: string): string => `<presence ${NS} entity="sip:b@c">${inside}</presence>`;
  const person = (inside: string): string => `<dm:person id="p">${inside}</dm:person>`;

  test.each<[string, SeenState]>([
    ["appointment", "busy"],
    ["meeting", "in-a-meeting"],
    ["presentation", "in-a-meeting"],
    ["on-the-phone", "on-the-phone"],
    ["busy", "busy"],
    ["steering", "busy"],
    ["away", "away"],
    ["vacation", "away"],
    ["meal", "away"],
    ["sleeping", "away"],
    ["permanent-absence", "away"],
    ["working", "available"],
    ["unknown", "available"],
    ["unheard-of", "available"],
  ])("activity %s is seen as %s, and as offline when nothing is open", (activity, state) => {
    const activities = person(`<r:activities><r:${activity}/></r:activities>`);
    expect(seen(doc(open + activities)).state).toBe(state);
    expect(seen(doc(closed + activities)).state).toBe("offline");
  });

  test.each<[string, SeenState]>([
    ["Do not disturb", "do-not-disturb"],
    ["be right back", "be-right-back"],
    ["reading", "available"],
  ])("other words %j are seen as %s", (words, state) => {
    expect(seen(doc(open + person(`<r:activities><r:other>${words}</r:other></r:activities>`))).state).toBe(state);
  });

  test("of several activities the one that asks for most restraint counts", () => {
    const activities =
      "<r:activities><r:away/></r:activities><r:activities><r:on-the-phone/><r:vacation/></r:activities>";
    expect(seen(doc(open + person(activities))).state).toBe("on-the-phone");
  });

  test("one open tuple is enough, an empty document is offline", () => {
    expect(seen(doc(closed + open)).state).toBe("available");
    expect(seen(doc(closed)).state).toBe("offline");
    expect(seen(doc("")).state).toBe("offline");
    expect(seen(doc(person("<r:activities><r:busy/></r:activities>"))).state).toBe("busy");
  });

  test("words of Blink and of RFC 3863 in an open status", () => {
    const status = (word: string): string => `<tuple id="t"><status><basic>open</basic>${word}</status></tuple>`;
    expect(seen(doc(status('<extended xmlns="urn:ag-projects:xml:ns:pidf">busy</extended>'))).state).toBe("busy");
    expect(seen(doc(status('<extended xmlns="urn:ag-projects:xml:ns:pidf">extended-away</extended>'))).state).toBe(
      "away",
    );
    expect(seen(doc(status('<im xmlns="urn:ietf:params:xml:ns:pidf:im">busy</im>'))).state).toBe("busy");
  });

  test("idle everywhere is away, active somewhere is not", () => {
    const idle = "<dm:device id='d'><r:user-input>idle</r:user-input><dm:deviceID>urn:d</dm:deviceID></dm:device>";
    const active = "<dm:device id='e'><r:user-input>active</r:user-input><dm:deviceID>urn:e</dm:deviceID></dm:device>";
    expect(seen(doc(open + idle))).toEqual({ state: "away", devices: ["urn:d"] });
    expect(seen(doc(open + idle + active)).state).toBe("available");
  });

  test("notes are taken from the person before the service before the document", () => {
    const tuple = "<tuple id='t'><status><basic>open</basic></status><note>service</note></tuple>";
    expect(seen(doc(`${tuple}<note>document</note>${person("<dm:note>person</dm:note>")}`)).note).toBe("person");
    expect(seen(doc(`${tuple}<note>document</note>`)).note).toBe("service");
    expect(seen(doc(`${open}<note>document</note>`)).note).toBe("document");
  });

  test.skipIf(!hasSuites)("RFC 4479's example (skipped without the suites)", () => {
    expect(seen(suite("rfc-examples/rfc4479/xml-001.xml").toString())).toEqual({
      state: "on-the-phone",
      devices: ["mac:8asd7d7d70"],
      media: { message: true },
    });
  });
});
