import { describe, expect, test } from "vitest";
import { MAX_LINKED_LENGTH, textParts } from "../../renderer/components/links.ts";
import { generalFirst, resembledDomain, ruleFor } from "../../renderer/state/requests.ts";
import { localServer, parseListening, serverArgument } from "../../renderer/state/server-name.ts";
import { nextTime, untilChoices } from "../../renderer/views/contacts/until.ts";
import { fingerprintBlocks } from "../../renderer/views/first-start/fingerprint.ts";
import { invitationDomain, invitationProblem } from "../../renderer/views/first-start/invitation-form.ts";
import { localFromName, newPassword, repeatedLocals } from "../../renderer/views/first-start/office-form.ts";
import { checkAddress } from "../../renderer/views/person/check-address.ts";
import { ME, officeModel } from "./samples.ts";

describe("links in messages", () => {
  const links = (text: string): string[] =>
    textParts(text).flatMap((part) => (part.kind === "link" ? [part.href] : []));

  test.each([
    ["see https://files.acme.example/a?b=c now", "https://files.acme.example/a?b=c"],
    ["http://example.org", "http://example.org"],
    ["ann@globex.com", "mailto:ann@globex.com"],
    ["call sip:ann@globex.example", "sip:ann@globex.example"],
  ])("%s", (text, href) => {
    expect(links(text)).toEqual([href]);
  });

  test.each(["javascript:alert(1)", "data:text/html,<b>", "file:///etc/passwd", "vbscript:x", "ftp://example.org/x"])(
    "%s stays text",
    (text) => {
      expect(links(text).filter((href) => !/^(?:https?|mailto|sip):/u.test(href))).toEqual([]);
    },
  );

  test("the words of a text are all kept", () => {
    const text = "a https://b.example/c, d\ne@f.com <script>";
    expect(
      textParts(text)
        .map((part) => part.text)
        .join(""),
    ).toBe(text);
  });

  test("a text longer than a message has no links", () => {
    expect(links(`${"x ".repeat(MAX_LINKED_LENGTH / 2)} https://a.example`)).toEqual([]);
  });
});

describe("rules", () => {
  const rules = [
    { account: ME, target: "ann@globex.example", rule: "allow" as const },
    { account: ME, target: "@globex.example", rule: "basic" as const },
    { account: ME, target: "*", rule: "block" as const },
  ];

  test("the most special that fits counts", () => {
    expect(ruleFor(rules, ME, "Ann@Globex.example")).toBe("allow");
    expect(ruleFor(rules, ME, "bo@globex.example")).toBe("basic");
    expect(ruleFor(rules, ME, "eve@else.example")).toBe("block");
    expect(ruleFor(rules, "other@home.example", "eve@else.example")).toBe("ask");
  });

  test("the list goes from general to special", () => {
    expect(generalFirst(rules).map((rule) => rule.target)).toEqual(["*", "@globex.example", "ann@globex.example"]);
  });

  test.each([
    ["acme-support.example", true],
    ["acmee.example", true],
    ["login.acme.example", false],
    ["acme.example", false],
    ["globex.example", false],
  ])("%s resembles acme.example: %s", (domain, expected) => {
    expect(resembledDomain(domain, ["acme.example"]) !== undefined).toBe(expected);
  });
});

describe("server names", () => {
  test.each([
    ["", undefined],
    ["gateway.acme.example", "tls:gateway.acme.example:5061"],
    ["gateway.acme.example:5071", "tls:gateway.acme.example:5071"],
    ["tcp:192.0.2.1", "tcp:192.0.2.1:5060"],
    ["UDP:192.0.2.1:5070", "udp:192.0.2.1:5070"],
    ["2001:db8::1", "tls:[2001:db8::1]:5061"],
    ["[2001:db8::1]:5071", "tls:[2001:db8::1]:5071"],
  ])("%j becomes %j", (typed, expected) => {
    expect(serverArgument(typed)).toBe(expected);
  });

  test("this computer reaches its own office by TLS over loopback", () => {
    expect(localServer(["udp:0.0.0.0:5060", "tls:0.0.0.0:5061"])).toBe("tls:127.0.0.1:5061");
    expect(localServer(["tcp:[::]:5060"])).toBe("tcp:[::1]:5060");
    expect(localServer(["tls:192.0.2.9:5061"])).toBe("tls:192.0.2.9:5061");
    expect(localServer(["nonsense"])).toBeUndefined();
    expect(parseListening("tls:[::]:5061")?.everywhere).toBe(true);
  });
});

