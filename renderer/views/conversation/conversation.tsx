import { useEffect, useRef } from "react";
import type { ReactElement } from "react";
import { Empty } from "../../components/say.tsx";
import { Sign } from "../../components/sign.tsx";
import { useWindow, useWords } from "../../state/context.tsx";
import { Composer } from "./composer.tsx";
import { Head } from "./head.tsx";
import type { LogHandle } from "./log.tsx";
import { Log } from "./log.tsx";

/** The open conversation: who, what was written, and the field to write in. */
export function Conversation({ narrow }: { readonly narrow: boolean }): ReactElement {
  const words = useWords();
  const open = useWindow((state) => state.open);
  const log = useRef<LogHandle>(null);
  const composer = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    if (open !== undefined) composer.current?.focus();
  }, [open]);
  if (open === undefined) {
    return (
      <main className="conversation" data-area="conversation">
        <h1 className="unseen">{words.say("app.name")}</h1>
        <div className="conversation-empty">
          <Empty
            sign={<Sign state="available" size={32} />}
            title={words.say("empty.conversation.title")}
            text={words.say("empty.conversation.text")}
          />
        </div>
      </main>
    );
  }
  return (
    <main
      className="conversation"
      onKeyDown={(event) => {
        if (event.key !== "End" || !(event.ctrlKey || event.metaKey)) return;
        if (event.target instanceof HTMLTextAreaElement && event.target.value !== "") return;
        event.preventDefault();
        log.current?.toEnd();
      }}
    >
      <div className="conversation-upper" data-area="conversation">
        <Head personKey={open} narrow={narrow} />
        <Log key={open} personKey={open} handle={log} />
      </div>
      <Composer key={`write ${open}`} personKey={open} field={composer} onUp={() => log.current?.focusLast()} />
    </main>
  );
}
