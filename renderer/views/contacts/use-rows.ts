import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { Row } from "../../state/arrange.ts";
import { byAvailability, peopleRows, recentRows, rosterOf, withUnread } from "../../state/arrange.ts";
import { useActions, useModel, useModelStore, useWindow, useWords } from "../../state/context.tsx";
import type { Model } from "../../state/model.ts";

/** The order follows presence at most this often: rows that change places all the time cannot be read. */
const REORDER_MS = 1_000;

export interface Rows {
  readonly rows: readonly Row[];
  /** Holds the order while the pointer is over the list or the focus is in it. */
  hold(held: boolean): void;
}

/** The rows of the tab that is shown, filtered by what stands in the find field. */
export function useRows(): Rows {
  const { locale } = useWords();
  const { setOrder } = useActions();
  const contacts = useModel((model) => model.contacts);
  const conversations = useModel((model) => model.conversations);
  const tab = useWindow((state) => state.tab);
  const query = useWindow((state) => state.query);
  const closed = useWindow((state) => state.closedGroups);
  const { presence, hold } = useSettledPresence();
  const roster = useMemo(() => rosterOf(contacts, locale), [contacts, locale]);
  const groups = useMemo(
    () => byAvailability(withUnread(roster, conversations), presence),
    [roster, conversations, presence],
  );
  const rows = useMemo(
    () => (tab === "recent" ? recentRows(conversations, contacts, query) : peopleRows(groups, contacts, closed, query)),
    [tab, groups, contacts, conversations, closed, query],
  );
  useEffect(() => {
    setOrder([...new Set(rows.flatMap((row) => ("key" in row ? [row.key] : [])))]);
  }, [rows, setOrder]);
  return { rows, hold };
}

/** Presence as the order knows it: at most a second behind, and standing still while somebody is choosing. */
function useSettledPresence(): { readonly presence: Model["presence"]; readonly hold: (held: boolean) => void } {
  const store = useModelStore();
  const [presence, setPresence] = useState(() => store.getState().presence);
  const held = useRef(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  const settle = useCallback(() => {
    timer.current = undefined;
    if (!held.current) setPresence(store.getState().presence);
  }, [store]);

  useEffect(() => {
    settle();
    const unsubscribe = store.subscribe((state, before) => {
      if (state.presence !== before.presence) timer.current ??= setTimeout(settle, REORDER_MS);
    });
    return () => {
      unsubscribe();
      clearTimeout(timer.current);
      timer.current = undefined;
    };
  }, [store, settle]);

  const hold = useCallback(
    (now: boolean) => {
      held.current = now;
      if (!now) timer.current ??= setTimeout(settle, REORDER_MS);
    },
    [settle],
  );
  return { presence, hold };
}
