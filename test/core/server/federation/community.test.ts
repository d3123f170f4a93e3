import { describe, expect, test } from "vitest";
import { communityOf, isTrusted, makeCommunity, parseHop } from "../../../../core/server/federation/community.ts";
import type { NewCommunity } from "../../../../core/server/federation/community.ts";
import type { CommunityRecord } from "../../../../core/store/store.ts";

const asked = (more: Partial<NewCommunity> = {}): NewCommunity => ({
  name: "Partner",
  domains: ["b.example"],
  ...more,
});
const made = (more: Partial<NewCommunity> = {}): CommunityRecord => makeCommunity(asked(more), ["acme.example"]);

describe("a community as it is written", () => {
  test("is TLS to a server found by DNS, and on, when nothing else is said", () => {
    expect(made()).toEqual({ name: "Partner", domains: ["b.example"], transport: "tls", trusted: [], enabled: true });
  });

  test.each([
    ["B.Example", "b.example"],
    ["@b.example", "b.example"],
    ["b.example.", "b.example"],
    ["*.B.example", "*.b.example"],
    ["*", "*"],
    ["bücher.example", "xn--bcher-kva.example"],
    ["*.bücher.example", "*.xn--bcher-kva.example"],
  ])("lists %s as %s", (written, kept) => {
    expect(made({ domains: [written] }).domains).toEqual([kept]);
  });

  test.each<[string, Partial<NewCommunity>, string, RegExp]>([
    ["without a name", { name: " " }, "bad-name", /Use letters/],
    ["without domains", { domains: [] }, "no-domains", /List from 1/],
    ["with something that is no domain", { domains: ["b example"] }, "bad-domain", /Write b\.example/],
    ["with a star in the middle", { domains: ["a.*.example"] }, "bad-domain", /\*\.c\.example/],
    ["with the office's own domain", { domains: ["acme.example"] }, "own-domain", /other side/],
    ["over a transport that is none", { transport: "sctp" }, "bad-transport", /Choose tls, tcp or udp/],
    ["to a hop that is none", { proxy: "b.example:99999" }, "bad-proxy", /HOST:PORT/],
    ["with a range that is none", { trusted: ["192.0.2.0/33"] }, "bad-address", /ranges like/],
    ["with a certificate that is none", { authority: "hello" }, "bad-authority", /PEM file/],
  ])("is refused %s, in a sentence", (_, more, code, sentence) => {
    expect(() => made(more)).toThrowError(expect.objectContaining({ code, message: expect.stringMatching(sentence) }));
  });
});

describe("the community of a domain", () => {
  const exact = made({ name: "exact", domains: ["x.c.example"] });
  const wide = made({ name: "wide", domains: ["*.example"] });
  const narrow = made({ name: "narrow", domains: ["*.c.example"] });
  const all = made({ name: "all", domains: ["*"] });

  test.each([
    ["x.c.example", "exact"],
    ["y.c.example", "narrow"],
    ["c.example", "wide"],
    ["z.y.c.example", "narrow"],
    ["other.test", "all"],
  ])("%s belongs to the closest: %s", (domain, name) => {
    expect(communityOf(domain, [all, wide, narrow, exact])?.name).toBe(name);
    expect(communityOf(domain, [exact, narrow, wide, all])?.name).toBe(name);
  });

  test("a pattern is for what is below a domain, not for the domain and not for one that merely ends so", () => {
    expect(communityOf("c.example", [narrow])).toBeUndefined();
    expect(communityOf("xc.example", [narrow])).toBeUndefined();
  });
});

describe("addresses that are trusted", () => {
  const community = made({ trusted: ["192.0.2.7", "198.51.100.0/24", "2001:db8::/32"] });

  test.each([
    ["192.0.2.7", true],
    ["192.0.2.8", false],
    ["198.51.100.200", true],
    ["2001:db8:1::5", true],
    ["2001:db9::5", false],
  ])("%s: %s", (address, expected) => {
    expect(isTrusted(community, address)).toBe(expected);
  });

  test("are none when none is listed", () => {
    expect(isTrusted(made(), "192.0.2.7")).toBe(false);
  });
});

test.each([
  ["sip.b.example", { host: "sip.b.example" }],
  ["sip.b.example:5071", { host: "sip.b.example", port: 5071 }],
  ["[2001:db8::1]:5061", { host: "2001:db8::1", port: 5061 }],
  ["192.0.2.1", { host: "192.0.2.1" }],
  ["2001:db8::1", undefined],
  ["b.example:0", undefined],
  ["", undefined],
])("the next hop %s", (text, hop) => {
  expect(parseHop(text)).toEqual(hop);
});
