import { useEffect, useImperativeHandle, useLayoutEffect, useMemo, useRef, useState } from "react";
import type { KeyboardEvent, ReactElement, Ref } from "react";
import { Icon } from "../../components/icons.tsx";
import { Empty } from "../../components/say.tsx";
import { Sign } from "../../components/sign.tsx";
import { newestArrived, partsOf, showsWord } from "../../state/conversation.ts";
import type { LogPart } from "../../state/conversation.ts";
import { useActions, useModel, useWindow, useWords } from "../../state/context.tsx";
import type { Log as LogData, PersonKey } from "../../state/model.ts";
import { idOf } from "../../state/model.ts";
import { firstName, nameOf } from "../../state/presence.ts";
import { MessageView } from "./message.tsx";
import { Writing } from "./writing.tsx";

export interface LogHandle {
  toEnd(): void;
  focusLast(): void;
}

interface LogProps {
  readonly personKey: PersonKey;
  readonly handle: Ref<LogHandle>;
}

/** Closer than this to the end, in pixels, counts as reading the newest message. */
const AT_END = 48;
/** Closer than this to the start, in pixels, older messages are fetched before they are needed. */
const NEAR_START = 240;

const nothing: LogData = { items: [], state: "loading" };

/** What was written, newest at the end. Older pages are read while one scrolls back; the place stays where it is. */
export function Log({ personKey, handle }: LogProps): ReactElement {
  const words = useWords();
  const { readOlder } = useActions();
  const { account, address } = idOf(personKey);
  const log = useModel((model) => model.logs.get(personKey)) ?? nothing;
  const known = useModel((model) => model.logs.has(personKey));
  const name = useModel((model) => nameOf(model, account, address));
  const unread = useWindow((state) => state.unread);
  const parts = useMemo(() => partsOf(log.items, words.dayKey, unread), [log.items, words, unread]);
  const place = useScrollPlace(log);
  const newest = useMemo(() => newestArrived(log.items), [log.items]);

  // After a gap the snapshot came anew and without logs.
  useEffect(() => {
    if (!known) void readOlder(personKey);
  }, [known, personKey, readOlder]);

  useImperativeHandle(handle, () => ({
    toEnd: place.toEnd,
    focusLast: () => articlesIn(place.scroller.current).at(-1)?.focus(),
  }));

  return (
    <div className="log-place">
      <div
        ref={place.scroller}
        className="log"
        role="log"
        aria-live="off"
        aria-label={words.say("conversation.with", { name })}
        tabIndex={0}
        onKeyDown={onLogKey}
        onScroll={(event) => {
          place.onScroll();
          if (event.currentTarget.scrollTop < NEAR_START && log.older !== undefined && log.state === "ready") {
            void readOlder(personKey);
          }
        }}
      >
        <div className="log-inside">
          <Beginning log={log} personKey={personKey} name={name} />
          {parts.map((part) => (
            <Part key={part.id} part={part} name={name} newest={newest} />
          ))}
          <Writing personKey={personKey} />
        </div>
      </div>
      {place.newBelow > 0 ? (
        <button
          type="button"
          className="new-below"
          aria-label={words.say("conversation.newBelowLabel", { count: place.newBelow })}
          onClick={place.toEnd}
        >
          {words.say("conversation.newBelow", { count: place.newBelow })} <Icon name="down" size={16} />
        </button>
      ) : null}
    </div>
  );
}

/** What stands before the first message: the way to older ones, or the first word of all. */
function Beginning({
  log,
  personKey,
  name,
}: {
  readonly log: LogData;
  readonly personKey: PersonKey;
  readonly name: string;
}): ReactElement | null {
  const words = useWords();
  const { readOlder } = useActions();
  const offline = useModel((model) => model.presence.get(personKey)?.state === "offline");
  if (log.state === "failed") {
    return (
      <div className="log-start">
        {words.say("conversation.readFailed")}{" "}
        <button type="button" className="button small" onClick={() => void readOlder(personKey)}>
          {words.say("app.tryAgain")}
        </button>
      </div>
    );
  }
  if (log.state === "loading") return <div className="log-start late">{words.say("conversation.reading")}</div>;
  if (log.older !== undefined) {
    return (
      <div className="log-start">
        <button type="button" className="button quiet small" onClick={() => void readOlder(personKey)}>
          {words.say("conversation.older")}
        </button>
      </div>
    );
  }
  if (log.items.length > 0) return null;
  const text = words.say(offline ? "empty.log.offline" : "empty.log.text", { name: firstName(name) });
  return (
    <div className="log-empty">
      <Empty
        sign={<Sign state={offline ? "offline" : "available"} size={32} />}
        title={words.say("empty.log.title")}
        text={text}
      />
    </div>
  );
}

