import { useEffect, useState } from "react";
import type { ReactElement } from "react";
import type { Failure } from "../../../core/bridge/contract.ts";
import { Field, Switch } from "../../components/field.tsx";
import { Icon } from "../../components/icons.tsx";
import { Say } from "../../components/say.tsx";
import { isAddressLike } from "../../state/arrange.ts";
import { useActions, useModel, useWindow, useWords } from "../../state/context.tsx";
import { domainOf } from "../../state/presence.ts";
import { serverArgument } from "../../state/server-name.ts";
import type { MessageId } from "../../strings/words.ts";
import { failureWords } from "../../strings/failure-words.ts";
import type { Step } from "./steps.tsx";
import { Steps } from "./steps.tsx";
import { Trust } from "./trust.tsx";

/** After so long the person is told how long it usually takes. */
const SLOW_MS = 3_000;

type Attempt =
  | { readonly kind: "typing"; readonly problem?: MessageId }
  | { readonly kind: "asking"; readonly trusted: boolean }
  | { readonly kind: "compare"; readonly fingerprint: string }
  | { readonly kind: "differs" }
  | { readonly kind: "refused"; readonly failure: Failure };

/** Signing in, with a certificate that is seen for the first time compared before any password leaves. */
export function SignIn(): ReactElement {
  const words = useWords();
  const { invoke, show } = useActions();
  const [address, setAddress] = useState(useWindow((state) => state.signInAs));
  const [password, setPassword] = useState("");
  const [knowsServer, setKnowsServer] = useState(false);
  const [server, setServer] = useState("");
  const [attempt, setAttempt] = useState<Attempt>({ kind: "typing" });
  const busy = attempt.kind === "asking" || attempt.kind === "compare";

  const ask = async (trust?: string): Promise<void> => {
    const problem = problemOf(address, password);
    if (problem !== undefined) {
      setAttempt({ kind: "typing", problem });
      return;
    }
    setAttempt({ kind: "asking", trusted: trust !== undefined });
    const named = knowsServer ? serverArgument(server) : undefined;
    const answer = await invoke("account.signIn", {
      address: address.trim(),
      password,
      ...(named === undefined ? {} : { server: named }),
      ...(trust === undefined ? {} : { trust }),
    });
    if (answer.ok) {
      show("people");
      return;
    }
    const fingerprint = answer.details?.["fingerprint"];
    const isNew = answer.code === "certificate-not-trusted" && fingerprint !== undefined && fingerprint !== trust;
    setAttempt(isNew ? { kind: "compare", fingerprint } : { kind: "refused", failure: answer });
  };

  const edited = (change: (value: string) => void) => (value: string) => {
    change(value);
    setAttempt({ kind: "typing" });
  };
  return (
    <main className="start-page two-columns">
      <div>
        <BackToStart />
        <h1>{words.say("signIn.title")}</h1>
        <form
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            if (!busy) void ask();
          }}
        >
          <Field
            label={words.say("signIn.address")}
            value={address}
            onChange={edited(setAddress)}
            hint={words.say("signIn.addressHint")}
            type="email"
            autoComplete="username"
            maxLength={320}
            autoFocus
          />
          <Field
            label={words.say("signIn.password")}
            value={password}
            onChange={edited(setPassword)}
            hint={words.say("signIn.passwordHint")}
            type="password"
            autoComplete="current-password"
            maxLength={1000}
          />
          <Switch label={words.say("signIn.knowServer")} on={knowsServer} onChange={setKnowsServer} />
          {knowsServer ? (
            <Field
              label={words.say("signIn.server")}
              value={server}
              onChange={edited(setServer)}
              hint={words.say("signIn.serverHint")}
              maxLength={300}
            />
          ) : null}
          <div className="buttons">
            <button type="submit" className={busy ? "button" : "button primary"} aria-disabled={busy}>
              {words.say(buttonWords(attempt))}
            </button>
          </div>
          {attempt.kind === "typing" && attempt.problem !== undefined ? (
            <Say tone="bad" bold={words.say(attempt.problem)} />
          ) : null}
        </form>
      </div>
      <Progress
        attempt={attempt}
        domain={address.includes("@") ? domainOf(address.trim()) : ""}
        onSame={(fingerprint) => void ask(fingerprint)}
        onDiffer={() => setAttempt({ kind: "differs" })}
        onAgain={() => setAttempt({ kind: "typing" })}
      />
    </main>
  );
}

