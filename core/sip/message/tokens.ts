/** Tokens that are met often, and so are not cut out anew each time. */
import type { Source } from "./source.ts";
import { Words } from "./words.ts";

// oxfmt-ignore
const usual = new Words([
  // Methods.
  "INVITE", "INFO", "ACK", "BYE", "CANCEL", "MESSAGE", "NOTIFY", "OPTIONS", "PRACK", "PUBLISH", "REGISTER", "REFER",
  "SUBSCRIBE", "UPDATE",
  // Option tags and event packages.
  "presence", "presence.winfo", "path", "outbound", "gruu", "timer", "replaces", "reg", "eventlist", "100rel",
  "from-change", "histinfo", "join", "norefersub", "sec-agree", "tdialog",
]);

/** The token that stands there, as it was sent. */
export function tokenAt(source: Source, from: number, to: number): string {
  const known = usual.startingAt(source, from, to);
  return known?.text.length === to - from ? known.text : source.text.slice(from, to);
}

/** Event packages, states of subscriptions and types of bodies. */
// oxfmt-ignore
const lowerCase = new Words([
  "presence", "presence.winfo", "active", "terminated", "pending", "application/pidf+xml", "application/sdp",
  "text/plain", "reg", "dialog", "conference",
]);

/** The token that stands there, in lower case. */
export function lowerCaseAt(source: Source, from: number, to: number): string {
  const known = lowerCase.startingAt(source, from, to);
  return known?.text.length === to - from ? known.text : source.text.slice(from, to).toLowerCase();
}
