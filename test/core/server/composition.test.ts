import { describe, expect, test } from "vitest";
import { compose, limited } from "../../../core/server/composition.ts";
import type { PublishedState } from "../../../core/payload/presence-state.ts";
import { pidfToState, stateToPidf } from "../../../core/payload/presence-state.ts";
import type { PresenceDocument } from "../../../core/payload/pidf.ts";

const entity = "sip:alice@acme.example";
const NOW = Date.UTC(2026, 0, 5, 9);

function published(state: PublishedState, tupleId = "t1", at = NOW) {
  return { document: stateToPidf({ entity, tupleId, state, since: at, note: `note of ${tupleId}` }), at };
}

const seen = (document: PresenceDocument): string => pidfToState(document, NOW + 60_000).state;
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
