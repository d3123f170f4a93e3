import { expect, test } from "vitest";
import { EventHub } from "../../../core/client/events.ts";

test("events are numbered without a gap, for whoever listens", () => {
  const hub = new EventHub();
  const heard: number[] = [];
  const stop = hub.subscribe(({ seq }) => heard.push(seq));
  hub.emit("contact.removed", { account: "a@x", address: "b@x" });
  hub.emit("contact.removed", { account: "a@x", address: "c@x" });
  stop();
  hub.emit("contact.removed", { account: "a@x", address: "d@x" });
  expect(heard).toEqual([1, 2]);
  expect(hub.seq).toBe(3);
});
