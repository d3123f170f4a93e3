import { useId } from "react";
import type { ReactElement } from "react";
import type { IconName } from "../../components/icons.tsx";
import { Icon } from "../../components/icons.tsx";
import { HallwayMark } from "../../components/sign.tsx";
import { useActions, useWords } from "../../state/context.tsx";
import type { MessageId } from "../../strings/words.ts";
import { LanguageSelect } from "../settings/settings.tsx";

/** The first start: doors on a floor line. Nothing is at hand yet, so none of them stands ajar. */
export function Doors(): ReactElement {
  const words = useWords();
  const { show, openDialog } = useActions();
  return (
    <main className="hall">
      <div className="hall-head">
        <HallwayMark state="available" size={56} />
        <div>
          <h1>{words.say("first.title")}</h1>
          <p className="mid">{words.say("first.lead")}</p>
        </div>
      </div>
      <div className="doors">
        <Door
          icon="people"
          title="first.signIn"
          text="first.signIn.text"
          needs="first.signIn.needs"
          button="first.signIn"
          onOpen={() => show("sign-in")}
        />
        <Door
          icon="request"
          title="first.invitation"
          text="first.invitation.text"
          needs="first.invitation.needs"
          button="first.invitation.button"
          onOpen={() => show("invitation")}
        />
        <Door
          icon="office"
          title="first.start"
          text="first.start.text"
          needs="first.start.needs"
          button="first.start.button"
          onOpen={() => show("start-office")}
        />
      </div>
      <div className="floor">
        <div>
          <span className="mid t13 grow">{words.say("first.floor")}</span>
          <LanguageSelect />
          <button type="button" className="button quiet small" onClick={() => openDialog({ kind: "keys" })}>
            {words.say("first.keys")}
          </button>
        </div>
      </div>
    </main>
  );
}

interface DoorProps {
  readonly icon: IconName;
  readonly title: MessageId;
  readonly text: MessageId;
  readonly needs: MessageId;
  readonly button: MessageId;
  readonly onOpen: () => void;
}

function Door({ icon, title, text, needs, button, onOpen }: DoorProps): ReactElement {
  const words = useWords();
  const id = useId();
  return (
    <article className="door" aria-labelledby={id}>
      <div className="leaf">
        <div className="plate">
          <Icon name={icon} size={24} />
        </div>
        <h2 id={id}>{words.say(title)}</h2>
        <p className="mid">{words.say(text)}</p>
        <p className="mid t13">{words.say(needs)}</p>
        <button type="button" className="button" onClick={onOpen}>
          {words.say(button)}
        </button>
        <i className="handle" aria-hidden="true" />
      </div>
    </article>
  );
}
