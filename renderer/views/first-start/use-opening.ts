import { useState } from "react";
import type { Failure, GatewayStatus } from "../../../core/bridge/contract.ts";
import type { Verdict } from "../../components/icons.tsx";
import { useActions } from "../../state/context.tsx";
import { localServer } from "../../state/server-name.ts";
import type { Words } from "../../strings/words.ts";
import type { OfficeForm } from "./office-form.ts";
import { addressOf, isBlank, personOf } from "./office-form.ts";
import type { Step } from "./steps.tsx";

export type OpeningState =
  | { readonly kind: "idle" }
  | { readonly kind: "working"; readonly at: "start" | "sign-in" }
  | { readonly kind: "failed"; readonly at: "start" | "sign-in"; readonly failure: Failure }
  | { readonly kind: "done"; readonly status: GatewayStatus };

/** Opens the office: starts the server with its people, then signs in. After a failure only what is missing is done again. */
export function useOpening(): { readonly state: OpeningState; begin(form: OfficeForm): Promise<void> } {
  const { invoke } = useActions();
  const [state, setState] = useState<OpeningState>({ kind: "idle" });
  const [started, setStarted] = useState<GatewayStatus | undefined>(undefined);

  const start = async (form: OfficeForm): Promise<GatewayStatus | undefined> => {
    setState({ kind: "working", at: "start" });
    const colleagues = form.colleagues.filter((person) => !isBlank(person));
    const people = [
      personOf(form.you, form.domain, true),
      ...colleagues.map((person) => personOf(person, form.domain)),
    ];
    const answer = await invoke("gateway.start", { domain: form.domain, people });
    const failure: Failure | undefined = answer.ok
      ? answer.value.running
        ? undefined
        : { code: "not-running", message: answer.value.reason ?? "" }
      : answer;
    if (failure !== undefined || !answer.ok) {
      setState({ kind: "failed", at: "start", failure: failure ?? { code: "not-running", message: "" } });
      return undefined;
    }
    setStarted(answer.value);
    return answer.value;
  };

  const begin = async (form: OfficeForm): Promise<void> => {
    const status = started ?? (await start(form));
    if (status === undefined) return;
    setState({ kind: "working", at: "sign-in" });
    const server = localServer(status.listening ?? []);
    const answer = await invoke("account.signIn", {
      address: addressOf(form.you, form.domain),
      password: form.you.password,
      ...(server === undefined ? {} : { server }),
      ...(status.fingerprint === undefined ? {} : { trust: status.fingerprint }),
    });
    setState(answer.ok ? { kind: "done", status } : { kind: "failed", at: "sign-in", failure: answer });
  };
  return { state, begin };
}

/** The opening in three plain steps with their verdicts. */
export function stepsOf(state: OpeningState, form: OfficeForm, words: Words): readonly Step[] {
  const others = form.colleagues.filter((person) => !isBlank(person)).length;
  const startVerdict = verdictOf(state, "start");
  return [
    { id: "start", title: words.say("office.progress.start", { domain: form.domain }), verdict: startVerdict },
    {
      id: "people",
      title: words.say("office.progress.people", { count: others + 1, others }),
      verdict: startVerdict === "ok" ? "ok" : "open",
    },
    { id: "sign-in", title: words.say("office.progress.signIn"), verdict: verdictOf(state, "sign-in") },
  ];
}

function verdictOf(state: OpeningState, step: "start" | "sign-in"): Verdict {
  if (state.kind === "done") return "ok";
  if (state.kind === "idle") return "open";
  if (state.at === step) return state.kind === "working" ? "now" : "bad";
  return step === "start" ? "ok" : "open";
}
