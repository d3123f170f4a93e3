import { describe, expect, test } from "vitest";
import type { Known } from "../../../core/server/composition.ts";
import { AUTOMATIC_LIFE, compose as composed, limited } from "../../../core/server/composition.ts";
import type { PublishedState } from "../../../core/payload/presence-state.ts";
import { NAMESPACE } from "../../../core/payload/namespaces.ts";
import { activitiesElement } from "../../../core/payload/rpid.ts";
import type { XmlElement } from "../../../core/payload/xml.ts";
import { element } from "../../../core/payload/xml.ts";
import { pidfToState, stateToPidf } from "../../../core/payload/presence-state.ts";
import type { PresenceDocument } from "../../../core/payload/pidf.ts";

const entity = "sip:alice@acme.example";
const NOW = Date.UTC(2026, 0, 5, 9);

function published(state: PublishedState, tupleId = "t1", at = NOW) {
  return { document: stateToPidf({ entity, tupleId, state, since: at, note: `note of ${tupleId}` }), at };
}

const seen = (document: PresenceDocument): string => pidfToState(document, NOW + 60_000).state;
const compose = (known: Known): PresenceDocument => composed(known).document;
const OFFLINE = compose({ entity, published: [] });

describe("what is told of a person", () => {
  test("a publication says more than a registration, a registration more than a lost flow", () => {
    const known = { entity, registeredSince: NOW, lostAt: NOW };
    expect(seen(compose({ ...known, published: [published("busy")] }))).toBe("busy");
    expect(seen(compose({ ...known, published: [] }))).toBe("available");
    expect(seen(compose({ entity, published: [], lostAt: NOW }))).toBe("connection-lost");
    expect(seen(OFFLINE)).toBe("offline");
  });

  test("the newest publication speaks for the person, every device keeps its tuple", () => {
    const document = compose({ entity, published: [published("busy", "desk"), published("away", "pocket", NOW + 1)] });
    expect(seen(document)).toBe("away");
    expect(document.tuples.map(({ id }) => id)).toEqual(["desk", "pocket"]);
  });

  test("whoever is invisible looks exactly like somebody who is not there", () => {
    expect(compose({ entity, published: [published("invisible")], registeredSince: NOW })).toEqual(OFFLINE);
  });
});

describe("how much of it a watcher sees", () => {
  const busy = compose({ entity, published: [published("busy")] });

  test("everything", () => expect(limited(busy, "everything")).toBe(busy));

  test("basic: there or not, without note, device, activity or time", () => {
    expect(limited(busy, "basic")).toEqual(stateToPidf({ entity, tupleId: "gateway", state: "available" }));
    expect(limited(OFFLINE, "basic")).toEqual(OFFLINE);
    expect(limited(compose({ entity, published: [], lostAt: NOW }), "basic")).toEqual(OFFLINE);
  });

  test("offline: exactly what somebody shows who is offline", () => expect(limited(busy, "offline")).toEqual(OFFLINE));
});

