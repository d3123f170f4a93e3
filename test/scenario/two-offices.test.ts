/**
 * Two offices that know each other, found through one DNS server, over TLS both ways:
 *
 *   alice            acme.example            globex.example            gina
 *     | SUBSCRIBE ------->|--- TLS, own certificate --->|                |
 *     |<---------------- NOTIFY (pending) --------------|-- winfo ------>|
 *     |                   |                             |<-- allow ------|
 *     |<---------------- NOTIFY (what gina may show) ---|                |
 *     | MESSAGE --------->|---------------------------->|--------------->|
 *     |<------------------|<----------------------------|<-- IMDN -------|
 */
import { describe, expect, test } from "vitest";
import { administer } from "../../core/cli/control.ts";
import { ClientProcess } from "../support/client-process.ts";
import { sipRecords, startDns } from "../support/dns-server.ts";
import { freePort } from "../support/free-ports.ts";
import { GatewayProcess } from "../support/gateway-process.ts";
import { hasProgram } from "../support/programs.ts";

const ACME = "acme.example";
const GLOBEX = "globex.example";
const OPTIONS = { timeout: 120_000 };

/** Both offices run, each with one person, and do not know each other yet. */
async function offices() {
  const [first, second] = [await freePort(), await freePort()];
  const dns = await startDns([...sipRecords(ACME, first), ...sipRecords(GLOBEX, second)]);
  const start = (domain: string, tlsPort: number, name: string): Promise<GatewayProcess> =>
    GatewayProcess.start({ domain, people: [name], tlsPort, words: ["--dns", dns.address] });
  const [acme, globex] = await Promise.all([start(ACME, first, "alice"), start(GLOBEX, second, "gina")]);
  const [alice, gina] = await Promise.all([
    ClientProcess.signedIn("alice", acme),
    ClientProcess.signedIn("gina", globex),
  ]);
  return { acme, globex, alice, gina };
}

async function introduce(office: GatewayProcess, partner: GatewayProcess, domains = [partner.domain]): Promise<void> {
  await administer(office.folder, {
    do: "put-community",
    community: { name: "Partner", domains, authority: partner.authority },
  });
}

async function friends() {
  const all = await offices();
  await introduce(all.acme, all.globex);
  await introduce(all.globex, all.acme);
  return all;
}

/** Adds each other, and lets the other see. */
async function addEachOther(alice: ClientProcess, gina: ClientProcess): Promise<void> {
  await alice.do("contact.add", { address: gina.address });
  await gina.until("watcher.pending", ({ address }) => address === alice.address);
  await gina.do("privacy.set", { address: alice.address, rule: "allow" });
  await gina.do("contact.add", { address: alice.address });
  await alice.until("watcher.pending", ({ address }) => address === gina.address);
  await alice.do("privacy.set", { address: gina.address, rule: "allow" });
  await alice.sees(gina.address, "available");
  await gina.sees(alice.address, "available");
}

describe.skipIf(!hasProgram("dnsmasq"))("two offices (needs dnsmasq)", () => {
  test("see and write to each other by e-mail address alone", OPTIONS, async () => {
    const { alice, gina } = await friends();
    await alice.do("contact.add", { address: gina.address });
    expect(await alice.sees(gina.address, "pending")).toMatchObject({ source: "subscription" });
    await addEachOther(alice, gina);

    await gina.do("presence.set", { state: "in-a-meeting", note: "Until three" });
    expect(await alice.sees(gina.address, "in-a-meeting")).toMatchObject({ note: "Until three" });

    const { messageId } = await alice.do("message.send", { to: gina.address, text: "Grüße 👋" });
    await gina.until("message.received", ({ text }) => text === "Grüße 👋");
    await alice.until("message.updated", (update) => update.messageId === messageId && update.status === "delivered");
    await gina.do("conversation.read", { with: alice.address });
    await alice.until("message.updated", (update) => update.messageId === messageId && update.status === "displayed");
    await gina.do("message.send", { to: alice.address, text: "and back" });
    await alice.until("message.received", ({ text }) => text === "and back");
  });

  test(
    "what waits while the other office is down arrives once it is back, and presence is seen again",
    OPTIONS,
    async () => {
      const { globex, alice, gina } = await friends();
      await addEachOther(alice, gina);
      await globex.stop();
      await alice.do("message.send", { to: gina.address, text: "for when you are back" });
      await globex.restart();
      await gina.until("message.received", ({ text }) => text === "for when you are back");
      await gina.do("presence.set", { state: "busy" });
      await alice.sees(gina.address, "busy");
      expect(gina.heard("message.received").map(({ text }) => text)).toEqual(["for when you are back"]);
    },
  );

  test("a partner by a pattern, one that is switched off, and one that nobody lists", OPTIONS, async () => {
    const { acme, globex, alice, gina } = await offices();
    const refused = async (text: string): Promise<unknown> => {
      const { messageId } = await alice.do("message.send", { to: gina.address, text });
      return alice.until("message.updated", (update) => update.messageId === messageId && update.status === "failed");
    };
    await refused("nobody lists you");
    await introduce(acme, globex, ["*.example"]);
    await introduce(globex, acme);
    await alice.do("message.send", { to: gina.address, text: "by a pattern" });
    await gina.until("message.received", ({ text }) => text === "by a pattern");
    await administer(globex.folder, { do: "enable-community", name: "Partner", enabled: false });
    await refused("switched off over there");
    await administer(globex.folder, { do: "enable-community", name: "Partner", enabled: true });
    await administer(acme.folder, { do: "enable-community", name: "Partner", enabled: false });
    await refused("switched off here");
    expect(gina.heard("message.received").map(({ text }) => text)).toEqual(["by a pattern"]);
  });

  test("an office whose authority is not the partner's is told nothing and tells nothing", OPTIONS, async () => {
    const { acme, globex, alice, gina } = await offices();
    await introduce(acme, acme, [GLOBEX]);
    await introduce(globex, acme);
    await alice.do("message.send", { to: gina.address, text: "to whom?" });
    await gina.do("message.send", { to: alice.address, text: "who is there?" });
    await expect.poll(() => acme.log, { timeout: 30_000 }).toMatch(/certificate|authority/i);
    expect(alice.heard("message.received")).toEqual([]);
    expect(gina.heard("message.received")).toEqual([]);
  });
});
