import type { ReactElement } from "react";
import type { IconName } from "../../components/icons.tsx";
import { Icon } from "../../components/icons.tsx";
import { HallwayMark } from "../../components/sign.tsx";
import { useActions, useModel, useWindow, useWords } from "../../state/context.tsx";
import { keyOf } from "../../state/model.ts";
import { ownSign } from "../../state/presence.ts";
import { waitingWatchers } from "../../state/requests.ts";
import type { Page } from "../../state/window.ts";

interface Section {
  readonly page: Page;
  readonly icon: IconName;
  readonly word: "rail.people" | "rail.requests" | "rail.privacy" | "rail.settings";
}

const sections: readonly Section[] = [
  { page: "people", icon: "people", word: "rail.people" },
  { page: "requests", icon: "request", word: "rail.requests" },
  { page: "privacy", icon: "eye", word: "rail.privacy" },
  { page: "settings", icon: "settings", word: "rail.settings" },
];

/** The sections of the window, and the live mark: two walls with my own sign between them. */
export function Rail(): ReactElement {
  const words = useWords();
  const own = useModel((model) => ownSign(model.accounts[0], model.own.get(model.accounts[0]?.account ?? "")));
  const later = useWindow((state) => state.later);
  const waiting = useModel(
    (model) => waitingWatchers(model).filter((watcher) => !later.has(keyOf(watcher.account, watcher.address))).length,
  );
  return (
    <nav className="rail" aria-label={words.say("rail.label")} data-area="rail" onKeyDown={moveAlong}>
      <div className="rail-mark" title={words.say("rail.mark", { state: words.say(`state.${own}`) })}>
        <HallwayMark state={own} size={26} />
        <span className="unseen">{words.say("rail.mark", { state: words.say(`state.${own}`) })}</span>
      </div>
      {sections.map((section) => (
        <RailButton key={section.page} section={section} waiting={section.page === "requests" ? waiting : 0} />
      ))}
    </nav>
  );
}

function RailButton({ section, waiting }: { readonly section: Section; readonly waiting: number }): ReactElement {
  const words = useWords();
  const { show } = useActions();
  const current = useWindow((state) => state.page === section.page);
  const word = words.say(section.word);
  return (
    <button
      type="button"
      className={section.page === "settings" ? "rail-button last" : "rail-button"}
      aria-current={current ? "page" : undefined}
      title={word}
      tabIndex={current ? 0 : -1}
      onClick={() => show(section.page)}
    >
      <Icon name={section.icon} />
      <span className="rail-word" aria-hidden="true">
        {word}
      </span>
      <span className="unseen">{waiting > 0 ? words.say("rail.requests.waiting", { count: waiting }) : word}</span>
      {waiting > 0 ? (
        <span className="count" aria-hidden="true">
          {waiting}
        </span>
      ) : null}
    </button>
  );
}

/** The rail is one stop of the Tab key; inside it the arrows move. */
function moveAlong(event: React.KeyboardEvent<HTMLElement>): void {
  const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
  if (step === undefined) return;
  const buttons = [...event.currentTarget.querySelectorAll("button")];
  const at = buttons.findIndex((button) => button === document.activeElement);
  event.preventDefault();
  buttons[(at + step + buttons.length) % buttons.length]?.focus();
}
