import { useState } from "react";
import type { ReactElement } from "react";
import type { GatewayStatus, OfficePerson } from "../../../core/bridge/contract.ts";
import { Dialog } from "../../components/dialog.tsx";
import { Say } from "../../components/say.tsx";
import { Sign } from "../../components/sign.tsx";
import { useActions, useModel, useWords } from "../../state/context.tsx";
import { ColleagueFields } from "../first-start/colleague-fields.tsx";
import type { Colleague } from "../first-start/office-form.ts";
import { colleagueProblem, newColleague, personOf } from "../first-start/office-form.ts";
import { OfficeNeeds } from "../first-start/office-needs.tsx";
import type { MessageId } from "../../strings/words.ts";
import { InviteColleague } from "./invite-colleague.tsx";
import { Option } from "./option.tsx";

/** The office that this computer serves, or the way to start one. */
export function OfficeSettings(): ReactElement {
  const words = useWords();
  const { show } = useActions();
  const gateway = useModel((model) => model.gateway);
  if (!gateway.running) {
    return (
      <Option title={words.say("settings.office.none")} hint={gateway.reason ?? words.say("settings.office.noneHint")}>
        <button type="button" className="button small" onClick={() => show("start-office")}>
          {words.say("settings.office.start")}
        </button>
      </Option>
    );
  }
  return <RunningOffice gateway={gateway} domain={gateway.domain ?? ""} />;
}

function RunningOffice({
  gateway,
  domain,
}: {
  readonly gateway: GatewayStatus;
  readonly domain: string;
}): ReactElement {
  const words = useWords();
  const { attempt } = useActions();
  const [stopping, setStopping] = useState(false);
  const [added, setAdded] = useState<Colleague | undefined>(undefined);
  return (
    <>
      <Option title={words.say("settings.office.running", { domain })} hint={words.say("settings.office.sleep")}>
        <button type="button" className="button small" onClick={() => setStopping(true)}>
          {words.say("settings.office.stop")}
        </button>
      </Option>
      <OfficeNeeds gateway={gateway} colleagues={added === undefined ? [] : [added]} domain={domain} />
      <h3 className="settings-head">{words.say("settings.office.people")}</h3>
      <ul className="plain-list">
        {gateway.people?.map((person) => (
          <li key={person.address} className="office-person">
            <Sign state={person.online ? "available" : "offline"} size={14} />
            <span>
              <b>
                <bdi>{person.name ?? person.address}</bdi>
              </b>{" "}
              <bdi className="mid t13">{person.name === undefined ? "" : person.address}</bdi>
            </span>
            <span className="dim t13">{words.say(personWords(person))}</span>
          </li>
        ))}
      </ul>
      <InviteColleague domain={domain} />
      <AddColleague domain={domain} onAdded={setAdded} />
      {stopping ? (
        <Dialog title={words.say("settings.office.stopTitle", { domain })} onClose={() => setStopping(false)}>
          <div className="dialog-body">
            <p>{words.say("settings.office.stopText")}</p>
          </div>
          <footer>
            <span className="grow" />
            <button type="button" className="button" onClick={() => setStopping(false)}>
              {words.say("dialog.cancel")}
            </button>
            <button
              type="button"
              className="button bad"
              onClick={() => {
                setStopping(false);
                void attempt("gateway.stop", {});
              }}
            >
              {words.say("settings.office.stop")}
            </button>
          </footer>
        </Dialog>
      ) : null}
    </>
  );
}

function personWords({ online, invited }: OfficePerson): MessageId {
  if (online) return "settings.office.online";
  return invited === true ? "settings.office.waits" : "settings.office.offline";
}

function AddColleague({
  domain,
  onAdded,
}: {
  readonly domain: string;
  readonly onAdded: (person: Colleague) => void;
}): ReactElement {
  const words = useWords();
  const { invoke } = useActions();
  const [person, setPerson] = useState<Colleague | undefined>(undefined);
  const [problem, setProblem] = useState("");
  if (person === undefined) {
    return (
      <p className="option-end">
        <button type="button" className="button small" onClick={() => setPerson(newColleague())}>
          {words.say("settings.office.add")}
        </button>
      </p>
    );
  }
  const add = async (): Promise<void> => {
    const wrong = colleagueProblem(person);
    if (wrong !== undefined) {
      setProblem(words.say(wrong));
      return;
    }
    const answer = await invoke("gateway.addPerson", personOf(person, domain));
    if (!answer.ok) {
      setProblem(answer.message);
      return;
    }
    onAdded(person);
    setPerson(undefined);
    setProblem("");
  };
  return (
    <form
      className="add-colleague"
      onSubmit={(event) => {
        event.preventDefault();
        void add();
      }}
    >
      <ColleagueFields person={person} domain={domain} onChange={setPerson} />
      {problem === "" ? null : <Say tone="bad" bold={problem} />}
      <div className="buttons">
        <button type="submit" className="button primary">
          {words.say("person.add")}
        </button>
        <button type="button" className="button quiet" onClick={() => setPerson(undefined)}>
          {words.say("dialog.cancel")}
        </button>
      </div>
    </form>
  );
}
