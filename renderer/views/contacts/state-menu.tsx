import { useState } from "react";
import type { ReactElement } from "react";
import type { SettableState } from "../../../core/bridge/contract.ts";
import { Popover } from "../../components/popover.tsx";
import { Sign } from "../../components/sign.tsx";
import { useActions, useModel, useWindow, useWords } from "../../state/context.tsx";
import { watchingNow } from "../../state/requests.ts";
import type { Words } from "../../strings/words.ts";
import { nextTime, untilChoices } from "./until.ts";

/** In the order of the menu; the keys 1 to 8 choose by it. */
const order: readonly SettableState[] = [
  "available",
  "busy",
  "do-not-disturb",
  "in-a-meeting",
  "on-the-phone",
  "be-right-back",
  "away",
  "invisible",
];

const NOTE_LIMIT = 140;

interface StateMenuProps {
  readonly opener: () => HTMLElement | null;
  readonly onClose: () => void;
}

/** State, until and note, set in one go. */
export function StateMenu({ opener, onClose }: StateMenuProps): ReactElement {
  const words = useWords();
  const { attempt } = useActions();
  const accounts = useModel((model) => model.accounts);
  const own = useModel((model) => model.own.get(model.accounts[0]?.account ?? ""));
  const [state, setState] = useState<SettableState>(own?.state ?? "available");
  const [until, setUntil] = useState<string | undefined>(own?.until);
  const [note, setNote] = useState(own?.note ?? "");

  const set = (): void => {
    onClose();
    opener()?.focus();
    const told = {
      state,
      ...(note.trim() === "" ? {} : { note: note.trim() }),
      ...(until === undefined ? {} : { until }),
    };
    for (const { account, state: registration } of accounts) {
      if (registration !== "signed-out") void attempt("presence.set", { account, ...told });
    }
  };

  return (
    <Popover label={words.say("me.menu")} className="state-menu" onClose={onClose} opener={opener}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          set();
        }}
        onKeyDown={(event) => {
          const chosen = order[Number(event.key) - 1];
          const typing =
            event.target instanceof HTMLTextAreaElement ||
            (event.target instanceof HTMLInputElement && event.target.type === "time");
          if (chosen !== undefined && !typing) {
            event.preventDefault();
            setState(chosen);
          }
          if (event.key === "Enter" && !event.shiftKey && event.target instanceof HTMLTextAreaElement) {
            event.preventDefault();
            set();
          }
        }}
      >
        <StateChoices state={state} onChoose={setState} />
        <hr />
        <UntilChoices until={until} onChoose={setUntil} />
        <label className="menu-head" htmlFor="my-note">
          {words.say("me.note")}
        </label>
        <div className="menu-note">
          <textarea
            id="my-note"
            className="field"
            rows={2}
            maxLength={NOTE_LIMIT}
            dir="auto"
            value={note}
            onChange={(event) => setNote(event.target.value)}
          />
          <p className="hint spread">
            <span>{words.say("me.noteSeen")}</span>
            <span className="figures">{words.say("me.noteLength", { count: note.length, limit: NOTE_LIMIT })}</span>
          </p>
        </div>
        <hr />
        <div className="menu-foot">
          <span className="small mid">
            <kbd>1</kbd> {words.say("me.keys.to")} <kbd>{order.length}</kbd> {words.say("me.keys.choose")}{" "}
            <kbd>{words.say("key.Enter")}</kbd> {words.say("me.keys.sets")}
          </span>
          <button type="submit" className="button primary small">
            {words.say("me.set")}
          </button>
        </div>
      </form>
    </Popover>
  );
}

interface StateChoicesProps {
  readonly state: SettableState;
  readonly onChoose: (state: SettableState) => void;
}

function StateChoices({ state, onChoose }: StateChoicesProps): ReactElement {
  const words = useWords();
  const seenBy = useModel((model) => watchingNow(model).length);
  const hint = (item: SettableState): string =>
    item === "invisible"
      ? words.say("me.stillSee")
      : item === state && seenBy > 0
        ? words.say("me.seenBy", { count: seenBy })
        : "";
  return (
    <fieldset className="state-choices">
      <legend className="unseen">{words.say("me.state")}</legend>
      {order.map((item) => (
        <label key={item} className="state-choice">
          <input
            type="radio"
            name="my-state"
            className="unseen"
            checked={item === state}
            onChange={() => onChoose(item)}
          />
          <Sign state={item} size={14} />
          <span className="grow">{words.say(`state.${item}`)}</span>
          <span className="small mid">{hint(item)}</span>
        </label>
      ))}
    </fieldset>
  );
}

interface UntilChoicesProps {
  readonly until: string | undefined;
  readonly onChoose: (until: string | undefined) => void;
}

function UntilChoices({ until, onChoose }: UntilChoicesProps): ReactElement {
  const words = useWords();
  const now = useWindow((state) => state.now);
  const offered = untilChoices(now);
  const isOther = until !== undefined && !offered.includes(until);
  const [other, setOther] = useState(isOther);
  return (
    <fieldset className="until">
      <legend className="menu-head">{words.say("me.until")}</legend>
      <div className="chips">
        <Chip
          text={words.say("me.until.open")}
          checked={until === undefined && !other}
          onChoose={() => (setOther(false), onChoose(undefined))}
        />
        {offered.map((time, index) => (
          <Chip
            key={time}
            text={chipText(words, time, now, index === 0)}
            checked={until === time && !other}
            onChoose={() => (setOther(false), onChoose(time))}
          />
        ))}
        <Chip text={words.say("me.until.other")} checked={other} onChoose={() => setOther(true)} />
        {other ? (
          <input
            type="time"
            className="field time-field"
            aria-label={words.say("me.until.otherTime")}
            defaultValue={isOther ? words.time(until) : ""}
            onChange={(event) => onChoose(nextTime(event.target.value, now))}
          />
        ) : null}
      </div>
    </fieldset>
  );
}

/** The soonest time needs no day; nobody takes "15:00" at two for tomorrow. */
function chipText(words: Words, time: string, now: number, soonest: boolean): string {
  const isToday = words.dayKey(time) === words.dayKey(new Date(now).toISOString());
  if (isToday && soonest) return words.time(time);
  return isToday
    ? words.say("me.until.today", { time: words.time(time) })
    : words.say("me.until.tomorrow", { time: words.time(time) });
}

function Chip({
  text,
  checked,
  onChoose,
}: {
  readonly text: string;
  readonly checked: boolean;
  readonly onChoose: () => void;
}): ReactElement {
  return (
    <label className="chip">
      <input type="radio" name="until" className="unseen" checked={checked} onChange={onChoose} />
      <span>{text}</span>
    </label>
  );
}
