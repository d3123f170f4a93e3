import { useLayoutEffect } from "react";
import type { KeyboardEvent, ReactElement, RefObject } from "react";
import { Icon } from "../../components/icons.tsx";
import { MessageMark } from "../../components/message-mark.tsx";
import { Say } from "../../components/say.tsx";
import { useActions, useModel, useWindow, useWords } from "../../state/context.tsx";
import type { Model, PersonKey } from "../../state/model.ts";
import { idOf } from "../../state/model.ts";
import { accountNamed, firstName, isLost, nameOf } from "../../state/presence.ts";
import type { MessageId } from "../../strings/words.ts";

/** What the contract takes as one message, in UTF-16 units. */
const TEXT_LIMIT = 20_000;
const MAX_LINES = 8;

interface ComposerProps {
  readonly personKey: PersonKey;
  readonly field: RefObject<HTMLTextAreaElement | null>;
  /** The arrow up in an empty field. */
  readonly onUp: () => void;
}

/** The field to write in. What stands in it is kept as a draft, and it grows to eight lines. */
export function Composer({ personKey, field, onUp }: ComposerProps): ReactElement {
  const words = useWords();
  const { typed, send } = useActions();
  const { account, address } = idOf(personKey);
  const name = useModel((model) => firstName(nameOf(model, account, address)));
  const stored = useModel((model) => model.conversations.get(personKey)?.draft ?? "");
  const text = useWindow((state) => state.drafts.get(personKey)) ?? stored;
  const enterSends = useModel((model) => model.settings.enterSends);
  const tooLong = text.length > TEXT_LIMIT;
  const label = words.say("composer.to", { name });
  useGrowing(field, text);

  const submit = (): void => {
    if (text.trim() !== "" && !tooLong) void send(personKey, text);
  };
  const onKey = (event: KeyboardEvent<HTMLTextAreaElement>): void => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "ArrowUp" && text === "" && !event.altKey) {
      event.preventDefault();
      onUp();
    } else if (
      event.key === "Enter" &&
      !event.shiftKey &&
      !event.altKey &&
      (enterSends || event.ctrlKey || event.metaKey)
    ) {
      event.preventDefault();
      submit();
    }
  };
  return (
    <form
      className="composer"
      aria-label={words.say("composer.label")}
      data-area="composer"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Above personKey={personKey} name={name} tooLong={tooLong} />
      <div className="composer-box">
        <textarea
          ref={field}
          rows={1}
          dir="auto"
          aria-label={label}
          placeholder={label}
          data-composer=""
          value={text}
          onChange={(event) => typed(personKey, event.target.value)}
          onKeyDown={onKey}
        />
        <button
          type="submit"
          className="icon-button"
          aria-label={words.say("composer.send")}
          title={words.say(enterSends ? "composer.sendKey" : "composer.sendKeyCtrl")}
        >
          <Icon name="send" flips />
        </button>
      </div>
    </form>
  );
}

/** One sentence whenever writing has an unusual effect, and the reason when a text was not even queued. */
function Above({
  personKey,
  name,
  tooLong,
}: {
  readonly personKey: PersonKey;
  readonly name: string;
  readonly tooLong: boolean;
}): ReactElement | null {
  const words = useWords();
  const refused = useWindow((state) => state.refused.get(personKey));
  const effect = useModel((model) => effectOf(model, personKey));
  if (tooLong) {
    const limit = TEXT_LIMIT.toLocaleString(words.locale);
    return <Say tone="bad" bold={words.say("composer.tooLong", { limit })} />;
  }
  if (refused !== undefined) return <Say tone="bad" bold={words.say("composer.refused")} rest={refused} />;
  if (effect === undefined) return null;
  return (
    <p className="composer-hint">
      <MessageMark status="queued" />
      <span>{words.say(effect, { name })}</span>
    </p>
  );
}

function effectOf(model: Model, key: PersonKey): MessageId | undefined {
  const account = accountNamed(model, idOf(key).account);
  if (account?.state === "signed-out") return "composer.signedOut";
  if (isLost(account)) return "composer.lost";
  const state = model.presence.get(key)?.state;
  switch (state) {
    case "offline":
    case "connection-lost":
    case "unreachable":
    case "unknown-address":
      return `composer.${state}`;
    case "do-not-disturb":
      return "composer.dnd";
    default:
      return undefined;
  }
}

/** One line at first, then as many as the text has, at most eight; after that it scrolls. */
function useGrowing(field: RefObject<HTMLTextAreaElement | null>, text: string): void {
  useLayoutEffect(() => {
    const element = field.current;
    if (element === null) return;
    const style = getComputedStyle(element);
    const line = Number.parseFloat(style.lineHeight);
    const edges = Number.parseFloat(style.paddingTop) + Number.parseFloat(style.paddingBottom);
    element.style.height = "0";
    element.style.height = `${String(Math.min(element.scrollHeight, line * MAX_LINES + edges))}px`;
  }, [field, text]);
}
