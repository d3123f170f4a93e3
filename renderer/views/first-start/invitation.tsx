import { useState } from "react";
import type { ReactElement } from "react";
import type { Failure } from "../../../core/bridge/contract.ts";
import { Field } from "../../components/field.tsx";
import { Say } from "../../components/say.tsx";
import { useActions, useWords } from "../../state/context.tsx";
import type { MessageId } from "../../strings/words.ts";
import { failureWords } from "../../strings/failure-words.ts";
import { invitationDomain, invitationProblem } from "./invitation-form.ts";
import { BackToStart } from "./sign-in.tsx";

type Attempt =
  | { readonly kind: "typing"; readonly problem?: MessageId }
  | { readonly kind: "asking" }
  | { readonly kind: "refused"; readonly failure: Failure };

/** Coming in by an invitation: the link says where and who, so only a password is left to choose. */
export function UseInvitation(): ReactElement {
  const words = useWords();
  const { invoke, show } = useActions();
  const [link, setLink] = useState("");
  const [password, setPassword] = useState("");
  const [attempt, setAttempt] = useState<Attempt>({ kind: "typing" });
  const busy = attempt.kind === "asking";

  const accept = async (): Promise<void> => {
    const problem = invitationProblem(link, password);
    if (problem !== undefined) {
      setAttempt({ kind: "typing", problem });
      return;
    }
    setAttempt({ kind: "asking" });
    const answer = await invoke("invite.accept", { link, password });
    if (answer.ok) show("people");
    else setAttempt({ kind: "refused", failure: answer });
  };

  const edited = (change: (value: string) => void) => (value: string) => {
    change(value);
    setAttempt({ kind: "typing" });
  };
  return (
    <main className="start-page">
      <BackToStart />
      <h1>{words.say("invitation.title")}</h1>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (!busy) void accept();
        }}
      >
        <Field
          label={words.say("invitation.link")}
          value={link}
          onChange={edited(setLink)}
          hint={words.say("invitation.linkHint")}
          maxLength={20_000}
          autoFocus
        />
        <Field
          label={words.say("invitation.password")}
          value={password}
          onChange={edited(setPassword)}
          hint={words.say("invitation.passwordHint")}
          type="password"
          autoComplete="new-password"
          maxLength={1000}
        />
        <div className="buttons">
          <button type="submit" className={busy ? "button" : "button primary"} aria-disabled={busy}>
            {words.say(busy ? "invitation.waiting" : "invitation.button")}
          </button>
        </div>
        <Outcome attempt={attempt} domain={invitationDomain(link)} />
      </form>
    </main>
  );
}

function Outcome({ attempt, domain }: { readonly attempt: Attempt; readonly domain: string }): ReactElement | null {
  const words = useWords();
  if (attempt.kind === "refused") return <Say tone="bad" {...failureWords(words, attempt.failure, domain)} />;
  if (attempt.kind === "asking" || attempt.problem === undefined) return null;
  return <Say tone="bad" bold={words.say(attempt.problem)} />;
}
