import { useRef, useState } from "react";
import type { ReactElement } from "react";
import { useCopy } from "../../components/copy-line.tsx";
import { Icon } from "../../components/icons.tsx";
import { Popover } from "../../components/popover.tsx";
import { Sign } from "../../components/sign.tsx";
import { useActions, useLineContext, useModel, useWords } from "../../state/context.tsx";
import type { PersonKey } from "../../state/model.ts";
import { idOf } from "../../state/model.ts";
import { displayName } from "../../state/presence.ts";
import { headLine } from "../../strings/presence-words.ts";

interface HeadProps {
  readonly personKey: PersonKey;
  readonly narrow: boolean;
}

/** Who it is: the large sign, the name, the state with its age and devices, and the whole note. */
export function Head({ personKey, narrow }: HeadProps): ReactElement {
  const words = useWords();
  const { backToList } = useActions();
  const { account, address } = idOf(personKey);
  const contact = useModel((model) => model.contacts.get(personKey));
  const presence = useModel((model) => model.presence.get(personKey));
  const context = useLineContext(account);
  const name = displayName(contact, address);
  return (
    <header className="head">
      {narrow ? (
        <button
          type="button"
          className="icon-button"
          aria-label={words.say("conversation.back")}
          title={words.say("conversation.back")}
          onClick={backToList}
        >
          <Icon name="back" flips />
        </button>
      ) : null}
      <Sign state={presence?.state ?? "unknown"} size={narrow ? 14 : 32} old={context.lost} />
      <div className="head-words">
        <h1 className="cut" title={address}>
          <bdi>{name}</bdi>
        </h1>
        <p className="head-line">
          {contact === undefined && presence === undefined
            ? words.say("conversation.stranger")
            : headLine(words, presence, context)}
        </p>
        {presence?.note === undefined || presence.note === "" ? null : (
          <p className="head-note" dir="auto" title={presence.note}>
            {presence.note}
          </p>
        )}
      </div>
      <More personKey={personKey} />
    </header>
  );
}

function More({ personKey }: { readonly personKey: PersonKey }): ReactElement {
  const words = useWords();
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  return (
    <div className="head-acts">
      <button
        ref={button}
        type="button"
        className="icon-button"
        aria-label={words.say("conversation.more")}
        title={words.say("conversation.more")}
        aria-haspopup="dialog"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <Icon name="more" />
      </button>
      {open ? (
        <Popover
          label={words.say("conversation.more")}
          className="more-menu"
          opener={() => button.current}
          onClose={() => setOpen(false)}
        >
          <MoreItems personKey={personKey} onDone={() => setOpen(false)} />
        </Popover>
      ) : null}
    </div>
  );
}

function MoreItems({
  personKey,
  onDone,
}: {
  readonly personKey: PersonKey;
  readonly onDone: () => void;
}): ReactElement {
  const words = useWords();
  const copy = useCopy();
  const { openDialog, updateContact, removeContact } = useActions();
  const { address } = idOf(personKey);
  const contact = useModel((model) => model.contacts.get(personKey));
  const item = (text: string, act: () => void): ReactElement => (
    <button
      type="button"
      role="menuitem"
      tabIndex={-1}
      className="menu-item"
      onClick={() => {
        onDone();
        act();
      }}
    >
      {text}
    </button>
  );
  return (
    <div role="menu" aria-label={words.say("conversation.more")} onKeyDown={moveInMenu}>
      {contact === undefined ? (
        item(words.say("conversation.addToList"), () => openDialog({ kind: "add-person", address }))
      ) : (
        <>
          {item(words.say("conversation.edit"), () => openDialog({ kind: "edit-person", key: personKey }))}
          {item(
            words.say(contact.favourite ? "conversation.notFavourite" : "conversation.favourite"),
            () => void updateContact({ ...contact, favourite: !contact.favourite }),
          )}
        </>
      )}
      {item(words.say("conversation.copyAddress"), () => copy(address))}
      {contact === undefined ? null : item(words.say("conversation.remove"), () => void removeContact(contact))}
    </div>
  );
}

function moveInMenu(event: React.KeyboardEvent<HTMLElement>): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined) return;
  event.preventDefault();
  const items = [...event.currentTarget.querySelectorAll<HTMLElement>("[role=menuitem]")];
  const at = items.findIndex((item) => item === document.activeElement);
  items[(at + step + items.length) % items.length]?.focus();
}
