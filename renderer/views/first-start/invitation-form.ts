import type { MessageId } from "../../strings/words.ts";
import { MIN_PASSWORD_LENGTH } from "./office-form.ts";

/** What is missing before an invitation can be used. Whether it is a good one only the office knows. */
export function invitationProblem(link: string, password: string): MessageId | undefined {
  if (!/hallway:invite\?/iu.test(link)) return "invitation.needLink";
  return password.length < MIN_PASSWORD_LENGTH ? "office.needPassword" : undefined;
}

/** The office that a link names, for what is said about it. */
export function invitationDomain(link: string): string {
  return /[?&]address=[^&\s]*?(?:@|%40)([^&\s]+)/iu.exec(link)?.[1] ?? "…";
}
