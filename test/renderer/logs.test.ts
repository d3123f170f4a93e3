import { describe, expect, test } from "vitest";
import type { MessageStatus } from "../../core/bridge/contract.ts";
import { newestArrived, partsOf, showsWord, unreadLineOf } from "../../renderer/state/conversation.ts";
import { laterStatus, withOlder } from "../../renderer/state/logs.ts";
import { message } from "./samples.ts";

const at = (clock: string, day = 19): string => `2026-11-${day}T${clock}:00.000Z`;
const dayOf = (time: string): string => time.slice(0, 10);

describe("marks", () => {
  test.each<[MessageStatus | undefined, MessageStatus, MessageStatus]>([
    [undefined, "queued", "queued"],
    ["queued", "sent", "sent"],
    ["delivered", "sent", "delivered"],
    ["displayed", "delivered", "displayed"],
    ["sent", "failed", "failed"],
    ["delivered", "failed", "delivered"],
    ["failed", "queued", "queued"],
  ])("%s, then %s, shows %s", (before, after, shown) => {
    expect(laterStatus(before, after)).toBe(shown);
  });

  test("words stand beside the newest that arrived, and beside everything that did not", () => {
    const own = (id: string, status: MessageStatus) => message(id, at("10:00"), { outgoing: true, status });
    const items = [own("a", "displayed"), own("b", "displayed"), own("c", "delivered"), own("d", "queued")];
    const newest = newestArrived(items);
    expect(items.filter((item) => showsWord(item, newest)).map((item) => item.messageId)).toEqual(["b", "c", "d"]);
  });
});

describe("pages", () => {
  test("an older page stands before what is there, without doubles", () => {
    const log = { items: [message("b", at("11:00"))], state: "loading" as const, older: "7" };
    const page = { items: [message("a", at("10:00")), message("b", at("11:00"))] };
    expect(withOlder(log, page)).toEqual({
      items: [message("a", at("10:00")), message("b", at("11:00"))],
      state: "ready",
    });
  });

  test("the cursor of the next page is kept", () => {
    expect(withOlder({ items: [], state: "loading" }, { items: [], older: "3" }).older).toBe("3");
  });
});

describe("parts of a log", () => {
  test("a new day, another person, and more than five minutes each begin a group", () => {
    const items = [
      message("a", at("23:58", 18)),
      message("b", at("00:01")),
      message("c", at("00:06")),
      message("d", at("00:12")),
      message("e", at("00:12"), { outgoing: true, from: "me" }),
    ];
    const parts = partsOf(items, dayOf).map((part) =>
      part.kind === "group" ? part.messages.map((item) => item.messageId).join("") : part.kind,
    );
    expect(parts).toEqual(["day", "a", "day", "bc", "d", "e"]);
  });

  test("the unread line cuts a group where reading had ended", () => {
    const items = [message("a", at("10:00")), message("b", at("10:01"))];
    const parts = partsOf(items, dayOf, { messageId: "b", count: 1 });
    expect(parts.map((part) => part.kind)).toEqual(["day", "group", "unread", "group"]);
  });

  test("the unread line counts messages of the other person alone", () => {
    const items = [message("a", at("10:00")), message("b", at("10:01"), { outgoing: true }), message("c", at("10:02"))];
    expect(unreadLineOf(items, 2)).toEqual({ messageId: "a", count: 2 });
    expect(unreadLineOf(items, 0)).toBeUndefined();
    expect(unreadLineOf([], 2)).toBeUndefined();
  });
});
