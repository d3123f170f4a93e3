import { useState } from "react";
import type { ReactElement } from "react";
import { Field } from "../../components/field.tsx";
import { Icon } from "../../components/icons.tsx";
import { Say } from "../../components/say.tsx";
import { useActions, useModel, useWords } from "../../state/context.tsx";
import type { MessageId } from "../../strings/words.ts";
import { ColleagueFields, withName } from "./colleague-fields.tsx";
import type { Colleague, OfficeForm } from "./office-form.ts";
import { colleagueProblem, domainProblem, isBlank, newColleague, repeatedLocals } from "./office-form.ts";
import { OfficeNeeds } from "./office-needs.tsx";
import { BackToStart } from "./sign-in.tsx";
import { Steps } from "./steps.tsx";
import { stepsOf, useOpening } from "./use-opening.ts";

const pages = ["you", "colleagues", "start"] as const;
type Page = (typeof pages)[number];

/** Makes this computer the server of an office: the office and oneself, first colleagues, and what they need. */
export function StartOffice(): ReactElement {
  const words = useWords();
  const [page, setPage] = useState<Page>("you");
  const [form, setForm] = useState<OfficeForm>(() => ({
    domain: "",
    you: { ...newColleague(), password: "" },
    colleagues: [newColleague()],
  }));
  const opening = useOpening();
  const begin = (): void => {
    setPage("start");
    void opening.begin(form);
  };
  return (
    <main className="start-page">
      {opening.state.kind === "done" ? null : <BackToStart />}
      <h1>
        {opening.state.kind === "done" ? words.say("office.done", { domain: form.domain }) : words.say("office.title")}
      </h1>
      {opening.state.kind === "done" ? null : <Where page={page} />}
      {page === "you" ? <You form={form} onChange={setForm} onNext={() => setPage("colleagues")} /> : null}
      {page === "colleagues" ? (
        <Colleagues form={form} onChange={setForm} onBack={() => setPage("you")} onNext={begin} />
      ) : null}
      {page === "start" ? <Start form={form} opening={opening} onBack={() => setPage("you")} /> : null}
    </main>
  );
}

function Where({ page }: { readonly page: Page }): ReactElement {
  const words = useWords();
  return (
    <ol className="where" aria-label={words.say("office.steps")}>
      {pages.map((item) => (
        <li key={item} aria-current={item === page ? "step" : undefined}>
          {words.say(`office.step.${item}`)}
        </li>
      ))}
    </ol>
  );
}

interface PageProps {
  readonly form: OfficeForm;
  readonly onChange: (form: OfficeForm) => void;
  readonly onNext: () => void;
}

function You({ form, onChange, onNext }: PageProps): ReactElement {
  const words = useWords();
  const [tried, setTried] = useState(false);
  const { domain, you } = form;
  const problems = {
    domain: domainProblem(domain),
    local: colleagueProblem({ ...you, password: "long enough" }),
    password: colleagueProblem({ ...you, local: "somebody" }),
  };
  const problem = (id: MessageId | undefined): ReactElement | undefined =>
    tried && id !== undefined ? <Say tone="bad" bold={words.say(id)} /> : undefined;
  const set = (change: Partial<Colleague>): void => onChange({ ...form, you: { ...you, ...change } });
  return (
    <form
      className="start-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (Object.values(problems).every((id) => id === undefined)) onNext();
      }}
    >
      <Field
        label={words.say("office.domain")}
        value={domain}
        onChange={(value) => onChange({ ...form, domain: value.trim().toLowerCase() })}
        hint={words.say("office.domainHint")}
        problem={problem(problems.domain)}
        maxLength={255}
        autoFocus
      />
      <Field
        label={words.say("office.yourName")}
        value={you.name}
        onChange={(name) => set(withName(you, name))}
        autoComplete="name"
        maxLength={200}
      />
      <Field
        label={words.say("office.yourAddress")}
        value={you.local}
        onChange={(local) => set({ local })}
        suffix={`@${domain}`}
        problem={problem(problems.local)}
        maxLength={100}
      />
      <Field
        label={words.say("office.yourPassword")}
        value={you.password}
        onChange={(password) => set({ password })}
        hint={words.say("office.passwordHint")}
        problem={problem(problems.password)}
        type="password"
        autoComplete="new-password"
        maxLength={1000}
      />
      <div className="buttons">
        <button type="submit" className="button primary">
          {words.say("office.next")}
        </button>
      </div>
    </form>
  );
}

