/**
 * The host dies while somebody writes: what stood on the screen is there when it is started again, once, and arrives, once.
 *
 *   Ines' window            gateway              Bruno (hallway client)
 *     | one ----------------->|---------------------->|
 *     |                       X (down)                |
 *     | two, "Waiting"        |                       |
 *     | a draft               |                       |
 *     X kill -9               |                       |
 *     |                       | up again              |
 *     | started again: two -->|---------------------->| once
 */
import { describe, expect, test } from "vitest";
import { ClientProcess } from "../support/client-process.ts";
import { Desk } from "../support/desk.ts";
import { addressOf, GatewayProcess, passwordOf } from "../support/gateway-process.ts";
import { pointer } from "../support/hands.ts";
import type { HostKind } from "../support/host.ts";
import { HOSTS, launchHost, newProfile, titleOf } from "../support/host.ts";
import { invoke } from "../support/page-bridge.ts";

const TIMEOUT = 300_000;

/** Ines' window, signed in at a gateway of its own process, with the conversation with Bruno open. */
async function conversation(kind: HostKind) {
  const gateway = await GatewayProcess.start({ people: ["ines", "bruno"] });
  const bruno = await ClientProcess.signedIn("bruno", gateway);
  const profile = await newProfile();
  const { host, desk } = await deskOf(kind, profile);
  await invoke(host.page, "account.signIn", {
    address: addressOf("ines"),
    password: passwordOf("ines"),
    server: gateway.server(),
    trust: gateway.fingerprint,
  });
  await invoke(host.page, "contact.add", { address: bruno.address, name: "Bruno" });
  await desk.openPerson("Bruno");
  return { gateway, bruno, profile, host, desk };
}

async function deskOf(kind: HostKind, profile: string) {
  const host = await launchHost(kind, profile);
  return { host, desk: new Desk(host.page, pointer()) };
}

describe.each(HOSTS.map((host) => ({ ...host, title: titleOf(host) })))("$title", ({ kind, missing }) => {
  const options = { timeout: TIMEOUT, skip: missing !== undefined };

  test("a message that waits and a draft outlive the host", options, async () => {
    const { gateway, bruno, profile, host, desk } = await conversation(kind);
    await desk.send("one");
    await desk.message(/one, Delivered/u).waitFor();
    const heard = bruno.heard("registration.changed").length;
    await gateway.stop();
    await desk.send("two");
    await desk.message(/two, Waiting/u).waitFor();
    await desk.composer().fill("not yet sent");
    const draft = async (): Promise<string | undefined> => (await invoke(host.page, "conversation.list", {}))[0]?.draft;
    await expect.poll(draft).toBe("not yet sent");
    await host.kill();

    await gateway.restart();
    // Before he is back the office would keep the message for him, and say "stored" rather than "delivered".
    await bruno.registeredAfter(heard);
    const { desk: again } = await deskOf(kind, profile);
    await again.openPerson("Bruno");
    await again.message(/two, Delivered/u).waitFor();
    expect(await again.message(/two/u).count()).toBe(1);
    expect(await again.composer().inputValue()).toBe("not yet sent");
    await bruno.until("message.received", ({ text }) => text === "two");
    await again.send("three");
    await bruno.until("message.received", ({ text }) => text === "three");
    expect(bruno.heard("message.received").map(({ text }) => text)).toEqual(["one", "two", "three"]);
  });

  test("a message that was on its way is there once, at both ends", options, async () => {
    const { bruno, profile, host, desk } = await conversation(kind);
    await desk.send("on its way");
    await desk.message(/on its way/u).waitFor();
    await host.kill();

    const { desk: again } = await deskOf(kind, profile);
    await again.openPerson("Bruno");
    await again.message(/on its way, Delivered/u).waitFor();
    await again.send("after it");
    await bruno.until("message.received", ({ text }) => text === "after it");
    expect(bruno.heard("message.received").map(({ text }) => text)).toEqual(["on its way", "after it"]);
    expect(await again.message("").count()).toBe(2);
  });
});
