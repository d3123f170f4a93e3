import { useId } from "react";
import type { ReactElement } from "react";
import type { PrivacyRule, Rule, Watcher } from "../../../core/bridge/contract.ts";
import { Select } from "../../components/field.tsx";
import { Icon } from "../../components/icons.tsx";
import { Empty, Say } from "../../components/say.tsx";
import { useActions, useModel, useWindow, useWords } from "../../state/context.tsx";
import { keyOf } from "../../state/model.ts";
import { domainOf, firstName, nameOf } from "../../state/presence.ts";
import { resembledDomain, waitingWatchers } from "../../state/requests.ts";
import { useRuleOptions } from "../privacy/rule-options.ts";
import { useShallow } from "zustand/react/shallow";

/** People who ask to see me, with what helps to decide; below them the answers given, which can be changed. */
export function Requests(): ReactElement {
  const words = useWords();
  const waiting = useModel(useShallow(waitingWatchers));
  const later = useWindow((state) => state.later);
  const isLater = (watcher: Watcher): boolean => later.has(keyOf(watcher.account, watcher.address));
  const asking = waiting.filter((watcher) => !isLater(watcher));
  return (
    <main className="page" data-area="conversation">
      <div className="page-inner">
        <header>
          <div>
            <h1>{words.say("requests.title", { count: asking.length })}</h1>
            {asking.length > 0 ? <p className="lead">{words.say("requests.lead")}</p> : null}
          </div>
        </header>
        {asking.length === 0 ? (
          <Empty
            sign={<Icon name="request" size={28} />}
            title={words.say("requests.title", { count: 0 })}
            text={words.say("requests.empty")}
          />
        ) : (
          asking.map((watcher) => <Request key={keyOf(watcher.account, watcher.address)} watcher={watcher} />)
        )}
        <Answered later={waiting.filter(isLater)} />
      </div>
    </main>
  );
}

function Request({ watcher }: { readonly watcher: Watcher }): ReactElement {
  const words = useWords();
  const id = useId();
  const { account, address } = watcher;
  const now = useWindow((state) => state.now);
  const accounts = useModel((model) => model.accounts);
  const contact = useModel((model) => model.contacts.get(keyOf(account, address)));
  const lastAt = useModel((model) => model.conversations.get(keyOf(account, address))?.lastAt);
  const domain = domainOf(address);
  const own = domainOf(account);
  const resembled = resembledDomain(
    domain,
    accounts.map((item) => domainOf(item.account)),
  );
  const known =
    contact !== undefined
      ? words.say("requests.known.list", { name: contact.name ?? address })
      : lastAt !== undefined
        ? words.say("requests.known.messages", { when: words.when(lastAt, now) })
        : words.say("requests.known.nothing");
  return (
    <article className="panel request" aria-labelledby={id}>
      <div>
        <h2 id={id}>
          <bdi>{contact?.name ?? address}</bdi>
        </h2>
        {contact?.name === undefined ? null : (
          <p className="mid">
            <bdi>{address}</bdi>
          </p>
        )}
        <dl className="facts">
          {watcher.since === undefined ? null : (
            <>
              <dt>{words.say("requests.asked")}</dt>
              <dd>{words.when(watcher.since, now)}</dd>
            </>
          )}
          <dt>{words.say("requests.office")}</dt>
          <dd>{words.say(domain === own ? "requests.office.own" : "requests.office.other", { domain })}</dd>
          <dt>{words.say("requests.known")}</dt>
          <dd dir="auto">{known}</dd>
          {accounts.length > 1 ? (
            <>
              <dt>{words.say("requests.account")}</dt>
              <dd>{account}</dd>
            </>
          ) : null}
        </dl>
      </div>
      <Answers watcher={watcher} warned={resembled !== undefined} describedBy={id} />
      {resembled === undefined ? null : (
        <Say
          tone="warn"
          bold={words.say("requests.resembles.bold")}
          rest={words.say("requests.resembles.rest", { domain, own: resembled })}
        />
      )}
    </article>
  );
}

interface AnswersProps {
  readonly watcher: Watcher;
  /** No answer is pushed forward while something is suspicious. */
  readonly warned: boolean;
  readonly describedBy: string;
}

function Answers({ watcher, warned, describedBy }: AnswersProps): ReactElement {
  const words = useWords();
  const { attempt, postpone, announce } = useActions();
  const { account, address } = watcher;
  const name = useModel((model) => firstName(nameOf(model, account, address)));
  const answer = async (rule: PrivacyRule): Promise<void> => {
    const done = await attempt("privacy.set", { account, address, rule });
    if (done) announce(words.say("toast.rule", { name, rule: words.say(`rule.inside.${rule}`) }));
  };
  const button = (text: string, className: string, act: () => void): ReactElement => (
    <button type="button" className={className} aria-describedby={describedBy} onClick={act}>
      {text}
    </button>
  );
  return (
    <div className="answers">
      {button(words.say("requests.allow"), warned ? "button" : "button primary", () => void answer("allow"))}
      {button(words.say("requests.basic"), "button", () => void answer("basic"))}
      {button(words.say("requests.notNow"), "button", () => postpone(account, address))}
      {button(words.say("requests.block"), "button quiet", () => void answer("block"))}
    </div>
  );
}

/** Rules for single people are answers once given; "Not now" stands with them and can be answered after all. */
function Answered({ later }: { readonly later: readonly Watcher[] }): ReactElement | null {
  const words = useWords();
  const rules = useModel((model) => model.rules);
  const answered = rules.filter((rule) => rule.target.includes("@") && !rule.target.startsWith("@"));
  const waiting = later.map((item): Rule => ({ account: item.account, target: item.address, rule: "ask" }));
  const open = waiting.filter(
    (item) => !answered.some((rule) => rule.account === item.account && rule.target === item.target),
  );
  if (answered.length === 0 && open.length === 0) return null;
  return (
    <>
      <h2 className="page-head">{words.say("requests.answered")}</h2>
      <div className="panel">
        <table className="answered">
          <thead>
            <tr>
              <th scope="col">{words.say("requests.who")}</th>
              <th scope="col">{words.say("requests.answer")}</th>
            </tr>
          </thead>
          <tbody>
            {[...open, ...answered].map((rule) => (
              <AnsweredRow key={keyOf(rule.account, rule.target)} rule={rule} />
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function AnsweredRow({ rule }: { readonly rule: Rule }): ReactElement {
  const words = useWords();
  const { attempt } = useActions();
  const options = useRuleOptions();
  const name = useModel((model) => nameOf(model, rule.account, rule.target));
  return (
    <tr>
      <td>
        <b>
          <bdi>{name}</bdi>
        </b>{" "}
        {name === rule.target ? null : (
          <span className="mid">
            <bdi>{rule.target}</bdi>
          </span>
        )}
      </td>
      <td>
        <Select
          label={words.say("requests.answerFor", { name })}
          value={rule.rule}
          options={options}
          onChange={(chosen) =>
            void attempt("privacy.set", { account: rule.account, address: rule.target, rule: chosen })
          }
        />
      </td>
    </tr>
  );
}
