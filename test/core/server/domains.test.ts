/** One office with two domains: acme.example, where Alice is, and acme.test, where Bea is. */
import { expect, test } from "vitest";
import { memoryFiles } from "../../../core/platform/files.ts";
import { officeIdentity } from "../../../core/certificates/office.ts";
import { readCertificate } from "../../../core/certificates/read.ts";
import { addAccount } from "../../../core/server/accounts.ts";
import { Office } from "./office.ts";

const SECOND = { domain: "acme.test" };

async function officeOfTwoDomains() {
  const office = await Office.open({ settings: { domains: "acme.test" } });
  addAccount(office.store.accounts, "acme.test", { address: "bea@acme.test", password: "pw-bea" });
  const alice = await office.phone("alice", "192.0.2.10");
  const bea = await office.phone("bea", "192.0.2.11");
  expect((await bea.register(undefined, SECOND)).status).toBe(200);
  return { office, alice, bea };
}

test("people of both register, see each other without asking, and write to each other", async () => {
  const { alice, bea } = await officeOfTwoDomains();
  await alice.register();
  await alice.publish("busy");
  await bea.watch("alice", { uri: "sip:alice@acme.example", ...SECOND });
  expect(await bea.told()).toEqual(["busy"]);
  const answer = await alice.message("bea", "hello", { uri: "sip:bea@acme.test" });
  await bea.answerAll();
  expect([answer(), bea.texts()]).toEqual([200, ["hello"]]);
});

test("a name belongs to its domain: the other one has nobody of that name", async () => {
  const { alice } = await officeOfTwoDomains();
  expect((await alice.message("bea", "hello?"))()).toBe(404);
  expect((await alice.message("bea", "hello?", { uri: "sip:bea@elsewhere.test" }))()).toBe(403);
});

test("a domain that is taken away is served no more, from the next request on", async () => {
  const { office, alice } = await officeOfTwoDomains();
  office.store.settings.set("domains", "");
  expect((await alice.message("bea", "hello?", { uri: "sip:bea@acme.test" }))()).toBe(403);
});

test("the certificate speaks for every domain, and is made anew when they change", async () => {
  const files = memoryFiles();
  const now = Date.UTC(2026, 0, 5);
  const made = async (...domains: readonly string[]) => {
    const [domain = "", ...furtherDomains] = domains;
    const identity = await officeIdentity({ domain, furtherDomains, hosts: ["Desk.local", "192.0.2.1"], files, now });
    const facts = readCertificate(identity.certificate);
    if (!facts.ok) throw new Error("no certificate");
    return { identity, ...facts.value.identities };
  };
  const one = await made("acme.example");
  expect([one.uris, one.ips]).toEqual([["sip:acme.example", "sip:desk.local"], ["192.0.2.1"]]);
  const two = await made("acme.example", "acme.test");
  expect(two.uris).toEqual(["sip:acme.example", "sip:acme.test", "sip:desk.local"]);
  expect(two.dns).toEqual(["acme.example", "acme.test", "desk.local"]);
  expect((await made("acme.example", "acme.test")).identity).toEqual(two.identity);
  expect((await made("acme.example")).uris).toEqual(one.uris);
  expect(two.identity.fingerprint).toBe(one.identity.fingerprint);
});