interface PartProps {
  readonly part: LogPart;
  readonly name: string;
  readonly newest: ReadonlySet<string>;
}

function Part({ part, name, newest }: PartProps): ReactElement {
  const words = useWords();
  const now = useWindow((state) => state.now);
  if (part.kind !== "group") {
    const text =
      part.kind === "day"
        ? words.day(part.at, now)
        : words.say("conversation.unread", { count: part.count, time: words.when(part.since, now) });
    return (
      <div className={part.kind === "day" ? "day" : "day new"} role="separator" aria-label={text}>
        <span>{text}</span>
      </div>
    );
  }
  const who = part.outgoing ? words.say("conversation.you") : name;
  return (
    <div className={part.outgoing ? "group mine" : "group"} role="group" aria-label={who}>
      {part.messages.map((message, index) => (
        <MessageView
          key={message.messageId}
          message={message}
          who={who}
          first={index === 0}
          withWord={message.status !== undefined && showsWord(message, newest)}
        />
      ))}
    </div>
  );
}

interface ScrollPlace {
  readonly scroller: React.RefObject<HTMLDivElement | null>;
  readonly newBelow: number;
  onScroll(): void;
  toEnd(): void;
}

/**
 * Keeps the place while messages come: at the end it follows the newest; scrolled up it stays, counts what is new below,
 * and does not move when older messages are put before.
 */
function useScrollPlace(log: LogData): ScrollPlace {
  const scroller = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const seen = useRef({ height: 0, first: "", last: "", count: 0 });
  const [newBelow, setNewBelow] = useState(0);

  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const before = seen.current;
    const first = log.items[0]?.messageId ?? "";
    const newest = log.items.at(-1);
    const last = newest?.messageId ?? "";
    if (atEnd.current || (last !== before.last && newest?.outgoing === true)) {
      element.scrollTop = element.scrollHeight;
      atEnd.current = true;
    } else if (first !== before.first) {
      element.scrollTop += element.scrollHeight - before.height;
    } else if (last !== before.last) {
      setNewBelow((count) => count + log.items.length - before.count);
    }
    seen.current = { height: element.scrollHeight, first, last, count: log.items.length };
  }, [log]);

  // The field below grows and the window changes its size: the newest message stays in sight.
  useEffect(() => {
    const element = scroller.current;
    if (element === null) return undefined;
    const observer = new ResizeObserver(() => {
      if (atEnd.current) element.scrollTop = element.scrollHeight;
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  return {
    scroller,
    newBelow,
    onScroll() {
      const element = scroller.current;
      if (element === null) return;
      atEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < AT_END;
      if (atEnd.current) setNewBelow(0);
    },
    toEnd() {
      const element = scroller.current;
      if (element !== null) element.scrollTop = element.scrollHeight;
    },
  };
}

function articlesIn(scroller: HTMLElement | null): HTMLElement[] {
  return scroller === null ? [] : [...scroller.querySelectorAll<HTMLElement>("article")];
}

/** Arrows move from message to message; a message hears its own letters itself. */
function onLogKey(event: KeyboardEvent<HTMLElement>): void {
  if (event.altKey || event.ctrlKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
  const articles = articlesIn(event.currentTarget);
  const at = articles.findIndex((article) => article.contains(document.activeElement));
  event.preventDefault();
  if (at < 0) articles.at(-1)?.focus();
  else articles[at + (event.key === "ArrowUp" ? -1 : 1)]?.focus();
}
