import { Fragment, useState } from "react";
import type { ReactElement } from "react";
import { Dialog } from "../../components/dialog.tsx";
import { useActions, useWords } from "../../state/context.tsx";
import { folded } from "../../state/arrange.ts";
import type { MessageId, Words } from "../../strings/words.ts";
import { en } from "../../strings/en.ts";
import { keySections } from "./keys.ts";

export function KeySheet(): ReactElement {
  const words = useWords();
  const { closeDialog } = useActions();
  const [query, setQuery] = useState("");
  const find = (
    <input
      className="field sheet-find"
      type="search"
      aria-label={words.say("keys.find")}
      placeholder={words.say("keys.findShort")}
      value={query}
      onChange={(event) => setQuery(event.target.value)}
    />
  );
  return (
    <Dialog title={words.say("keys.title")} onClose={closeDialog} beside={find} wide>
      <div className="dialog-body">
        <KeyLists query={query} />
      </div>
      <footer>
        <span className="grow small mid">{words.say("keys.mac")}</span>
        <button type="button" className="button" onClick={closeDialog}>
          {words.say("dialog.close")}
        </button>
      </footer>
    </Dialog>
  );
}

/** All keys by place; a query leaves those whose words contain it. */
export function KeyLists({ query = "" }: { readonly query?: string }): ReactElement {
  const words = useWords();
  const wanted = folded(query.trim());
  const sections = keySections
    .map((section) => ({
      title: section.title,
      lines: section.lines.filter((line) => folded(`${words.say(line.what)} ${line.keys.join(" ")}`).includes(wanted)),
    }))
    .filter((section) => section.lines.length > 0);
  if (sections.length === 0) return <p className="mid">{words.say("keys.none")}</p>;
  return (
    <div className="sheet">
      {sections.map((section) => (
        <section key={section.title}>
          <h3>{words.say(section.title)}</h3>
          <dl>
            {section.lines.map((line) => (
              <div key={line.what}>
                <dt>{words.say(line.what)}</dt>
                <dd>
                  {line.keys.map((key) => (
                    <Fragment key={key}>
                      <kbd>{keyWord(words, key)}</kbd>{" "}
                    </Fragment>
                  ))}
                </dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </div>
  );
}

function keyWord(words: Words, key: string): string {
  const id = `key.${key}`;
  return id in en ? words.say(id as MessageId) : key;
}
