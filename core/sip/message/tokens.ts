/** Tokens that count capitals and are met often. */
import { Words } from "./words.ts";

// oxfmt-ignore
const usual = new Words([
  // Methods.
  "ACK", "BYE", "CANCEL", "INFO", "INVITE", "MESSAGE", "NOTIFY", "OPTIONS", "PRACK", "PUBLISH", "REFER", "REGISTER",
  "SUBSCRIBE", "UPDATE",
  // Option tags and event packages.
  "100rel", "eventlist", "from-change", "gruu", "histinfo", "join", "norefersub", "outbound", "path", "presence",
  "presence.winfo", "reg", "replaces", "sec-agree", "tdialog", "timer",
]);

/** The token that stands there, as it was sent. */
export function tokenAt(text: string, from: number, to: number): string {
  const known = usual.find(text, from, to);
  return known !== undefined && text.startsWith(known, from) ? known : text.slice(from, to);
}
