import type { Failure } from "../../core/bridge/contract.ts";
import { en } from "./en.ts";
import type { MessageId, Words } from "./words.ts";

export interface FailureWords {
  readonly bold: string;
  readonly rest: string;
}

/** A refusal in the person's own language where its code is known; else the core's own sentence. */
export function failureWords(words: Words, failure: Pick<Failure, "code" | "message">, domain: string): FailureWords {
  const bold = `failure.${failure.code}.bold`;
  if (!isMessageId(bold)) return { bold: failure.message, rest: "" };
  const rest = `failure.${failure.code}.rest`;
  return { bold: words.say(bold, { domain }), rest: isMessageId(rest) ? words.say(rest, { domain }) : "" };
}

function isMessageId(id: string): id is MessageId {
  return Object.hasOwn(en, id);
}