function problemOf(address: string, password: string): MessageId | undefined {
  if (!isAddressLike(address)) return "signIn.needAddress";
  return password === "" ? "signIn.needPassword" : undefined;
}

function buttonWords(attempt: Attempt): MessageId {
  if (attempt.kind === "asking") return "signIn.waiting";
  return attempt.kind === "compare" ? "signIn.waitingAnswer" : "signIn.button";
}

/** Back to the doors on first start, or to the settings when there is an account already. */
export function BackToStart(): ReactElement {
  const words = useWords();
  const { show } = useActions();
  const hasAccount = useModel((model) => model.accounts.length > 0);
  return (
    <button type="button" className="button quiet small back" onClick={() => show(hasAccount ? "settings" : "people")}>
      <Icon name="back" size={16} flips /> {words.say(hasAccount ? "first.backToSettings" : "first.back")}
    </button>
  );
}

interface ProgressProps {
  readonly attempt: Attempt;
  readonly domain: string;
  readonly onSame: (fingerprint: string) => void;
  readonly onDiffer: () => void;
  readonly onAgain: () => void;
}

function Progress({ attempt, domain, onSame, onDiffer, onAgain }: ProgressProps): ReactElement {
  const words = useWords();
  const slow = useSlow(attempt.kind === "asking");
  const shownDomain = domain === "" ? "…" : domain;
  const find = words.say("signIn.step.find", { domain: shownDomain });
  const trust = words.say("signIn.step.trust");
  const asking = attempt.kind === "asking";
  const trusted = asking && attempt.trusted;
  const compared = attempt.kind === "compare" || attempt.kind === "differs";
  const steps: Step[] = [
    {
      id: "find",
      title: find,
      verdict: compared || trusted ? "ok" : asking ? "now" : "open",
      text: slow ? words.say("signIn.slow") : undefined,
    },
    {
      id: "trust",
      title: trust,
      verdict: attempt.kind === "compare" ? "warn" : attempt.kind === "differs" ? "bad" : trusted ? "ok" : "open",
      text: compared ? words.say("signIn.unknownCertificate") : undefined,
    },
    { id: "password", title: words.say("signIn.step.password"), verdict: trusted ? "now" : "open" },
    { id: "contacts", title: words.say("signIn.step.contacts"), verdict: "open" },
  ];
  if (attempt.kind === "refused") {
    const { bold, rest } = failureWords(words, attempt.failure, shownDomain);
    return (
      <div className="progress" role="group" aria-label={words.say("signIn.progress")}>
        <Say tone="bad" bold={bold} rest={rest}>
          <details>
            <summary>{words.say("app.detail")}</summary>
            <p className="selectable" dir="auto">
              {attempt.failure.message} {words.say("failure.code", { code: attempt.failure.code })}
            </p>
          </details>
        </Say>
      </div>
    );
  }
  return (
    <div className="progress">
      <Steps
        steps={steps.slice(0, 2)}
        label={words.say(attempt.kind === "typing" ? "signIn.before" : "signIn.progress")}
      />
      {attempt.kind === "compare" ? (
        <Trust fingerprint={attempt.fingerprint} onSame={() => onSame(attempt.fingerprint)} onDiffer={onDiffer} />
      ) : null}
      {attempt.kind === "differs" ? (
        <Say tone="bad" bold={words.say("signIn.differ.bold")} rest={words.say("signIn.differ.rest")}>
          <button type="button" className="button small" onClick={onAgain}>
            {words.say("signIn.differ.again")}
          </button>
        </Say>
      ) : (
        <Steps steps={steps.slice(2)} label={words.say("signIn.before")} />
      )}
    </div>
  );
}

function useSlow(active: boolean): boolean {
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    setSlow(false);
    if (!active) return undefined;
    const timer = setTimeout(() => setSlow(true), SLOW_MS);
    return () => clearTimeout(timer);
  }, [active]);
  return slow;
}
