import { useRef } from "react";
import type { ReactElement } from "react";
import type { Account, OwnPresence } from "../../../core/bridge/contract.ts";
import { Icon } from "../../components/icons.tsx";
import { Sign } from "../../components/sign.tsx";
import { useActions, useModel, useWindow, useWords } from "../../state/context.tsx";
import { isLost, ownName, ownSign } from "../../state/presence.ts";
import { ownLine } from "../../strings/presence-words.ts";
import type { Words } from "../../strings/words.ts";
import { StateMenu } from "./state-menu.tsx";

/** My name, my state and my note; a press opens the menu that sets all of it in one go. */
export function MyState(): ReactElement {
  const words = useWords();
  const { setStateMenu } = useActions();
  const menuOpen = useWindow((state) => state.stateMenu);
  const now = useWindow((state) => state.now);
  const account = useModel((model) => model.accounts[0]);
  const own = useModel((model) => model.own.get(model.accounts[0]?.account ?? ""));
  const name = useModel((model) => ownName(model, model.accounts[0]?.account ?? ""));
  const button = useRef<HTMLButtonElement>(null);
  const lines = ownLines(words, account, own, now);
  return (
    <div className="me-place">
      <button
        ref={button}
        type="button"
        className="me"
        aria-haspopup="dialog"
        aria-expanded={menuOpen}
        onClick={() => setStateMenu(!menuOpen)}
      >
        <Sign state={ownSign(account, own)} size={14} />
        <span className="me-name cut">
          <bdi>{name}</bdi>
        </span>
        <Icon name="down" size={16} />
        {lines.map((line) => (
          <span key={line} className="me-line" dir="auto">
            {line}
          </span>
        ))}
        <span className="unseen">{words.say("me.change")}</span>
      </button>
      {menuOpen ? <StateMenu opener={() => button.current} onClose={() => setStateMenu(false)} /> : null}
    </div>
  );
}

function ownLines(
  words: Words,
  account: Account | undefined,
  own: OwnPresence | undefined,
  now: number,
): readonly string[] {
  if (account === undefined || account.state === "signed-out") return [words.say("me.signedOut")];
  if (isLost(account)) {
    const lost =
      account.since === undefined
        ? words.say("me.lostUnknown")
        : words.say("me.lost", { time: words.when(account.since, now) });
    return [lost, words.say("me.othersSee")];
  }
  if (account.state === "registering") return [words.say("me.signingIn")];
  const unpublished = own?.published === false ? [words.say("me.notPublished")] : [];
  const note = own?.note === undefined || own.note === "" ? [] : [own.note];
  return [ownLine(words, own, now), ...note, ...unpublished];
}
