import type { ReactElement } from "react";
import type { Account } from "../../../core/bridge/contract.ts";
import { Sign } from "../../components/sign.tsx";
import { useActions, useModel, useWindow, useWords } from "../../state/context.tsx";
import type { Model } from "../../state/model.ts";
import { domainOf, isLost } from "../../state/presence.ts";
import { failureWords } from "../../strings/failure-words.ts";
import type { Words } from "../../strings/words.ts";

/** One line over the whole window while an account cannot be reached, was refused, or is signed out. */
export function NoticeBar(): ReactElement | null {
  const troubled = useModel((model) =>
    model.accounts.find((account) => isLost(account) || account.state === "signed-out"),
  );
  return troubled === undefined ? null : <Notice account={troubled} />;
}

function Notice({ account }: { readonly account: Account }): ReactElement {
  const words = useWords();
  const { signInAs } = useActions();
  const now = useWindow((state) => state.now);
  const waiting = useModel((model) => countWaiting(model, account.account));
  const notice = sentenceFor(words, account, waiting, now);
  return (
    <section className="notice-bar" aria-label={words.say("notice.label")} data-area="notice">
      <Sign state={account.state === "signed-out" ? "offline" : "connection-lost"} size={14} />
      <p className="grow" title={account.reason}>
        <b>{notice.bold}</b> {notice.rest}
      </p>
      {notice.button === undefined ? null : (
        <button type="button" className="button small" onClick={() => signInAs(account.account)}>
          {notice.button}
        </button>
      )}
    </section>
  );
}

/** Failures that end by themselves: there the time is worth more than the cause. */
const passingCodes: ReadonlySet<string> = new Set([
  "server-silent",
  "server-busy",
  "server-unreachable",
  "dns-failed",
  "connection-lost",
]);

function buttonFor(words: Words, code: string): { readonly button?: string } {
  if (code === "wrong-password") return { button: words.say("notice.typeAgain") };
  return code.startsWith("certificate-") ? { button: words.say("notice.compare") } : {};
}

interface Sentence {
  readonly bold: string;
  readonly rest: string;
  readonly button?: string;
}

function sentenceFor(words: Words, account: Account, waiting: number, now: number): Sentence {
  const domain = domainOf(account.account);
  if (account.state === "signed-out") {
    const bold = words.say("notice.signedOut", { account: account.account });
    return { bold, rest: words.say("notice.signedOutMeaning"), button: words.say("notice.signIn") };
  }
  const code = account.code ?? "";
  if (account.state === "failed" && !passingCodes.has(code)) {
    const failure = failureWords(words, { code, message: account.reason ?? "" }, domain);
    if (failure.bold !== "") return { ...failure, ...buttonFor(words, code) };
  }
  const bold =
    account.since === undefined
      ? words.say("notice.lostUnknown", { domain })
      : words.say("notice.lost", { domain, time: words.when(account.since, now) });
  return { bold, rest: words.say("notice.meaning", { count: waiting }) };
}

/** Messages known here to be waiting; logs that were not opened are not counted. */
function countWaiting(model: Model, account: string): number {
  let count = 0;
  for (const log of model.logs.values()) {
    for (const message of log.items) if (message.account === account && message.status === "queued") count += 1;
  }
  return count;
}
