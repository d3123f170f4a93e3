import { useEffect } from "react";
import type { ReactElement } from "react";
import { useActions, useModel, useWords } from "../../state/context.tsx";
import type { PersonKey } from "../../state/model.ts";
import { idOf } from "../../state/model.ts";
import { firstName, nameOf } from "../../state/presence.ts";

/** Says that the other person is writing, at a place that is always kept free: the log does not jump. */
export function Writing({ personKey }: { readonly personKey: PersonKey }): ReactElement {
  const words = useWords();
  const { announce } = useActions();
  const { account, address } = idOf(personKey);
  const name = useModel((model) => firstName(nameOf(model, account, address)));
  const writes = useModel((model) => model.writing.has(personKey));
  const text = words.say("conversation.writing", { name });
  // Spoken once for each time that they begin.
  useEffect(() => {
    if (writes) announce(text);
  }, [writes, text, announce]);
  return (
    <div className="writing">
      {writes ? (
        <>
          <span className="dots" aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
          <span>{text}</span>
        </>
      ) : null}
    </div>
  );
}
