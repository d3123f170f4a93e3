import { useId, useMemo, useState } from "react";
import type { ReactElement } from "react";
import type { OwnPresence, PrivacyRule } from "../../../core/bridge/contract.ts";
import { Select } from "../../components/field.tsx";
import { Sign } from "../../components/sign.tsx";
import { useModel, useWindow, useWords } from "../../state/context.tsx";
import type { Model, PersonKey } from "../../state/model.ts";
import { idOf, keyOf } from "../../state/model.ts";
import type { SignState } from "../../state/presence.ts";
import { firstName, nameOf, ownName } from "../../state/presence.ts";
import { ruleFor } from "../../state/requests.ts";
import { ownLine } from "../../strings/presence-words.ts";
import type { MessageId, Words } from "../../strings/words.ts";

/** "This is how Oskar sees you": what is true beside what the rules let through. */
export function Preview(): ReactElement | null {
  const words = useWords();
  const titleId = useId();
  const rules = useModel((model) => model.rules);
  const watchers = useModel((model) => model.watchers);
  const contacts = useModel((model) => model.contacts);
  const people = useMemo(() => peopleToPreview({ rules, watchers, contacts }), [rules, watchers, contacts]);
  const [chosen, setChosen] = useState<PersonKey | undefined>(undefined);
  const key = chosen !== undefined && people.some((person) => person.key === chosen) ? chosen : people[0]?.key;
  if (key === undefined) return null;
  return (
    <aside className="preview" aria-labelledby={titleId}>
      <h2 id={titleId}>
        {words.say("privacy.preview.before")}{" "}
        <Select
          label={words.say("privacy.preview.person")}
          value={key}
          options={people.map((person) => ({ value: person.key, text: person.name }))}
          onChange={setChosen}
        />{" "}
        {words.say("privacy.preview.after")}
      </h2>
      <Faces personKey={key} />
    </aside>
  );
}

/** People of the list with a rule of their own first, then who watches, then everybody else: each once. */
function peopleToPreview(
  model: Pick<Model, "rules" | "watchers" | "contacts">,
): readonly { readonly key: PersonKey; readonly name: string }[] {
  const keys = new Set<PersonKey>();
  const ruled = model.rules
    .filter((rule) => rule.target !== "*" && !rule.target.startsWith("@"))
    .map((rule) => keyOf(rule.account, rule.target));
  for (const key of ruled.toReversed()) if (model.contacts.has(key)) keys.add(key);
  for (const watcher of model.watchers) keys.add(keyOf(watcher.account, watcher.address));
  for (const key of [...model.contacts.keys(), ...ruled]) keys.add(key);
  return [...keys].map((key) => {
    const { address } = idOf(key);
    return { key, name: model.contacts.get(key)?.name ?? address };
  });
}

function Faces({ personKey }: { readonly personKey: PersonKey }): ReactElement {
  const words = useWords();
  const { account, address } = idOf(personKey);
  const now = useWindow((state) => state.now);
  const own = useModel((model) => model.own.get(account));
  const myName = useModel((model) => ownName(model, account));
  const name = useModel((model) => firstName(nameOf(model, account, address)));
  const rule = useModel((model) => ruleFor(model.rules, account, address));
  const seen = seenBy(words, own, rule, now);
  return (
    <>
      <div className="face">
        <p className="small dim">{words.say("privacy.preview.true")}</p>
        <Face state={own?.state ?? "unknown"} name={myName} lines={[ownLine(words, own, now), own?.note ?? ""]} />
      </div>
      <div className="face theirs">
        <p className="small dim">{words.say("privacy.preview.his", { name })}</p>
        <Face state={seen.state} name={myName} lines={seen.lines} />
      </div>
      <table className="learns">
        <thead>
          <tr>
            <th scope="col">{words.say("privacy.preview.thing")}</th>
            <th scope="col">{words.say("privacy.preview.now")}</th>
            <th scope="col">{words.say("privacy.preview.allowed")}</th>
          </tr>
        </thead>
        <tbody>
          {learned.map(({ what, rules }) => (
            <tr key={what}>
              <td>{words.say(what)}</td>
              <td>
                {words.say(
                  rules.includes(rule) && own?.state !== "invisible" ? "privacy.preview.yes" : "privacy.preview.no",
                )}
              </td>
              <td>{words.say("privacy.preview.yes")}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {seen.comment === undefined ? null : <p className="mid t13">{words.say(seen.comment, { name })}</p>}
    </>
  );
}

/** Which rules let which thing through. */
const learned: readonly { readonly what: MessageId; readonly rules: readonly PrivacyRule[] }[] = [
  { what: "privacy.preview.there", rules: ["allow", "basic"] },
  { what: "privacy.preview.state", rules: ["allow"] },
  { what: "privacy.preview.note", rules: ["allow"] },
];

interface Seen {
  readonly state: SignState;
  readonly lines: readonly string[];
  readonly comment?: MessageId;
}

function seenBy(words: Words, own: OwnPresence | undefined, rule: PrivacyRule, now: number): Seen {
  if (rule === "ask")
    return { state: "pending", lines: [words.say("state.pending")], comment: "privacy.preview.pending" };
  if (own?.state === "invisible") {
    return { state: "offline", lines: [words.say("state.offline")], comment: "privacy.preview.invisible" };
  }
  if (rule === "appear-offline")
    return { state: "offline", lines: [words.say("state.offline")], comment: "privacy.preview.hidden" };
  if (rule === "block")
    return { state: "unreachable", lines: [words.say("state.unreachable")], comment: "privacy.preview.blocked" };
  if (rule === "basic") return { state: "available", lines: [words.say("state.available")] };
  return { state: own?.state ?? "unknown", lines: [ownLine(words, own, now), own?.note ?? ""] };
}

function Face({
  state,
  name,
  lines,
}: {
  readonly state: SignState;
  readonly name: string;
  readonly lines: readonly string[];
}): ReactElement {
  return (
    <div className="face-row">
      <Sign state={state} size={32} />
      <div>
        <b>
          <bdi>{name}</bdi>
        </b>
        {lines
          .filter((line) => line !== "")
          .map((line) => (
            <p key={line} className="mid t13" dir="auto">
              {line}
            </p>
          ))}
      </div>
    </div>
  );
}
