import { useRef, useState } from "react";
import type { ReactElement } from "react";
import { useActions, useModel, useWindow, useWords } from "../../state/context.tsx";
import { Empty } from "../../components/say.tsx";
import { Icon } from "../../components/icons.tsx";
import { Sign } from "../../components/sign.tsx";
import { Find } from "./find.tsx";
import { MyState } from "./my-state.tsx";
import { Tree } from "./tree.tsx";
import { useRows } from "./use-rows.ts";

/** My state, the find field, and the people: the column beside the rail, or the whole window when it is narrow. */
export function Contacts({ alone }: { readonly alone: boolean }): ReactElement {
  const words = useWords();
  const { rows, hold } = useRows();
  const [active, setActive] = useState("");
  const tree = useRef<HTMLDivElement>(null);
  const query = useWindow((state) => state.query);
  const inside = (
    <>
      <MyState />
      <Find rows={rows} onActive={setActive} onLeave={() => tree.current?.focus()} />
      <Tabs />
      {rows.length === 0 ? (
        <NothingHere query={query} />
      ) : (
        <Tree rows={rows} hold={hold} active={active} onActive={setActive} element={tree} />
      )}
    </>
  );
  return alone ? (
    <main className="contacts" data-area="contacts" aria-label={words.say("contacts.label")}>
      <h1 className="unseen">{words.say("contacts.label")}</h1>
      {inside}
    </main>
  ) : (
    <section className="contacts" data-area="contacts" aria-label={words.say("contacts.label")}>
      {inside}
    </section>
  );
}

function Tabs(): ReactElement {
  const words = useWords();
  const tab = useWindow((state) => state.tab);
  const { setTab } = useActions();
  const tabs = [
    { id: "people", word: "contacts.people" },
    { id: "recent", word: "contacts.recent" },
  ] as const;
  return (
    <div
      className="tabs"
      role="tablist"
      aria-label={words.say("contacts.show")}
      onKeyDown={(event) => {
        if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
        event.preventDefault();
        setTab(tab === "people" ? "recent" : "people");
        const other = event.currentTarget.querySelector<HTMLElement>('[aria-selected="false"]');
        other?.focus();
      }}
    >
      {tabs.map(({ id, word }) => (
        <button
          key={id}
          type="button"
          role="tab"
          aria-selected={tab === id}
          tabIndex={tab === id ? 0 : -1}
          onClick={() => setTab(id)}
        >
          {words.say(word)}
        </button>
      ))}
    </div>
  );
}

function NothingHere({ query }: { readonly query: string }): ReactElement {
  const words = useWords();
  const tab = useWindow((state) => state.tab);
  const nobody = useModel((model) => model.contacts.size === 0);
  const { openDialog } = useActions();
  if (query.trim() !== "") {
    const title = words.say("empty.found.title", { query: query.trim() });
    return <Empty sign={<Icon name="search" size={28} />} title={title} text={words.say("empty.found.text")} />;
  }
  if (tab === "recent" || !nobody) {
    return (
      <Empty
        sign={<Sign state="offline" size={32} />}
        title={words.say("empty.recent.title")}
        text={words.say("empty.recent.text")}
      />
    );
  }
  return (
    <Empty
      sign={<Sign state="available" size={32} />}
      title={words.say("empty.people.title")}
      text={words.say("empty.people.text")}
    >
      <button type="button" className="button primary" onClick={() => openDialog({ kind: "add-person", address: "" })}>
        {words.say("empty.people.add")}
      </button>
    </Empty>
  );
}
