import { useEffect, useMemo, useRef } from "react";
import type { KeyboardEvent, ReactElement, RefObject } from "react";
import { useRem, useVirtualRows } from "../../components/use-virtual-rows.ts";
import type { Row } from "../../state/arrange.ts";
import { useActions, useModel, useModelNow, useWindow, useWords } from "../../state/context.tsx";
import { rowNamed } from "./row-names.ts";
import { RowView } from "./row.tsx";
import { useTakeRow } from "./use-take-row.ts";

export const TREE_ID = "contacts-tree";
/** Rows are named by their place, because names of people are data and make no identifiers. */
export const ROW_ID = "contacts-row-";

const HEIGHTS = {
  comfortable: { add: 3, group: 1.875, person: 3, recent: 3 },
  compact: { add: 1.75, group: 1.625, person: 1.75, recent: 1.75 },
} as const;

interface TreeProps {
  readonly rows: readonly Row[];
  readonly hold: (held: boolean) => void;
  /** The row that the keys act on. */
  readonly active: string;
  readonly onActive: (id: string) => void;
  readonly element: RefObject<HTMLDivElement | null>;
}

/** The virtual tree of people: one stop of the Tab key, with the arrows moving inside. */
export function Tree({ rows, hold, active, onActive, element }: TreeProps): ReactElement {
  const words = useWords();
  const tab = useWindow((state) => state.tab);
  const open = useWindow((state) => state.open);
  const density = useModel((model) => model.settings.density);
  const rem = useRem();
  const heights = useMemo(() => rows.map((row) => HEIGHTS[density][row.kind] * rem), [rows, density, rem]);
  const at = useActiveIndex(rows, active, open);
  const virtual = useVirtualRows(heights, at);
  const take = useTakeRow();
  const onKey = useTreeKeys(rows, at, (index) => {
    const row = rows[index];
    if (row === undefined) return;
    onActive(row.id);
    virtual.reveal(index);
  });
  const inside = useRef({ pointer: false, focus: false });
  const touch = (part: "pointer" | "focus", is: boolean): void => {
    inside.current[part] = is;
    hold(inside.current.pointer || inside.current.focus);
  };
  useEffect(() => () => hold(false), [hold]);
  return (
    <div
      ref={(node) => {
        virtual.scroller.current = node;
        element.current = node;
      }}
      id={TREE_ID}
      className="tree"
      role="tree"
      tabIndex={0}
      aria-label={words.say(tab === "recent" ? "contacts.recentTree" : "contacts.tree")}
      aria-activedescendant={`${ROW_ID}${String(at)}`}
      onKeyDown={onKey}
      onPointerEnter={() => touch("pointer", true)}
      onPointerLeave={() => touch("pointer", false)}
      onFocus={() => touch("focus", true)}
      onBlur={() => touch("focus", false)}
    >
      <div role="presentation" className="tree-inside" style={{ height: virtual.total }}>
        {virtual.indexes.map((index) => {
          const row = rows[index];
          return row === undefined ? null : (
            <RowView
              key={row.id}
              id={`${ROW_ID}${String(index)}`}
              row={row}
              top={virtual.topOf(index)}
              active={index === at}
              onTake={() => {
                onActive(row.id);
                take(row);
              }}
            />
          );
        })}
      </div>
    </div>
  );
}

/** The active row keeps its place when it vanishes: the neighbour takes over. Before any key it is the open person. */
function useActiveIndex(rows: readonly Row[], active: string, open: string | undefined): number {
  const last = useRef(0);
  const found = rows.findIndex((row) => row.id === active);
  const byOpen = active === "" ? rows.findIndex((row) => "key" in row && row.key === open) : -1;
  const at = found >= 0 ? found : byOpen >= 0 ? byOpen : Math.min(last.current, rows.length - 1);
  last.current = at;
  return at;
}

function useTreeKeys(
  rows: readonly Row[],
  at: number,
  moveTo: (index: number) => void,
): (event: KeyboardEvent<HTMLElement>) => void {
  const model = useModelNow();
  const actions = useActions();
  const take = useTakeRow();
  const onPerson = usePersonKeys();
  const typed = useRef({ text: "", at: 0 });
  return (event) => {
    const row = rows[at];
    if (row === undefined || event.altKey) return;
    const handled = (): void => event.preventDefault();
    if ("key" in row && onPerson(event, row.key)) return handled();
    if (event.ctrlKey || event.metaKey) return undefined;
    switch (event.key) {
      case "ArrowDown":
        return (handled(), moveTo(Math.min(at + 1, rows.length - 1)));
      case "ArrowUp":
        return (handled(), moveTo(Math.max(at - 1, 0)));
      case "Home":
        return (handled(), moveTo(0));
      case "End":
        return (handled(), moveTo(rows.length - 1));
      case "ArrowLeft":
        handled();
        if (row.kind === "group") return actions.foldGroup(row.group.id, true);
        return moveTo(rows.findLastIndex((other, index) => index < at && other.kind === "group"));
      case "ArrowRight":
        handled();
        return row.kind === "group" ? (row.open ? moveTo(at + 1) : actions.foldGroup(row.group.id, false)) : undefined;
      case "Enter":
      case " ":
        return (handled(), take(row));
      default:
        if (event.key.length !== 1) return undefined;
        typed.current = afterKey(typed.current, event.key, Date.now());
        return moveTo(rowNamed(rows, at, typed.current.text, model()));
    }
  };
}

const TYPE_AHEAD_MS = 700;

/** Letters typed quickly make one word; after a pause the next begins. */
function afterKey(before: { text: string; at: number }, key: string, now: number): { text: string; at: number } {
  return { text: now - before.at < TYPE_AHEAD_MS ? before.text + key : key, at: now };
}

/** Keys that change the person of the active row. Returns whether the key was one. */
function usePersonKeys(): (event: KeyboardEvent<HTMLElement>, key: string) => boolean {
  const model = useModelNow();
  const { openDialog, removeContact, updateContact } = useActions();
  return (event, key) => {
    const contact = model().contacts.get(key);
    if (contact === undefined) return false;
    if (event.key === "F2") openDialog({ kind: "edit-person", key });
    else if (event.key === "Delete") void removeContact(contact);
    else if (event.ctrlKey && event.shiftKey && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      const names = [...new Set([...model().contacts.values()].flatMap((other) => other.groups))].sort();
      const step = event.key === "ArrowDown" ? 1 : -1;
      const next = names[(names.indexOf(contact.groups[0] ?? "") + step + names.length) % names.length];
      if (next !== undefined) void updateContact({ ...contact, groups: [next] });
    } else return false;
    return true;
  };
}
