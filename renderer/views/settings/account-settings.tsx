import { useState } from "react";
import type { ReactElement } from "react";
import type { Account } from "../../../core/bridge/contract.ts";
import { useActions, useModel, useWindow, useWords } from "../../state/context.tsx";
import { ChangePassword } from "./change-password.tsx";
import { Option } from "./option.tsx";

/** The accounts of this window with how they are. */
export function AccountSettings(): ReactElement {
  const words = useWords();
  const { signInAs } = useActions();
  const accounts = useModel((model) => model.accounts);
  return (
    <>
      {accounts.map((account) => (
        <AccountOption key={account.account} account={account} />
      ))}
      <p className="option-end">
        <button type="button" className="button small" onClick={() => signInAs("")}>
          {words.say("settings.another")}
        </button>
      </p>
    </>
  );
}

function AccountOption({ account }: { readonly account: Account }): ReactElement {
  const words = useWords();
  const { attempt, signInAs } = useActions();
  const [changing, setChanging] = useState(false);
  const now = useWindow((state) => state.now);
  const state = words.say(`settings.${account.state}`);
  const line =
    account.since === undefined ? state : words.say("settings.since", { state, when: words.when(account.since, now) });
  return (
    <Option
      title={<bdi>{account.account}</bdi>}
      hint={[line, account.reason ?? ""].filter((part) => part !== "").join(". ")}
    >
      {account.state === "signed-out" ? (
        <button type="button" className="button small" onClick={() => signInAs(account.account)}>
          {words.say("settings.signIn")}
        </button>
      ) : (
        <>
          <button type="button" className="button quiet small" onClick={() => setChanging(true)}>
            {words.say("password.title")}
          </button>
          <button
            type="button"
            className="button small"
            onClick={() => void attempt("account.signOut", { account: account.account })}
          >
            {words.say("settings.signOut")}
          </button>
        </>
      )}
      {changing ? <ChangePassword account={account.account} onClose={() => setChanging(false)} /> : null}
    </Option>
  );
}
