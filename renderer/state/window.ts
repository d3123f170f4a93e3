import { createStore } from "zustand/vanilla";
import type { StoreApi } from "zustand/vanilla";
import type { UnreadLine } from "./conversation.ts";
import type { PersonKey } from "./model.ts";

export type Page = "people" | "requests" | "privacy" | "settings" | "sign-in" | "invitation" | "start-office";

export type OpenDialog =
  | { readonly kind: "add-person"; readonly address: string }
  | { readonly kind: "edit-person"; readonly key: PersonKey }
  | { readonly kind: "keys" };

export interface Toast {
  readonly id: number;
  readonly text: string;
  readonly undo?: () => void;
}

/** What this window shows and has typed in, and the core need not know. */
export interface WindowState {
  readonly page: Page;
  /** The account whose address the sign-in page starts with. */
  readonly signInAs: string;
  readonly open: PersonKey | undefined;
  /** Below 720 px one of the two is shown. */
  readonly pane: "list" | "conversation";
  readonly tab: "people" | "recent";
  readonly query: string;
  readonly closedGroups: ReadonlySet<string>;
  /** People in the order in which the list shows them, each once: what "next person" means. */
  readonly order: readonly PersonKey[];
  readonly stateMenu: boolean;
  readonly dialog: OpenDialog | undefined;
  readonly drafts: ReadonlyMap<PersonKey, string>;
  /** Why the newest text of a conversation was not even queued. */
  readonly refused: ReadonlyMap<PersonKey, string>;
  readonly unread: UnreadLine | undefined;
  /** Unread messages that the open conversation had before it was read; its line waits for the log. */
  readonly unreadCount: number;
  readonly toasts: readonly Toast[];
  /** The two live regions of the page. */
  readonly polite: string;
  readonly assertive: string;
  /** Requests answered with "Not now" in this window. */
  readonly later: ReadonlySet<PersonKey>;
  /** Milliseconds since the epoch, renewed twice a minute: what ages are counted from. */
  readonly now: number;
}

export function createWindowStore(now: number): StoreApi<WindowState> {
  return createStore<WindowState>(() => ({
    page: "people",
    signInAs: "",
    open: undefined,
    pane: "list",
    tab: "people",
    query: "",
    closedGroups: new Set(),
    order: [],
    stateMenu: false,
    dialog: undefined,
    drafts: new Map(),
    refused: new Map(),
    unread: undefined,
    unreadCount: 0,
    toasts: [],
    polite: "",
    assertive: "",
    later: new Set(),
    now,
  }));
}