function Colleagues({ form, onChange, onNext, onBack }: PageProps & { readonly onBack: () => void }): ReactElement {
  const words = useWords();
  const [tried, setTried] = useState(false);
  const twice = repeatedLocals(form);
  const set = (colleagues: readonly Colleague[]): void => onChange({ ...form, colleagues });
  const problemOf = (person: Colleague): MessageId | undefined => {
    if (isBlank(person)) return undefined;
    return twice.has(person.local.trim().toLowerCase()) ? "office.twice" : colleagueProblem(person);
  };
  return (
    <form
      className="start-form"
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (form.colleagues.every((person) => problemOf(person) === undefined)) onNext();
      }}
    >
      <p className="mid">{words.say("office.colleagues.lead")}</p>
      {form.colleagues.map((person, index) => {
        const problem = tried ? problemOf(person) : undefined;
        return (
          <fieldset key={person.id} className="colleague">
            <legend>{words.say("office.colleague", { number: index + 1 })}</legend>
            <ColleagueFields
              person={person}
              domain={form.domain}
              onChange={(changed) => set(form.colleagues.with(index, changed))}
              problem={problem === undefined ? undefined : <Say tone="bad" bold={words.say(problem)} />}
            />
            <button
              type="button"
              className="icon-button"
              aria-label={words.say("office.removeColleague", { number: index + 1 })}
              onClick={() => set(form.colleagues.filter((other) => other !== person))}
            >
              <Icon name="close" size={16} />
            </button>
          </fieldset>
        );
      })}
      <button type="button" className="button small" onClick={() => set([...form.colleagues, newColleague()])}>
        {words.say("office.another")}
      </button>
      <div className="buttons">
        <button type="submit" className="button primary">
          {words.say("office.begin")}
        </button>
        <button type="button" className="button quiet" onClick={onBack}>
          {words.say("office.back")}
        </button>
      </div>
    </form>
  );
}

interface StartProps {
  readonly form: OfficeForm;
  readonly opening: ReturnType<typeof useOpening>;
  readonly onBack: () => void;
}

function Start({ form, opening, onBack }: StartProps): ReactElement {
  const words = useWords();
  const { show } = useActions();
  const gateway = useModel((model) => model.gateway);
  const { state } = opening;
  if (state.kind === "done") {
    return (
      <div className="start-form">
        <p className="mid">{words.say("office.done.lead")}</p>
        <OfficeNeeds
          gateway={gateway.running ? gateway : state.status}
          domain={form.domain}
          colleagues={form.colleagues.filter((person) => !isBlank(person))}
        />
        <div className="buttons">
          <button type="button" className="button primary" onClick={() => show("people")}>
            {words.say("office.done.enter")}
          </button>
        </div>
      </div>
    );
  }
  return (
    <div className="start-form">
      <Steps steps={stepsOf(state, form, words)} label={words.say("office.progress")} />
      {state.kind === "failed" ? (
        <>
          <Say
            tone="bad"
            bold={words.say(state.at === "start" ? "office.notStarted.bold" : "office.notSignedIn.bold")}
            rest={state.failure.message}
          />
          <div className="buttons">
            <button type="button" className="button primary" onClick={() => void opening.begin(form)}>
              {words.say("office.again")}
            </button>
            {state.at === "start" ? (
              <button type="button" className="button quiet" onClick={onBack}>
                {words.say("office.back")}
              </button>
            ) : null}
          </div>
        </>
      ) : null}
    </div>
  );
}
