import type { StoreApi } from "zustand/vanilla";
import type {
  Answer,
  Bridge,
  CommandArgs,
  CommandName,
  CommandValues,
  Contact,
  Settings,
} from "../../core/bridge/contract.ts";
import type { Words } from "../strings/words.ts";
import { unreadLineOf } from "./conversation.ts";
import { MAX_KEPT_MESSAGES, withOlder } from "./logs.ts";
import type { Log, Model, PersonKey } from "./model.ts";
import { idOf, keyOf } from "./model.ts";
import { displayName } from "./presence.ts";
import type { OpenDialog, Page, WindowState } from "./window.ts";

/** Messages in one page of history. */
export const PAGE_SIZE = 50;
/** How long a notice with "Undo" stays. */
export const TOAST_MS = 10_000;
/** How long a word or two stay, such as "Copied": nothing is to be done or read about them. */
const SHORT_TOAST_MS = 2_500;
const SHORT_TOAST_LENGTH = 16;
const DRAFT_DELAY_MS = 500;
/** The core is told of typing no more often than this; it decides what others hear of it. */
const TYPING_EVERY_MS = 3_000;

export interface Surroundings {
  readonly bridge: Bridge;
  readonly model: StoreApi<Model>;
  readonly window: StoreApi<WindowState>;
  readonly words: () => Words;
  readonly later: (callback: () => void, ms: number) => () => void;
}

export type Actions = ReturnType<typeof createActions>;

