import { useEffect, useState } from "react";
import type { ReactElement } from "react";
import { Icon } from "../../components/icons.tsx";
import type { Row } from "../../state/arrange.ts";
import { useActions, useWindow, useWords } from "../../state/context.tsx";
import { ROW_ID, TREE_ID } from "./tree.tsx";
import { useTakeRow } from "./use-take-row.ts";

/** How long typing rests before the number of people found is spoken. */
const SPEAK_AFTER_MS = 500;

interface FindProps {
  readonly rows: readonly Row[];
  readonly onActive: (id: string) => void;
  readonly onLeave: () => void;
}

/** Filters the list at once; Enter takes the first row, whether it is a person or an address to add. */
export function Find({ rows, onActive, onLeave }: FindProps): ReactElement {
  const words = useWords();
  const query = useWindow((state) => state.query);
  const { setQuery } = useActions();
  const take = useTakeRow();
  const [inside, setInside] = useState(false);
  const firstIndex = rows.findIndex((row) => row.kind !== "group");
  const first = rows[firstIndex];
  const isOpen = inside && query !== "" && first !== undefined;
  useSpokenCount(query, rows);
  return (
    <div className="find">
      <Icon name="search" size={18} />
      <input
        className="field"
        type="text"
        role="combobox"
        data-find=""
        data-first-stop=""
        aria-label={words.say("contacts.find")}
        aria-expanded={isOpen}
        aria-controls={rows.length > 0 ? TREE_ID : undefined}
        aria-haspopup="tree"
        aria-autocomplete="list"
        aria-activedescendant={isOpen ? `${ROW_ID}${String(firstIndex)}` : undefined}
        placeholder={words.say("contacts.findShort")}
        autoComplete="off"
        spellCheck={false}
        maxLength={320}
        value={query}
        onFocus={() => setInside(true)}
        onBlur={() => setInside(false)}
        onChange={(event) => setQuery(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && !event.nativeEvent.isComposing && query !== "" && first !== undefined) {
            event.preventDefault();
            take(first);
          } else if (event.key === "ArrowDown" && first !== undefined) {
            event.preventDefault();
            onActive(first.id);
            onLeave();
          } else if (event.key === "Escape" && query !== "") {
            event.preventDefault();
            setQuery("");
          }
        }}
      />
      {query === "" ? null : (
        <button
          type="button"
          className="icon-button"
          aria-label={words.say("contacts.clear")}
          onClick={() => setQuery("")}
        >
          <Icon name="close" size={16} />
        </button>
      )}
    </div>
  );
}

function useSpokenCount(query: string, rows: readonly Row[]): void {
  const words = useWords();
  const { announce } = useActions();
  const count = rows.filter((row) => row.kind === "person" || row.kind === "recent").length;
  useEffect(() => {
    if (query.trim() === "") return undefined;
    const timer = setTimeout(() => announce(words.say("contacts.found", { count })), SPEAK_AFTER_MS);
    return () => clearTimeout(timer);
  }, [query, count, words, announce]);
}
