import { useEffect, useState } from "react";
import type { ReactElement } from "react";
import { Dialog } from "../../components/dialog.tsx";
import { Field, Select } from "../../components/field.tsx";
import { Say } from "../../components/say.tsx";
import { useActions, useModel, useModelNow, useWords } from "../../state/context.tsx";
import { keyOf } from "../../state/model.ts";
import { firstName } from "../../state/presence.ts";
import type { AddressCheck } from "./check-address.ts";
import { checkAddress } from "./check-address.ts";
import { groupsFrom, useGroupNames } from "./groups.ts";

/** How long typing rests before the address is judged. */
const CHECK_AFTER_MS = 300;

/** Adds a person by e-mail address. What is wrong with the address is said while it is typed. */
export function AddPerson({ start }: { readonly start: string }): ReactElement {
  const words = useWords();
  const model = useModelNow();
  const { closeDialog, openConversation, setQuery, invoke } = useActions();
  const accounts = useModel((state) => state.accounts);
  const [account, setAccount] = useState(accounts[0]?.account ?? "");
  const [address, setAddress] = useState(start);
  const [name, setName] = useState("");
  const [groups, setGroups] = useState("");
  const [refused, setRefused] = useState("");
  const checked = useRested(address);
  const check = checkAddress(checked, account, model());
  const ready = isReady(checkAddress(address, account, model()));

  const add = async (): Promise<void> => {
    if (!ready) return;
    const to = address.trim();
    const named = name.trim() === "" ? {} : { name: name.trim() };
    const answer = await invoke("contact.add", { account, address: to, groups: groupsFrom(groups), ...named });
    if (!answer.ok) {
      setRefused(answer.message);
      return;
    }
    closeDialog();
    setQuery("");
    openConversation(keyOf(answer.value.account, answer.value.address));
  };
  const show = (key: string): void => {
    closeDialog();
    setQuery("");
    openConversation(key);
  };
  return (
    <Dialog title={words.say("person.add.title")} onClose={closeDialog}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void add();
        }}
      >
        <div className="dialog-body">
          <Field
            label={words.say("person.address")}
            value={address}
            onChange={(value) => (setAddress(value), setRefused(""))}
            autoFocus
            maxLength={320}
            problem={problemOf(check) ? <CheckSays check={check} onUse={setAddress} onShow={show} /> : undefined}
          />
          {refused === "" ? null : (
            <Say tone="bad" bold={words.say("person.refused", { name: address.trim() })} rest={refused} />
          )}
          <div className="two">
            <Field
              label={words.say("person.name")}
              extra={words.say("person.optional")}
              value={name}
              onChange={setName}
              maxLength={200}
            />
            <GroupsField value={groups} onChange={setGroups} />
          </div>
          {accounts.length > 1 ? (
            <Select
              label={words.say("person.account")}
              value={account}
              options={accounts.map((item) => ({ value: item.account, text: item.account }))}
              onChange={setAccount}
              wide
            />
          ) : null}
          <p className="hint after">
            {hintFor(check, words, name.trim() === "" ? checked.trim() : name.trim(), account)}
          </p>
        </div>
        <footer>
          <span className="grow small mid" id="add-why">
            {address.trim() === "" ? words.say("person.needAddress") : ""}
          </span>
          <button type="button" className="button" onClick={closeDialog}>
            {words.say("dialog.cancel")}
          </button>
          <button
            type="submit"
            className={ready ? "button primary" : "button"}
            aria-disabled={!ready}
            aria-describedby="add-why"
          >
            {words.say("person.add")}
          </button>
        </footer>
      </form>
    </Dialog>
  );
}

export function GroupsField({
  value,
  onChange,
}: {
  readonly value: string;
  readonly onChange: (value: string) => void;
}): ReactElement {
  const words = useWords();
  const names = useGroupNames();
  const chosen = groupsFrom(value);
  return (
    <div>
      <Field
        label={words.say("person.groups")}
        value={value}
        onChange={onChange}
        hint={words.say("person.groupsHint")}
        maxLength={500}
      />
      {names.length === 0 ? null : (
        <div className="chips" role="group" aria-label={words.say("person.groups")}>
          {names.slice(0, 6).map((name) => {
            const pressed = chosen.includes(name);
            const next = pressed ? chosen.filter((other) => other !== name) : [...chosen, name];
            return (
              <button
                key={name}
                type="button"
                className="chip-button"
                aria-pressed={pressed}
                onClick={() => onChange(next.join(", "))}
              >
                <bdi>{name}</bdi>
              </button>
            );
          })}
        </div>
      )}
    </div>
  );
}

function isReady(check: AddressCheck): boolean {
  return check.kind === "fine" || check.kind === "colleague" || check.kind === "typo";
}

function problemOf(check: AddressCheck): boolean {
  return check.kind !== "empty" && check.kind !== "fine" && check.kind !== "colleague";
}

function hintFor(check: AddressCheck, words: ReturnType<typeof useWords>, name: string, account: string): string {
  if (check.kind === "colleague") return words.say("person.colleague");
  if (check.kind !== "fine") return "";
  return words.say("person.asked", { name: firstName(name), account });
}

interface CheckSaysProps {
  readonly check: AddressCheck;
  readonly onUse: (address: string) => void;
  readonly onShow: (key: string) => void;
}

function CheckSays({ check, onUse, onShow }: CheckSaysProps): ReactElement | null {
  const words = useWords();
  switch (check.kind) {
    case "missing-at":
      return <Say tone="bad" bold={words.say("person.missingAt.bold")} rest={words.say("person.missingAt.rest")} />;
    case "missing-domain":
      return (
        <Say tone="bad" bold={words.say("person.missingDomain.bold")} rest={words.say("person.missingDomain.rest")} />
      );
    case "self":
      return <Say tone="bad" bold={words.say("person.self.bold")} rest={words.say("person.self.rest")} />;
    case "already":
      return (
        <Say tone="info" bold={words.say("person.already.bold", { name: check.name })}>
          <button type="button" className="button small" onClick={() => onShow(check.key)}>
            {words.say("person.already.show")}
          </button>
        </Say>
      );
    case "typo":
      return (
        <Say
          tone="warn"
          bold={words.say("person.typo.bold", { domain: check.domain })}
          rest={words.say("person.typo.rest")}
        >
          <button type="button" className="button small" onClick={() => onUse(check.corrected)}>
            {words.say("person.typo.use", { domain: check.domain })}
          </button>
        </Say>
      );
    default:
      return null;
  }
}

/** A value as it was when typing last rested. */
function useRested(value: string): string {
  const [rested, setRested] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setRested(value), CHECK_AFTER_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return rested;
}