/** Everything a person can do in this window. Each action is one command to the core, or one change of the window. */
export function createActions(around: Surroundings) {
  const { bridge, model, window } = around;
  const draftTimers = new Map<PersonKey, () => void>();
  /** People to whom something is being typed, of which the core was told a moment ago. */
  const typing = new Map<PersonKey, () => void>();
  let toastNumber = 0;

  /** Commands fail as answers, never as exceptions, even when the host went away. */
  async function invoke<Name extends CommandName>(
    name: Name,
    args: CommandArgs[Name],
  ): Promise<Answer<CommandValues[Name]>> {
    try {
      return await bridge.invoke(name, args);
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      return { ok: false, code: "bridge-closed", message };
    }
  }

  function announce(text: string, urgent = false): void {
    window.setState(urgent ? { assertive: text } : { polite: text });
  }

  function closeToast(id: number): void {
    window.setState((state) => ({ toasts: state.toasts.filter((toast) => toast.id !== id) }));
  }

  function toast(text: string, undo?: () => void): void {
    toastNumber += 1;
    const id = toastNumber;
    const once = undo === undefined ? {} : { undo: () => (closeToast(id), undo()) };
    // Two at a time: a heap of notices is read by nobody.
    window.setState((state) => ({ toasts: [...state.toasts.slice(-1), { id, text, ...once }] }));
    announce(text);
    const isShort = undo === undefined && text.length <= SHORT_TOAST_LENGTH;
    around.later(() => closeToast(id), isShort ? SHORT_TOAST_MS : TOAST_MS);
  }

  /** Does a command whose refusal is worth one sentence at the edge of the window. */
  async function attempt<Name extends CommandName>(name: Name, args: CommandArgs[Name]): Promise<boolean> {
    const answer = await invoke(name, args);
    if (!answer.ok) toast(`${around.words().say("toast.refused")} ${answer.message}`);
    return answer.ok;
  }

  function setLog(key: PersonKey, change: (log: Log) => Log): void {
    model.setState((state) => {
      const before = state.logs.get(key) ?? { items: [], state: "loading" as const };
      return { logs: new Map(state.logs).set(key, change(before)) };
    });
  }

  /** Reads the page before what is there, or the newest page. Resolves when it stands in the log. */
  async function readOlder(key: PersonKey): Promise<void> {
    const before = model.getState().logs.get(key);
    if (before?.state === "loading") return;
    if (before !== undefined && before.state === "ready" && before.older === undefined) return;
    setLog(key, (log) => ({ ...log, state: "loading" }));
    const { account, address } = idOf(key);
    const cursor = before?.older;
    const answer = await invoke("history.page", {
      account,
      with: address,
      direction: "older",
      limit: PAGE_SIZE,
      ...(cursor === undefined ? {} : { cursor }),
    });
    setLog(key, (log) => (answer.ok ? withOlder(log, answer.value) : { ...log, state: "failed" }));
    placeUnreadLine(key);
  }

  function placeUnreadLine(key: PersonKey): void {
    const { open, unread, unreadCount } = window.getState();
    if (open !== key || unread !== undefined || unreadCount === 0) return;
    const line = unreadLineOf(model.getState().logs.get(key)?.items ?? [], unreadCount);
    if (line !== undefined) window.setState({ unread: line });
  }

  function openConversation(key: PersonKey): void {
    const { open } = window.getState();
    const conversation = model.getState().conversations.get(key);
    if (open !== key) {
      if (open !== undefined) forgetOldMessages(open);
      window.setState({ unread: undefined, unreadCount: conversation?.unread ?? 0 });
    }
    window.setState({ page: "people", open: key, pane: "conversation" });
    if (!model.getState().logs.has(key)) void readOlder(key);
    else placeUnreadLine(key);
    if ((conversation?.unread ?? 0) > 0) markRead(key);
  }

  /** A log that was scrolled far back is cut to its newest part when it is left. */
  function forgetOldMessages(key: PersonKey): void {
    const log = model.getState().logs.get(key);
    if (log === undefined || log.items.length <= MAX_KEPT_MESSAGES) return;
    const logs = new Map(model.getState().logs);
    logs.delete(key);
    model.setState({ logs });
  }

  function markRead(key: PersonKey): void {
    const { account, address } = idOf(key);
    void invoke("conversation.read", { account, with: address });
  }

  function draft(key: PersonKey, text: string): void {
    window.setState((state) => ({ drafts: new Map(state.drafts).set(key, text) }));
    draftTimers.get(key)?.();
    const save = (): void => {
      draftTimers.delete(key);
      const { account, address } = idOf(key);
      void invoke("conversation.draft", { account, with: address, text: window.getState().drafts.get(key) ?? "" });
    };
    draftTimers.set(key, around.later(save, DRAFT_DELAY_MS));
  }

  /** A key was pressed in the field: the text there is now this one. */
  function typed(key: PersonKey, text: string): void {
    draft(key, text);
    const { account, address } = idOf(key);
    const isEmpty = text.trim() === "";
    if (!isEmpty && typing.has(key)) return;
    typing.get(key)?.();
    typing.delete(key);
    if (!isEmpty)
      typing.set(
        key,
        around.later(() => void typing.delete(key), TYPING_EVERY_MS),
      );
    void invoke("message.typing", { account, to: address, active: !isEmpty });
  }

  /** The field empties at once; a text that was not even queued comes back with its reason. */
  async function send(key: PersonKey, text: string): Promise<void> {
    const { account, address } = idOf(key);
    setRefused(key, undefined);
    draft(key, "");
    const answer = await invoke("message.send", { account, to: address, text });
    if (answer.ok) return;
    const typedSince = window.getState().drafts.get(key) ?? "";
    draft(key, typedSince === "" ? text : `${text}\n${typedSince}`);
    setRefused(key, answer.message);
  }

  function setRefused(key: PersonKey, reason: string | undefined): void {
    window.setState((state) => {
      const refused = new Map(state.refused);
      if (reason === undefined) refused.delete(key);
      else refused.set(key, reason);
      return { refused };
    });
  }

  async function retry(account: string, messageId: string): Promise<void> {
    if (await attempt("message.retry", { account, messageId })) announce(around.words().say("sent.announced"));
  }

  async function removeContact(contact: Contact): Promise<void> {
    const { account, address } = contact;
    const name = displayName(contact, address);
    if (!(await attempt("contact.remove", { account, address }))) return;
    const undo = async (): Promise<void> => {
      const back = await attempt("contact.add", contactArgs(contact));
      if (back) announce(around.words().say("toast.undone", { name }));
    };
    toast(around.words().say("toast.removed", { name }), () => void undo());
  }

  function undoLast(): boolean {
    const last = window.getState().toasts.findLast((item) => item.undo !== undefined);
    last?.undo?.();
    return last !== undefined;
  }

  return {
    invoke,
    attempt,
    announce,
    toast,
    closeToast,
    undoLast,
    readOlder,
    openConversation,
    markRead,
    typed,
    send,
    retry,
    removeContact,
    show: (page: Page) => window.setState({ page, dialog: undefined, stateMenu: false }),
    signInAs: (account: string) => window.setState({ page: "sign-in", signInAs: account }),
    backToList: () => window.setState({ pane: "list" }),
    setTab: (tab: WindowState["tab"]) => window.setState({ tab }),
    setQuery: (query: string) => window.setState({ query }),
    setOrder: (order: readonly PersonKey[]) => window.setState({ order }),
    setStateMenu: (stateMenu: boolean) => window.setState({ stateMenu }),
    openDialog: (dialog: OpenDialog) => window.setState({ dialog, stateMenu: false }),
    closeDialog: () => window.setState({ dialog: undefined }),
    foldGroup(id: string, closed: boolean): void {
      window.setState((state) => {
        const closedGroups = new Set(state.closedGroups);
        if (closed) closedGroups.add(id);
        else closedGroups.delete(id);
        return { closedGroups };
      });
    },
    postpone: (account: string, address: string) =>
      window.setState((state) => ({ later: new Set(state.later).add(keyOf(account, address)) })),
    updateContact: (contact: Contact) => attempt("contact.update", contactArgs(contact)),
    setSettings: (change: Partial<Settings>) => attempt("settings.set", change),
  };
}

/** Absent parts stay absent: the contract tells an empty name from none. */
function contactArgs(contact: Contact): CommandArgs["contact.add"] {
  const { account, address, name, groups, favourite, note } = contact;
  return {
    account,
    address,
    groups: [...groups],
    favourite,
    ...(name === undefined ? {} : { name }),
    ...(note === undefined ? {} : { note }),
  };
}
