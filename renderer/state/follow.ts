import type { StoreApi } from "zustand/vanilla";
import type { EventMessage } from "../../core/bridge/contract.ts";
import type { Words } from "../strings/words.ts";
import type { Actions } from "./actions.ts";
import type { Model } from "./model.ts";
import { keyOf } from "./model.ts";
import { accountNamed, domainOf, firstName, isLost, nameOf } from "./presence.ts";
import type { WindowState } from "./window.ts";

export interface Followed {
  readonly model: StoreApi<Model>;
  readonly window: StoreApi<WindowState>;
  readonly actions: Pick<Actions, "announce" | "markRead">;
  readonly words: () => Words;
  /** Whether somebody can be reading: the window is visible and has the focus. */
  readonly attended: () => boolean;
}

/**
 * What follows from events besides the change of the model: reading what arrives in the open conversation, and the few
 * sentences that are spoken. Presence of everybody else is never spoken.
 */
export function follow(context: Followed, events: readonly EventMessage[], before: Model): void {
  for (const event of events) {
    if (event.event === "message.received") followMessage(context, event.payload);
    else if (event.event === "conversation.changed" && event.payload.unread > 0) {
      const key = keyOf(event.payload.account, event.payload.with);
      if (isOpen(context, key)) context.actions.markRead(key);
    } else if (event.event === "message.updated" && event.payload.status === "failed") {
      const name = nameOf(context.model.getState(), event.payload.account, event.payload.with);
      context.actions.announce(context.words().say("failed.announced", { name }), true);
    } else if (event.event === "registration.changed") followRegistration(context, event.payload.account, before);
  }
}

function isOpen(context: Followed, key: string): boolean {
  const { page, open } = context.window.getState();
  return page === "people" && open === key && context.attended();
}

function followMessage(
  context: Followed,
  message: { readonly account: string; readonly with: string; readonly text: string },
): void {
  if (!isOpen(context, keyOf(message.account, message.with))) return;
  const name = firstName(nameOf(context.model.getState(), message.account, message.with));
  context.actions.announce(context.words().say("conversation.heard", { name, text: message.text }));
}

function followRegistration(context: Followed, account: string, before: Model): void {
  const wasLost = isLost(accountNamed(before, account));
  const now = accountNamed(context.model.getState(), account);
  const words = context.words();
  if (!wasLost && isLost(now))
    context.actions.announce(words.say("notice.lostUnknown", { domain: domainOf(account) }), true);
  else if (wasLost && now?.state === "registered") context.actions.announce(words.say("notice.back"));
  else if (now?.state === "signed-out" && accountNamed(before, account)?.state !== "signed-out") {
    context.actions.announce(words.say("notice.signedOut", { account }), true);
  }
}
