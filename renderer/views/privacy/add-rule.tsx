import { useState } from "react";
import type { ReactElement } from "react";
import type { PrivacyRule } from "../../../core/bridge/contract.ts";
import { Dialog } from "../../components/dialog.tsx";
import { Field, Select } from "../../components/field.tsx";
import { Say } from "../../components/say.tsx";
import { isAddressLike } from "../../state/arrange.ts";
import { useActions, useModel, useWords } from "../../state/context.tsx";
import { useRuleOptions } from "./rule-options.ts";

/** A rule for one person, or for everybody of a domain. */
export function AddRule({ onClose }: { readonly onClose: () => void }): ReactElement {
  const words = useWords();
  const { invoke } = useActions();
  const options = useRuleOptions();
  const accounts = useModel((model) => model.accounts);
  const [account, setAccount] = useState(accounts[0]?.account ?? "");
  const [target, setTarget] = useState("");
  const [rule, setRule] = useState<PrivacyRule>("basic");
  const [problem, setProblem] = useState("");
  const add = async (): Promise<void> => {
    const who = targetOf(target);
    if (who === undefined) {
      setProblem(words.say("privacy.badTarget"));
      return;
    }
    const answer = await invoke("privacy.set", { account, rule, ...who });
    if (answer.ok) onClose();
    else setProblem(answer.message);
  };
  return (
    <Dialog title={words.say("privacy.addTitle")} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void add();
        }}
      >
        <div className="dialog-body">
          <Field
            label={words.say("privacy.target")}
            value={target}
            onChange={(value) => (setTarget(value), setProblem(""))}
            hint={words.say("privacy.targetHint")}
            problem={problem === "" ? undefined : <Say tone="bad" bold={problem} />}
            maxLength={320}
            autoFocus
          />
          {accounts.length > 1 ? (
            <Select
              label={words.say("person.account")}
              value={account}
              options={accounts.map((item) => ({ value: item.account, text: item.account }))}
              onChange={setAccount}
              wide
            />
          ) : null}
          <span className="label">{words.say("privacy.rule")}</span>
          <Select label={words.say("privacy.rule")} value={rule} options={options} onChange={setRule} wide />
          <p className="hint">{words.say(`privacy.meaning.${rule}`)}</p>
        </div>
        <footer>
          <span className="grow" />
          <button type="button" className="button" onClick={onClose}>
            {words.say("dialog.cancel")}
          </button>
          <button type="submit" className="button primary">
            {words.say("privacy.add")}
          </button>
        </footer>
      </form>
    </Dialog>
  );
}

function targetOf(typed: string): { address: string } | { domain: string } | undefined {
  const text = typed.trim().toLowerCase();
  if (isAddressLike(text)) return { address: text };
  const domain = text.replace(/^@/u, "");
  return /^[^\s@.][^\s@]*\.[^\s@.]+$/u.test(domain) ? { domain } : undefined;
}
