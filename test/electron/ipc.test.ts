import type { IpcMainInvokeEvent, WebContents } from "electron";
import { expect, test } from "vitest";
import type { EventMessage } from "../../core/bridge/contract.ts";
import { EVENT, INVOKE } from "../../electron/channels.ts";
import { connectIpc } from "../../electron/ipc.ts";

type Handler = (event: IpcMainInvokeEvent, ...args: unknown[]) => unknown;

interface Frame {
  readonly name: string;
}

/** A page as far as it is looked at, and what it was sent. */
function page(isDestroyed = false) {
  const sent: unknown[][] = [];
  const mainFrame: Frame = { name: "main" };
  const contents = { mainFrame, isDestroyed: () => isDestroyed, send: (...words: unknown[]) => sent.push(words) };
  return { contents: contents as unknown as WebContents, mainFrame, sent };
}

function connected(windows: readonly WebContents[]) {
  const calls: unknown[][] = [];
  const handlers = new Map<string, Handler>();
  let hear: ((message: EventMessage) => void) | undefined;
  const disconnect = connectIpc({
    ipcMain: {
      handle: (channel, handler) => void handlers.set(channel, handler as Handler),
      removeHandler: (channel) => void handlers.delete(channel),
    },
    bridge: {
      call: async (...words) => {
        calls.push(words);
        return { ok: true, value: null };
      },
      subscribe(listener) {
        hear = listener;
        return () => (hear = undefined);
      },
    },
    isOurs: (contents) => windows.includes(contents),
    windows: () => windows,
  });
  const invoke = (sender: WebContents, senderFrame: Frame | null, ...args: unknown[]): unknown =>
    handlers.get(INVOKE)?.({ sender, senderFrame } as unknown as IpcMainInvokeEvent, ...args);
  return { calls, invoke, disconnect, handlers, say: (message: EventMessage) => hear?.(message) };
}

const refused = { ok: false, code: "not-allowed" };

test("the main frame of our window is heard, as the owner", async () => {
  const ours = page();
  const { invoke, calls } = connected([ours.contents]);
  expect(await invoke(ours.contents, ours.mainFrame, "contact.list", { a: 1 })).toEqual({ ok: true, value: null });
  expect(calls).toEqual([["owner", "contact.list", { a: 1 }]]);
});

test("a frame inside our window, a frame that is gone, and any other page are refused", async () => {
  const [ours, other] = [page(), page()];
  const { invoke, calls } = connected([ours.contents]);
  expect(await invoke(ours.contents, { name: "inner" }, "contact.list", {})).toMatchObject(refused);
  expect(await invoke(ours.contents, null, "contact.list", {})).toMatchObject(refused);
  expect(await invoke(ours.contents, other.mainFrame, "contact.list", {})).toMatchObject(refused);
  expect(await invoke(other.contents, other.mainFrame, "contact.list", {})).toMatchObject(refused);
  expect(calls).toEqual([]);
});

test("events go to every window that is still there", () => {
  const [one, two, gone] = [page(), page(), page(true)];
  const { say } = connected([one.contents, two.contents, gone.contents]);
  const message = { event: "gateway.changed", seq: 1, payload: { running: false } } as const;
  say(message);
  expect(one.sent).toEqual([[EVENT, message]]);
  expect(two.sent).toEqual([[EVENT, message]]);
  expect(gone.sent).toEqual([]);
});

test("once disconnected nobody is heard and nothing is sent", () => {
  const ours = page();
  const { disconnect, handlers, say } = connected([ours.contents]);
  disconnect();
  say({ event: "gateway.changed", seq: 1, payload: { running: false } });
  expect(handlers.size).toBe(0);
  expect(ours.sent).toEqual([]);
});
