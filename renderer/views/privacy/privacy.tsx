import { useState } from "react";
import type { ReactElement } from "react";
import type { PrivacyRule, Rule } from "../../../core/bridge/contract.ts";
import { Select } from "../../components/field.tsx";
import type { IconName } from "../../components/icons.tsx";
import { Icon } from "../../components/icons.tsx";
import { Sign } from "../../components/sign.tsx";
import { useActions, useModel, useWords } from "../../state/context.tsx";
import { keyOf } from "../../state/model.ts";
import { domainOf, nameOf } from "../../state/presence.ts";
import { generalFirst, withStart } from "../../state/requests.ts";
import type { Words } from "../../strings/words.ts";
import { AddRule } from "./add-rule.tsx";
import { Preview } from "./preview.tsx";
import { useRuleOptions } from "./rule-options.ts";
import { WatchingNow } from "./watching-now.tsx";

/** Who sees what of me: the rules from general to special, who watches now, and how somebody sees me. */
export function Privacy(): ReactElement {
  const words = useWords();
  const [adding, setAdding] = useState(false);
  return (
    <main className="page" data-area="conversation">
      <header>
        <div>
          <h1>{words.say("privacy.title")}</h1>
          <p className="lead">{words.say("privacy.lead")}</p>
        </div>
        <button type="button" className="button" onClick={() => setAdding(true)}>
          {words.say("privacy.add")}
        </button>
      </header>
      <div className="privacy-columns">
        <div>
          <Rules />
          <WatchingNow />
        </div>
        <Preview />
      </div>
      {adding ? <AddRule onClose={() => setAdding(false)} /> : null}
    </main>
  );
}

function Rules(): ReactElement {
  const words = useWords();
  const rules = useModel((model) => model.rules);
  const accounts = useModel((model) => model.accounts);
  const all = accounts.flatMap(({ account }) => withStart(rules, account));
  return (
    <section className="panel">
      <header>
        <h2>{words.say("privacy.rules")}</h2>
        <span className="small dim">{words.say("privacy.order")}</span>
      </header>
      {generalFirst(all).map((rule) => (
        <RuleLine key={keyOf(rule.account, rule.target)} rule={rule} several={accounts.length > 1} />
      ))}
    </section>
  );
}

function RuleLine({ rule, several }: { readonly rule: Rule; readonly several: boolean }): ReactElement {
  const words = useWords();
  const { attempt } = useActions();
  const options = useRuleOptions();
  const name = useModel((model) => nameOf(model, rule.account, rule.target));
  const presence = useModel((model) => model.presence.get(keyOf(rule.account, rule.target)));
  const isPerson = rule.target !== "*" && !rule.target.startsWith("@");
  const who = targetWords(words, rule.target, name);
  const facts = [isPerson ? domainOf(rule.target) : "", meaning(words, rule), several ? rule.account : ""];
  return (
    <div className="line rule">
      <span className="rule-sign">
        {isPerson && presence !== undefined ? (
          <Sign state={presence.state} size={14} />
        ) : (
          <Icon name={iconFor(rule)} size={18} />
        )}
      </span>
      <div>
        <b>
          <bdi>{who}</bdi>
        </b>
        <div className="mid t13">{facts.filter((fact) => fact !== "").join(" · ")}</div>
      </div>
      <Select
        label={words.say("privacy.sees", { who })}
        value={rule.rule}
        options={options}
        onChange={(chosen) => void attempt("privacy.set", setArgs(rule, chosen))}
      />
    </div>
  );
}

function iconFor(rule: Rule): IconName {
  if (rule.target === "*") return "people";
  if (!rule.target.startsWith("@")) return "request";
  return rule.target.slice(1) === domainOf(rule.account) ? "office" : "people";
}

function targetWords(words: Words, target: string, name: string): string {
  if (target === "*") return words.say("privacy.everyoneElse");
  return target.startsWith("@") ? words.say("privacy.everyoneAt", { domain: target.slice(1) }) : name;
}

function meaning(words: Words, rule: Rule): string {
  return words.say(`privacy.meaning.${rule.rule}`);
}

/** The rule for everybody else is the one without a target. */
function setArgs(
  rule: Rule,
  chosen: PrivacyRule,
): { account: string; address?: string; domain?: string; rule: PrivacyRule } {
  const { account, target } = rule;
  if (target === "*") return { account, rule: chosen };
  return target.startsWith("@")
    ? { account, domain: target.slice(1), rule: chosen }
    : { account, address: target, rule: chosen };
}
