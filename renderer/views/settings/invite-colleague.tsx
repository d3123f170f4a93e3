import { useState } from "react";
import type { ReactElement } from "react";
import type { Invitation } from "../../../core/bridge/contract.ts";
import { CopyLine } from "../../components/copy-line.tsx";
import { Field } from "../../components/field.tsx";
import { Say } from "../../components/say.tsx";
import { useActions, useWindow, useWords } from "../../state/context.tsx";
import { localFromName } from "../first-start/office-form.ts";

interface Invited {
  readonly name: string;
  readonly local: string;
}

const NOBODY: Invited = { name: "", local: "" };

/** Invites somebody into the office of this computer: a name and an address make a link that they can come in with. */
export function InviteColleague({ domain }: { readonly domain: string }): ReactElement {
  const words = useWords();
  const { invoke, announce } = useActions();
  const [person, setPerson] = useState<Invited | undefined>(undefined);
  const [problem, setProblem] = useState("");
  const [made, setMade] = useState<Invitation | undefined>(undefined);
  if (person === undefined) {
    return (
      <>
        {made === undefined ? null : <MadeInvitation invitation={made} />}
        <p className="option-end">
          <button type="button" className="button small" onClick={() => setPerson(NOBODY)}>
            {words.say("settings.office.invite")}
          </button>
        </p>
      </>
    );
  }
  const invite = async (): Promise<void> => {
    const name = person.name.trim();
    const address = `${person.local.trim().toLowerCase()}@${domain}`;
    const answer = await invoke("gateway.invite", { address, ...(name === "" ? {} : { name }) });
    if (!answer.ok) {
      setProblem(answer.message);
      return;
    }
    setMade(answer.value);
    setPerson(undefined);
    setProblem("");
    announce(words.say("settings.office.invited", { address }));
  };
  return (
    <form
      className="add-colleague"
      onSubmit={(event) => {
        event.preventDefault();
        void invite();
      }}
    >
      <Field
        label={words.say("office.colleagueName")}
        value={person.name}
        onChange={(name) => setPerson(withName(person, name))}
        maxLength={200}
        autoFocus
      />
      <Field
        label={words.say("office.colleagueAddress")}
        value={person.local}
        onChange={(local) => setPerson({ ...person, local })}
        suffix={`@${domain}`}
        maxLength={100}
      />
      {problem === "" ? null : <Say tone="bad" bold={problem} />}
      <div className="buttons">
        <button type="submit" className="button primary">
          {words.say("settings.office.inviteButton")}
        </button>
        <button type="button" className="button quiet" onClick={() => setPerson(undefined)}>
          {words.say("dialog.cancel")}
        </button>
      </div>
    </form>
  );
}

/** The link to hand over, to copy and for a camera. It is shown once: nobody can ask for it again. */
function MadeInvitation({ invitation }: { readonly invitation: Invitation }): ReactElement {
  const words = useWords();
  const now = useWindow((state) => state.now);
  const { address, link, expiresAt, qr, warnings } = invitation;
  const until = words.when(expiresAt, now);
  return (
    <div className="needs">
      <p>{words.say("settings.office.invitation", { address, until })}</p>
      <dl>
        <CopyLine
          label={words.say("settings.office.invitationLink")}
          text={link}
          hint={words.say("settings.office.invitationHint")}
        />
      </dl>
      <svg
        className="qr"
        viewBox={`0 0 ${qr.size} ${qr.size}`}
        role="img"
        aria-label={words.say("settings.office.invitationCode", { address })}
      >
        <path d={qr.path} />
      </svg>
      {warnings.map((warning) => (
        <Say key={warning} tone="warn" bold={warning} />
      ))}
    </div>
  );
}

/** The address follows the name until somebody types another one. */
function withName(person: Invited, name: string): Invited {
  const follows = person.local === localFromName(person.name);
  return { name, local: follows ? localFromName(name) : person.local };
}
