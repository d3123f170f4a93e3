import { createContext, use } from "react";
import { useStore } from "zustand";
import type { StoreApi } from "zustand/vanilla";
import type { Words } from "../strings/words.ts";
import type { Actions } from "./actions.ts";
import type { Model } from "./model.ts";
import type { LineContext } from "../strings/presence-words.ts";
import { accountNamed, isLost } from "./presence.ts";
import type { WindowState } from "./window.ts";

/** The parts that views share. They are made once in main.tsx; nothing of them changes while the window lives. */
export interface Parts {
  readonly model: StoreApi<Model>;
  readonly window: StoreApi<WindowState>;
  readonly actions: Actions;
  readonly reopen: () => void;
}

export const PartsContext = createContext<Parts | undefined>(undefined);
export const WordsContext = createContext<Words | undefined>(undefined);

function useParts(): Parts {
  const parts = use(PartsContext);
  if (parts === undefined) throw new Error("a view stands outside the window");
  return parts;
}

/**
 * Reads from the model and draws again only when the answer changed. Selectors must hand out parts of the model or plain
 * values: a new object at every call would draw for ever.
 */
export function useModel<T>(select: (model: Model) => T): T {
  return useStore(useParts().model, select);
}

export function useWindow<T>(select: (state: WindowState) => T): T {
  return useStore(useParts().window, select);
}

export function useActions(): Actions {
  return useParts().actions;
}

export function useReopen(): () => void {
  return useParts().reopen;
}

/** The store itself, for the few views that decide on their own when to follow it. */
export function useModelStore(): StoreApi<Model> {
  return useParts().model;
}

/** The model as it is now, for what happens on a key or a click; reading it draws nothing. */
export function useModelNow(): () => Model {
  return useParts().model.getState;
}

export function useWords(): Words {
  const words = use(WordsContext);
  if (words === undefined) throw new Error("a view stands outside the language");
  return words;
}

/** From when the knowledge about others is, while the account's own connection is lost. */
export function useLineContext(account: string): LineContext {
  const now = useWindow((state) => state.now);
  const lost = useModel((model) => isLost(accountNamed(model, account)));
  const lostAt = useModel((model) => accountNamed(model, account)?.since);
  return { now, lost, lostAt };
}
