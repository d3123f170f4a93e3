import { describe, expect, test } from "vitest";
import { parseNameAddr } from "../../../core/sip/message/name-addr.ts";
import type { SipResponse } from "../../../core/sip/message/message.ts";
import type { Phone } from "./office.ts";
import { Office } from "./office.ts";

const INSTANCE = '+sip.instance="<urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6>"';
const PUBLIC = "sip:alice@acme.example;gr=urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6";

function gruusIn(answer: SipResponse): { readonly pub?: string; readonly temp?: string } {
  const params = parseNameAddr(answer.headers.values("contact")[0] ?? "")?.params;
  const value = (name: string): string => (params?.get(name) ?? "").replaceAll('"', "");
  return { pub: value("pub-gruu"), temp: value("temp-gruu") };
}

/** Alice with two devices, of which the first has an instance; Bob besides. */
async function twoDevices() {
  const office = await Office.open();
  const laptop = await office.phone("alice", "192.0.2.10");
  const desk = await office.phone("alice", "192.0.2.12");
  const register = (callId = "laptop"): Promise<SipResponse> =>
    laptop.register(`<sip:alice@192.0.2.10:5060>;${INSTANCE}`, { headers: ["Supported: gruu"], callId });
  const { pub, temp } = gruusIn(await register());
  await desk.register("<sip:alice@192.0.2.12:5060>", { callId: "desk" });
  return { office, laptop, desk, register, pub, temp: temp ?? "", bob: await office.phone("bob", "192.0.2.11") };
}

let asked = 0;

async function statusOf(phone: Phone, method: "MESSAGE" | "SUBSCRIBE", uri: string): Promise<number> {
  const wish =
    method === "MESSAGE"
      ? { headers: ["Content-Type: text/plain"], body: "hello" }
      : { headers: ["Event: presence", `Contact: <sip:${phone.name}@${phone.at}>`] };
  return (await phone.ask(method, { uri, callId: `gruu-${++asked}`, ...wish })).status;
}

describe("addresses of single devices (RFC 5627)", () => {
  test("are given to whoever understands them", async () => {
    const { office, pub, temp } = await twoDevices();
    expect(pub).toBe(PUBLIC);
    expect(temp).toMatch(/^sip:tgruu\.[0-9a-f]{52}@acme\.example;gr$/);
    const old = await office.phone("carol", "192.0.2.13");
    const answer = await old.register(`<sip:carol@192.0.2.13>;${INSTANCE}`);
    expect(answer.headers.get("contact")).not.toContain("gruu");
  });

  test.each(["pub", "temp"] as const)("a message to the %s address reaches that device and no other", async (kind) => {
    const { laptop, desk, bob, pub = "", temp, office } = await twoDevices();
    const answer = await bob.send("MESSAGE", {
      uri: kind === "pub" ? pub : temp,
      headers: ["Content-Type: text/plain"],
      body: "hello",
    });
    await laptop.takeMessage();
    await office.settle();
    expect([laptop.texts(), desk.texts(), answer()?.status]).toEqual([["hello"], [], 200]);
  });

  test("every registration gives another temporary address, and all of them hold", async () => {
    const { bob, register, temp } = await twoDevices();
    const { temp: next = "" } = gruusIn(await register());
    expect(next).not.toBe(temp);
    expect([await statusOf(bob, "SUBSCRIBE", temp), await statusOf(bob, "SUBSCRIBE", next)]).toEqual([480, 480]);
  });

  test("temporary addresses end with another Call-ID, and with the last contact; public ones stay", async () => {
    const { bob, laptop, register, temp, pub = "" } = await twoDevices();
    const { temp: next = "" } = gruusIn(await register("reboot"));
    expect([await statusOf(bob, "MESSAGE", temp), await statusOf(bob, "SUBSCRIBE", next)]).toEqual([404, 480]);
    await laptop.register(`<sip:alice@192.0.2.10:5060>;${INSTANCE}`, { callId: "reboot", expires: 0 });
    expect([await statusOf(bob, "MESSAGE", next), await statusOf(bob, "MESSAGE", pub)]).toEqual([404, 202]);
  });

  test("hold after a restart", async () => {
    const { office, bob, temp } = await twoDevices();
    await office.restart();
    expect(await statusOf(bob, "SUBSCRIBE", temp)).toBe(480);
  });

  test("made up by others are not ours", async () => {
    const { bob, temp } = await twoDevices();
    const forged = temp.replace(/.@/, (end) => (end.startsWith("0") ? "1@" : "0@"));
    expect(await statusOf(bob, "MESSAGE", forged)).toBe(404);
    expect(await statusOf(bob, "MESSAGE", "sip:tgruu.00@acme.example;gr")).toBe(404);
    expect(await statusOf(bob, "MESSAGE", "sip:alice@acme.example;gr=%zz")).toBe(400);
  });

  test("in the Contact of a watcher lead its NOTIFY to that device", async () => {
    const { laptop, desk } = await twoDevices();
    await laptop.ask("SUBSCRIBE", {
      to: "carol",
      callId: "gruu",
      headers: ["Event: presence", "Expires: 600", `Contact: <${PUBLIC}>`],
    });
    const [notify] = laptop.requests("NOTIFY");
    expect(notify?.uri).toBe("sip:alice@192.0.2.10:5060");
    expect(desk.requests("NOTIFY")).toEqual([]);
  });
});
