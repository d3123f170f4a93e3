import { describe, expect, test } from "vitest";
import type { SettingName } from "../../../core/server/settings.ts";
import {
  GatewaySettings,
  isSettingName,
  MAX_FURTHER_DOMAINS,
  settingRules,
  settingValue,
} from "../../../core/server/settings.ts";
import type { SettingTable } from "../../../core/store/store.ts";

function table(values: Record<string, string> = {}): SettingTable {
  return { get: (name) => values[name], set: (name, value) => void (values[name] = value), all: () => values };
}

test("every setting has a meaning that is a sentence, and a default that is good (but the domain, which has none)", () => {
  for (const [name, { meaning, fallback, check }] of Object.entries(settingRules)) {
    expect(meaning, name).toMatch(/^[A-Z].*\.$/);
    if (name !== "domain") expect(check(fallback), name).toBeUndefined();
  }
});

describe.each<[SettingName, readonly string[], readonly string[]]>([
  [
    "domain",
    ["acme.example", "localhost", "xn--bcher-kva.example"],
    ["", "Acme.example", "acme..example", "-a.example", "a b", "a".repeat(254)],
  ],
  [
    "listen",
    ["udp:0.0.0.0:5060", "tls:[::1]:5061,tcp:127.0.0.1:0"],
    ["5060", "sctp:0.0.0.0:5060", "udp:localhost:5060", "udp:1.2.3.4:99999"],
  ],
  [
    "domains",
    ["", "acme.test", "acme.test, acme.example"],
    ["Acme.test", "a b", Array.from({ length: MAX_FURTHER_DOMAINS + 1 }, (_one, index) => `d${index}.test`).join()],
  ],
  ["directory.in-contacts", ["yes", "no"], ["", "maybe"]],
  [
    "invite.server",
    ["", "tls:sip.acme.example:5061", "tls:192.0.2.1:5061", "tls:[2001:db8::1]:5061"],
    ["tcp:sip.acme.example:5060", "sip.acme.example", "tls:a b:1", "tls:x&y:1"],
  ],
  ["invite.days", ["1", "90"], ["0", "91"]],
  ["auth.exempt", ["", "127.0.0.1, ::1"], ["localhost", "10.0.0.0/8"]],
  ["auth.algorithms", ["MD5", "SHA-256,MD5"], ["", "SHA-1", "md5"]],
  ["presence.default-rule", ["allow", "ask", "block", "by-domain"], ["", "deny"]],
  ["presence.probe", ["on", "off"], ["", "yes"]],
  ["registrar.service-route", ["on", "off"], ["", "yes"]],
  ["registrar.min-expires", ["1", "86400"], ["0", "-1", "1.5", "1e3", "86401"]],
  ["registrar.max-expires", ["60", "604800"], ["59", "604801"]],
  ["message.keep-days", ["1", "3650"], ["0", "3651"]],
  ["message.quota", ["1", "1000000"], ["0", "many"]],
  ["limit.requests-per-second", ["1", "1000000"], ["0", "fast"]],
  ["limit.burst", ["1", "1000000"], ["0", "-1"]],
  [
    "limit.exempt",
    ["", "127.0.0.1", "10.0.0.0/8, 2001:db8::/32"],
    ["localhost", "10.0.0.0/33", "::/129", "10.0.0.0/8/8"],
  ],
  ["limit.watched-by-one", ["1", "1000000"], ["0", ""]],
  ["limit.watchers-of-one", ["1", "1000000"], ["0", ""]],
  [
    "metrics.listen",
    ["", "127.0.0.1:9464", "[::1]:9464", "127.1.2.3:0"],
    ["9464", "localhost:9464", "0.0.0.0:9464", "192.0.2.1:9464", "[::]:9464", "127.0.0.1:99999"],
  ],
  ["log.level", ["silent", "error", "warn", "info", "debug"], ["", "loud"]],
  ["log.to", ["stderr", "file"], ["", "syslog"]],
  ["log.file-megabytes", ["1", "1000"], ["0", "1001"]],
  ["log.files", ["0", "100"], ["-1", "101"]],
])("%s", (name, good, bad) => {
  test.each(good)("can be “%s”", (value) => expect(settingRules[name].check(value)).toBeUndefined());
  test.each(bad)("cannot be “%s”, with a sentence why", (value) =>
    expect(settingRules[name].check(value)).toMatch(/^[A-Z].*\.$/),
  );
});

test("a setting that is not set has its default, and a change is in force at the next look", () => {
  const values = table();
  const settings = new GatewaySettings(values);
  expect(settingValue(values, "message.quota")).toBe("1000");
  expect(settings.defaultRule(true)).toBe("allow");
  expect(settings.defaultRule(false)).toBe("ask");
  values.set("presence.default-rule", "block");
  values.set("registrar.min-expires", "10");
  expect([settings.defaultRule(true), settings.minExpires]).toEqual(["block", 10]);
});

test("the domains of an office are the main one and the further ones, each once", () => {
  const values = table();
  const settings = new GatewaySettings(values);
  expect(settings.domains).toEqual([]);
  values.set("domain", "acme.example");
  values.set("domains", "acme.test, acme.example");
  expect(settings.domains).toEqual(["acme.example", "acme.test"]);
  expect(["acme.test", "acme.example", "other.test", ""].map((one) => settings.isOwnDomain(one))).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

test("names that objects have of themselves are no settings", () => {
  for (const name of ["constructor", "toString", "__proto__", "nothing"]) expect(isSettingName(name)).toBe(false);
});