describe("until", () => {
  test("offers a half hour that is not too near, and the evening while it is ahead", () => {
    expect(untilChoices(Date.parse("2026-11-19T23:50:00Z"))).toHaveLength(1);
    expect(untilChoices(Date.parse("2026-11-19T08:10:00Z"))[0]).toBe("2026-11-19T09:00:00.000Z");
  });

  test("a time that has passed means tomorrow", () => {
    const now = new Date(2026, 10, 19, 14, 0).getTime();
    expect(nextTime("13:00", now)).toBe(new Date(2026, 10, 20, 13, 0).toISOString());
    expect(nextTime("15:00", now)).toBe(new Date(2026, 10, 19, 15, 0).toISOString());
    expect(nextTime("1", now)).toBeUndefined();
  });
});

describe("an address to add", () => {
  const model = officeModel();
  test.each([
    ["", "empty"],
    ["ann", "missing-at"],
    ["ann@globex", "missing-domain"],
    [ME, "self"],
    ["RUTH.ashdown@globex.example", "already"],
    ["rafael@globex.exmaple", "typo"],
    ["somebody@acme.example", "colleague"],
    ["ann@stark.example", "fine"],
  ])("%j is %s", (typed, kind) => {
    expect(checkAddress(typed, ME, model).kind).toBe(kind);
  });

  test("a slip is corrected to the known domain", () => {
    expect(checkAddress("rafael@globex.exmaple", ME, model)).toMatchObject({ corrected: "rafael@globex.example" });
  });
});

describe("a new office", () => {
  test("an address follows from a name", () => {
    expect(localFromName("  Zoë Groß-Núñez ")).toBe("zoe.gross.nunez");
  });

  test("passwords have four groups and are not alike", () => {
    expect(newPassword()).toMatch(/^(?:[a-z2-9]{4}-){3}[a-z2-9]{4}$/u);
    expect(newPassword()).not.toBe(newPassword());
  });

  test("an address that stands there twice is found", () => {
    const person = (local: string) => ({ id: local, name: "", local, password: "" });
    const form = { domain: "a.example", you: person("nora"), colleagues: [person("Nora "), person(""), person("")] };
    expect([...repeatedLocals(form)]).toEqual(["nora"]);
  });
});

test("a fingerprint is cut where eyes can rest", () => {
  expect(fingerprintBlocks("sha256:9f310c5b77e2")).toEqual(["9f31", "0c5b", "77e2"]);
  expect(fingerprintBlocks("9F:31:0C:5B:77:E2")).toEqual(["9F:31:0C:5B", "77:E2"]);
  expect(fingerprintBlocks("")).toEqual([]);
});

describe("an invitation that somebody pastes", () => {
  const mail = "Hello\nhallway:invite?server=tls:x:1&address=ines%40acme.example&secret=1\nSee you";

  test("needs the link, then a password of some length", () => {
    expect(invitationProblem("hello", "long enough")).toBe("invitation.needLink");
    expect(invitationProblem(mail, "short")).toBe("office.needPassword");
    expect(invitationProblem(mail, "long enough")).toBeUndefined();
  });

  test("names its office, wherever the address stands in it", () => {
    expect(invitationDomain(mail)).toBe("acme.example");
    expect(invitationDomain("hallway:invite?address=ines@acme.example&secret=1")).toBe("acme.example");
    expect(invitationDomain("hallway:invite?secret=1")).toBe("…");
  });
});