describe("who speaks for the person", () => {
  /** A device that noticed something by itself. */
  function noticed(activity: "on-the-phone" | "away", at = NOW, until?: number) {
    const { document } = published("available", `auto-${activity}`, at);
    const activities = activitiesElement({
      values: [activity],
      extensions: [element(NAMESPACE.hallway, "automatic")],
      ...(until !== undefined && { until }),
    });
    const [person] = document.persons;
    return { at, document: { ...document, persons: person ? [{ ...person, extensions: [activities] }] : [] } };
  }

  const state = (...all: readonly ReturnType<typeof published>[]): string =>
    seen(compose({ entity, published: all, now: NOW + 10_000 }));

  test("what was chosen counts before what a program noticed, also when that is newer", () => {
    expect(state(published("in-a-meeting", "desk"), noticed("on-the-phone", NOW + 5_000))).toBe("in-a-meeting");
    expect(state(published("available", "desk"), noticed("away", NOW + 5_000))).toBe("available");
  });

  test("what was noticed counts before a device that says nothing", () => {
    const silent = { at: NOW + 5_000, document: { ...published("available", "old phone").document, persons: [] } };
    expect(state(noticed("on-the-phone"), silent)).toBe("on-the-phone");
  });

  test("do not disturb counts before everything else, the newest of equals before the others", () => {
    expect(state(published("do-not-disturb", "desk"), published("available", "pocket", NOW + 5_000))).toBe(
      "do-not-disturb",
    );
    expect(state(published("busy", "desk"), published("away", "pocket", NOW + 5_000))).toBe("away");
    expect(state(published("away", "pocket", NOW + 5_000), published("busy", "desk"))).toBe("away");
  });

  test("what was noticed ends by itself, at its own end or after an hour", () => {
    const call = noticed("on-the-phone");
    const at = (now: number, publication = call) => composed({ entity, published: [publication], now });
    expect([seen(at(NOW + 1).document), at(NOW + 1).changesAt]).toEqual(["on-the-phone", NOW + AUTOMATIC_LIFE]);
    expect([seen(at(NOW + AUTOMATIC_LIFE).document), at(NOW + AUTOMATIC_LIFE).changesAt]).toEqual([
      "available",
      undefined,
    ]);
    expect(at(NOW + 1, noticed("on-the-phone", NOW, NOW + 90_000)).changesAt).toBe(NOW + 90_000);
  });

  test("what each device says of mood, place and capabilities is kept, elements that nobody knows too", () => {
    const more = (id: string, ...extensions: readonly XmlElement[]) => ({
      at: NOW,
      document: {
        ...published("available", id).document,
        persons: [{ id, notes: [], extensions }],
      },
    });
    const mood = element(NAMESPACE.rpid, "mood", {}, element(NAMESPACE.rpid, "happy"));
    const place = element(NAMESPACE.rpid, "place-type", {}, element("urn:ietf:params:xml:ns:location-type", "office"));
    const card = element("urn:ietf:params:xml:ns:pidf:cipid", "card", {}, "https://acme.example/alice.vcf");
    const strange = element("urn:example:future", "weather", {}, "rain");
    const document = compose({ entity, published: [more("a", mood, strange), more("b", place, card)], now: NOW });
    expect(document.persons).toHaveLength(1);
    expect(new Set(document.persons[0]?.extensions)).toEqual(new Set([mood, strange, place, card]));
  });

  test("a timed status of the future is told before its time (RFC 4481), an activity is not", () => {
    const later = NOW + 3_600_000;
    const from = new Date(later).toISOString();
    const timed = element("urn:ietf:params:xml:ns:pidf:timed-status", "timed-status", { from });
    const base = published("available", "t1").document;
    const [tuple] = base.tuples;
    const meeting = activitiesElement({ values: ["meeting"], from: later });
    const document = {
      ...base,
      tuples: tuple ? [{ ...tuple, extensions: [timed] }] : [],
      persons: [{ id: "p", notes: [], extensions: [meeting] }],
    };
    const now = composed({ entity, published: [{ document, at: NOW }], now: NOW });
    expect(now.document.tuples[0]?.extensions).toEqual([timed]);
    expect([now.document.persons[0]?.extensions, now.changesAt]).toEqual([[], later - 300_000]);
  });

  test("a lasting note shows where nothing newer is said, also of somebody who is offline", () => {
    const lasting = {
      ...OFFLINE,
      tuples: [],
      persons: [{ id: "l", extensions: [], notes: [{ text: "Back in May" }] }],
    };
    const note = (all: readonly ReturnType<typeof published>[]): string | undefined =>
      pidfToState(compose({ entity, published: all, lasting, now: NOW }), NOW).note;
    expect(note([])).toBe("Back in May");
    expect(note([published("busy")])).toBe("note of t1");
  });
});
