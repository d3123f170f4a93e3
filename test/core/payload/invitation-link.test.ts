import { describe, expect, test } from "vitest";
import { formatInvitationLink, parseInvitationLink } from "../../../core/payload/invitation-link.ts";

const LINK = {
  address: "bob+new@acme.example",
  server: "tls:[2001:db8::1]:5061",
  trust: `sha256:${"0a".repeat(32)}`,
  secret: "0123456789abcdef0123456789abcdef01234567",
};
const TEXT = formatInvitationLink(LINK);

describe("an invitation's link", () => {
  test("is read as it was written, and can be read by people", () => {
    expect(parseInvitationLink(TEXT)).toEqual(LINK);
    expect(TEXT).toMatch(/^hallway:invite\?address=bob%2Bnew@acme\.example&server=tls:/);
  });

  test.each([
    ["in the middle of a mail", `Hello Bob,\n\n> ${TEXT}\n\nSee you`],
    ["in angle brackets", `<${TEXT}>`],
    ["in capitals where they do not matter", TEXT.replace("hallway:invite", "HALLWAY:Invite").replace("0a0a", "0A0A")],
    ["with a further value of a later version", `${TEXT}&colour=red`],
  ])("is found %s", (_where, text) => expect(parseInvitationLink(text)).toEqual(LINK));

  test.each([
    ["nothing", ""],
    ["another link", TEXT.replace("hallway:invite", "https://acme.example/invite")],
    ["one that is cut off", TEXT.slice(0, -30)],
    ["one without a secret", TEXT.replace(/&secret=.*/, "")],
    ["one over an open line", TEXT.replace("tls:", "tcp:")],
    ["one without a fingerprint", TEXT.replace("sha256:", "sha1:")],
    ["one whose address is none", TEXT.replace("@", "")],
    ["one behind more than any mail holds", `${"x".repeat(20_000)}${TEXT}`],
  ])("is not found in %s", (_what, text) => expect(parseInvitationLink(text)).toBeUndefined());
});
