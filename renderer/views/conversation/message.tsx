import { memo } from "react";
import type { KeyboardEvent, ReactElement } from "react";
import type { Message } from "../../../core/bridge/contract.ts";
import { useCopy } from "../../components/copy-line.tsx";
import { MessageMark } from "../../components/message-mark.tsx";
import { RichText } from "../../components/rich-text.tsx";
import { useActions, useWords } from "../../state/context.tsx";

interface MessageProps {
  readonly message: Message;
  readonly who: string;
  /** The first of its group carries the name. */
  readonly first: boolean;
  /** Whether the status stands there as a word, too. */
  readonly withWord: boolean;
}

/** One message: its time in the gutter, its text on the common edge, its mark at the end. */
export const MessageView = memo(function MessageView({ message, who, first, withWord }: MessageProps): ReactElement {
  const words = useWords();
  const copy = useCopy();
  const { retry } = useActions();
  const time = words.time(message.receivedAt);
  const sayable = { who, time, text: message.text };
  const label =
    message.status === undefined
      ? words.say("conversation.message", sayable)
      : words.say("conversation.messageStatus", { ...sayable, status: words.say(`mark.${message.status}`) });
  const onKey = (event: KeyboardEvent<HTMLElement>): void => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "c") copy(message.text);
    else if (event.key === "r" && message.status === "failed") void retry(message.account, message.messageId);
    else if (event.key === "Enter") event.currentTarget.querySelector("a")?.click();
    else return;
    event.preventDefault();
  };
  return (
    <article className="message" aria-label={label} tabIndex={-1} onKeyDown={onKey}>
      <time dateTime={message.receivedAt} title={words.seconds(message.receivedAt)}>
        {time}
      </time>
      <div className="message-words">
        {first ? (
          <div className="message-who">
            <bdi>{who}</bdi>
          </div>
        ) : null}
        <div className="message-text" dir="auto">
          <RichText text={message.text} />
        </div>
      </div>
      {message.status === undefined ? null : <Mark message={message} withWord={withWord} />}
      {message.status === "failed" ? <Failed message={message} /> : null}
    </article>
  );
});

function Mark({ message, withWord }: { readonly message: Message; readonly withWord: boolean }): ReactElement | null {
  const words = useWords();
  const status = message.status;
  if (status === undefined) return null;
  const word = words.say(`mark.${status}`);
  return (
    <span className={`mark mark-${status}`} title={`${word}: ${words.say(`mark.${status}.meaning`)}`}>
      <MessageMark status={status} />
      {withWord ? word : <span className="unseen">{word}</span>}
    </span>
  );
}

function Failed({ message }: { readonly message: Message }): ReactElement {
  const words = useWords();
  const { retry } = useActions();
  const reason =
    message.reason === undefined
      ? words.say("failed.noReason")
      : words.say("failed.reason", { reason: message.reason });
  return (
    <div className="failed">
      <span dir="auto">{reason}</span>
      <button type="button" className="button small bad" onClick={() => void retry(message.account, message.messageId)}>
        {words.say("failed.again")}
      </button>
    </div>
  );
}
