import { useState } from "react";
import type { ReactElement } from "react";
import { Dialog } from "../../components/dialog.tsx";
import { Field } from "../../components/field.tsx";
import { Say } from "../../components/say.tsx";
import { useActions, useWords } from "../../state/context.tsx";
import { MIN_PASSWORD_LENGTH } from "../first-start/office-form.ts";

/** Another password for one account: the old one, then the new one. */
export function ChangePassword({
  account,
  onClose,
}: {
  readonly account: string;
  readonly onClose: () => void;
}): ReactElement {
  const words = useWords();
  const { invoke, toast } = useActions();
  const [old, setOld] = useState("");
  const [wanted, setWanted] = useState("");
  const [problem, setProblem] = useState("");
  const change = async (): Promise<void> => {
    if (old === "" || wanted.length < MIN_PASSWORD_LENGTH) {
      setProblem(words.say(old === "" ? "signIn.needPassword" : "office.needPassword"));
      return;
    }
    const answer = await invoke("account.password", { account, old, new: wanted });
    if (!answer.ok) {
      setProblem(answer.code === "wrong-password" ? words.say("password.wrong") : answer.message);
      return;
    }
    toast(words.say("password.changed"));
    onClose();
  };
  return (
    <Dialog title={words.say("password.title")} onClose={onClose}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void change();
        }}
      >
        <div className="dialog-body">
          <Field
            label={words.say("password.old")}
            value={old}
            onChange={setOld}
            type="password"
            autoComplete="current-password"
            maxLength={1000}
            autoFocus
          />
          <Field
            label={words.say("password.new")}
            value={wanted}
            onChange={setWanted}
            hint={words.say("password.newHint")}
            type="password"
            autoComplete="new-password"
            maxLength={1000}
          />
          {problem === "" ? null : <Say tone="bad" bold={problem} />}
        </div>
        <footer>
          <span className="grow" />
          <button type="button" className="button" onClick={onClose}>
            {words.say("dialog.cancel")}
          </button>
          <button type="submit" className="button primary">
            {words.say("password.button")}
          </button>
        </footer>
      </form>
    </Dialog>
  );
}
