/** What people ask of their office over HTTP on the SIP port, asked by the client that they have. */
import type { Server } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import net from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { MAX_MEMBERS, parseResourceLists } from "../../../core/payload/resource-lists.ts";
import { systemClock } from "../../../core/platform/clock.ts";
import { sha256Hex } from "../../../core/platform/hash.ts";
import { addAccount, changeAccount, reserveAccount, setDisabled } from "../../../core/server/accounts.ts";
import { Authentication } from "../../../core/server/authentication.ts";
import { Devices } from "../../../core/server/devices.ts";
import { directoryDocument } from "../../../core/server/directory.ts";
import { redeemInvitation } from "../../../core/server/invitations.ts";
import { LockOut, TRIES } from "../../../core/server/lock-out.ts";
import { isForOffice, MAX_OFFICE_BODY, serveOffice } from "../../../core/server/office-http.ts";
import { GatewaySettings } from "../../../core/server/settings.ts";
import { ha1 } from "../../../core/sip/digest.ts";
import { openGatewayStore } from "../../../core/store/sqlite/gateway-store.ts";
import type { BindingRecord, GatewayStore } from "../../../core/store/store.ts";
import { OfficeClient } from "../../../core/xcap-client/office-client.ts";
import { XcapClient } from "../../../core/xcap-client/xcap-client.ts";
import { seededRandom } from "../../support/seeded-random.ts";

const ALICE = "sip:alice@acme.example";
const DIRECTORY = "/xcap-root/resource-lists/global/index";
const SECRET = "5ec2e7".repeat(6);

let store: GatewayStore;
let server: Server;
let port: number;
let confidential: boolean;
let ended: string[];

const clock = systemClock();

beforeEach(async () => {
  store = openGatewayStore(":memory:", clock);
  store.settings.set("domain", "acme.example");
  store.settings.set("domains", "acme.test");
  addAccount(store.accounts, "acme.example", { address: ALICE, password: "pw-alice", name: "Alice" });
  addAccount(store.accounts, "acme.test", { address: "bea@acme.test", password: "pw-bea" });
  reserveAccount(store.accounts, "acme.example", { address: "bob@acme.example", name: "Bob" });
  confidential = true;
  ended = [];
  const settings = new GatewaySettings(store.settings);
  const office = {
    authentication: new Authentication({ clock, random: seededRandom(), accounts: store.accounts, settings }),
    settings,
    store,
    devices: new Devices({ clock, store, end: ({ device }) => void ended.push(device) }),
    redeem: (address: string, secret: string, secrets: Parameters<typeof redeemInvitation>[3]) =>
      redeemInvitation({ store, clock }, address, secret, secrets),
    lockOut: new LockOut(clock),
    isConfidential: () => confidential,
  };
  server = createServer((request, response) => {
    if (isForOffice(request)) void serveOffice(request, response, office);
    else response.writeHead(418).end();
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  port = (server.address() as AddressInfo).port;
});

afterEach(() => {
  server.close();
  server.closeAllConnections();
});

function clientOf(user: string, password: string): OfficeClient {
  const open = async () => net.connect(port, "127.0.0.1");
  return new OfficeClient(user, new XcapClient({ clock, random: seededRandom(7), user, password, open }));
}

const alice = (password = "pw-alice"): OfficeClient => clientOf("alice@acme.example", password);

function ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
  const sent = body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) };
  return fetch(`http://127.0.0.1:${port}${path}`, { method, headers, ...sent });
}

function binding(device: string, instance?: string): BindingRecord {
  return {
    aor: ALICE,
    device,
    regId: 1,
    registeredAt: 0,
    renewedAt: 0,
    contact: "sip:alice@192.0.2.1",
    params: instance === undefined ? "" : `;+sip.instance="<${instance}>";reg-id=1`,
    q: 1,
    callId: `call-${device}`,
    sequence: 1,
    expiresAt: clock.now() + 60_000,
    path: [],
    peer: "tls:192.0.2.1:40000",
    flow: device,
    diesWithFlow: true,
    userAgent: `Program of ${device}`,
  };
}

describe("a password", () => {
  test("is set by whoever knows the old one; every other device ends", async () => {
    for (const device of ["desk", "laptop"]) store.bindings.put(binding(device, `urn:uuid:${device}`));
    expect(await alice().setPassword("a new one", "urn:uuid:desk")).toEqual({ ok: true, value: undefined });
    expect(store.accounts.secrets(ALICE)).toEqual({
      "SHA-256": ha1("SHA-256", "alice", "acme.example", "a new one"),
      "SHA-512-256": ha1("SHA-512-256", "alice", "acme.example", "a new one"),
    });
    expect(ended).toEqual(["laptop"]);
    expect(await alice().devices()).toEqual({ ok: false, error: "wrong-password" });
    expect((await alice("a new one").devices()).ok).toBe(true);
  });

  test("is not set with a wrong old one, by somebody unknown, or for a person who is switched off", async () => {
    const before = store.accounts.secrets(ALICE);
    expect(await alice("not this").setPassword("a new one", "")).toEqual({ ok: false, error: "wrong-password" });
    const nobody = clientOf("nobody@acme.example", "not this");
    expect(await nobody.setPassword("a new one", "")).toEqual({ ok: false, error: "wrong-password" });
    setDisabled(store.accounts, ALICE, true);
    expect(await alice().setPassword("a new one", "")).toEqual({ ok: false, error: "refused" });
    expect(store.accounts.secrets(ALICE)).toEqual(before);
  });

  test("is not even asked for where others could read it", async () => {
    confidential = false;
    expect(await alice().setPassword("a new one", "")).toEqual({ ok: false, error: "not-confidential" });
    const bare = await ask("PUT", "/office/password");
    expect([bare.status, bare.headers.get("www-authenticate")]).toEqual([403, null]);
  });

  test("comes with a secret for each algorithm, so that none of the old password stays behind", async () => {
    addAccount(store.accounts, "acme.example", { address: "old@acme.example", password: "pw-old", md5: true });
    await clientOf("old@acme.example", "pw-old").setPassword("a new one", "");
    expect(store.accounts.secrets("sip:old@acme.example").MD5).toBe(ha1("MD5", "old", "acme.example", "a new one"));
  });
});

describe("devices", () => {
  test("of one's own are listed and signed out, and nobody else's", async () => {
    store.bindings.put(binding("desk", "urn:uuid:desk"));
    const listed = await alice().devices();
    const device = listed.ok ? (listed.value[0]?.device ?? "") : "";
    expect(listed).toMatchObject({
      value: [{ program: "Program of desk", from: "tls:192.0.2.1:40000", instance: "urn:uuid:desk" }],
    });
    const bea = clientOf("bea@acme.test", "pw-bea");
    expect(await bea.devices()).toEqual({ ok: true, value: [] });
    expect(await bea.signOut(device)).toEqual({ ok: false, error: "no-such-device" });
    expect(await alice().signOut(device)).toEqual({ ok: true, value: undefined });
    expect([ended, store.bindings.of(ALICE), store.signedOut.has(ALICE, "call-desk")]).toEqual([["desk"], [], true]);
  });
});

describe("the office list", () => {
  test("has everybody by name, but whoever is switched off or hidden, for people of every own domain", async () => {
    addAccount(store.accounts, "acme.example", { address: "eve@acme.example", password: "pw-eve1" });
    addAccount(store.accounts, "acme.example", { address: "zoe@acme.example", password: "pw-zoe1" });
    setDisabled(store.accounts, "eve@acme.example", true);
    changeAccount(store.accounts, "zoe@acme.example", { hidden: true });
    const list = await clientOf("bea@acme.test", "pw-bea").directory(undefined);
    const parsed = list.ok && list.value ? parseResourceLists(list.value.body) : undefined;
    expect(parsed).toEqual({
      ok: true,
      value: [
        { uri: ALICE, name: "Alice" },
        { uri: "sip:bea@acme.test" },
        { uri: "sip:bob@acme.example", name: "Bob" },
      ],
    });
  });

  test("ends where readers end: at a number of people and at a size", async () => {
    const people = (name: string, count: number) =>
      Array.from({ length: count }, (_one, index) => ({
        aor: `sip:p${index}@acme.example`,
        name: `${name} ${index}`,
        administrator: false,
        disabled: false,
      }));
    const listed = (name: string, count: number): number => {
      const parsed = parseResourceLists(directoryDocument({ list: () => people(name, count) }).body);
      return parsed.ok ? parsed.value.length : 0;
    };
    expect(listed("P", MAX_MEMBERS + 1)).toBe(MAX_MEMBERS);
    expect(listed("Ö".repeat(200), MAX_MEMBERS)).toBeGreaterThan(400);
  });

  test("is sent once as long as it is the same", async () => {
    const first = await alice().directory(undefined);
    const etag = first.ok ? first.value?.etag : undefined;
    expect(etag).toMatch(/^"\w+"$/);
    expect(await alice().directory(etag)).toEqual({ ok: true, value: undefined });
    changeAccount(store.accounts, ALICE, { name: "Alice B." });
    expect(await alice().directory(etag)).toMatchObject({ value: { etag: expect.not.stringMatching(etag ?? "") } });
  });

  test("is shown to nobody without a password, and written by nobody", async () => {
    const bare = await ask("GET", DIRECTORY);
    expect([bare.status, await bare.text()]).toEqual([401, expect.not.stringContaining("Alice")]);
    expect((await ask("PUT", DIRECTORY, "<resource-lists/>")).status).toBe(405);
    // Before anybody says who they are, the host says whose realm is asked for.
    expect(bare.headers.get("www-authenticate")).toContain('realm="acme.example"');
  });
});

describe("an invitation", () => {
  beforeEach(() => {
    const hours = 3_600_000;
    store.invitations.put({
      secretHash: sha256Hex(SECRET),
      aor: "sip:bob@acme.example",
      madeAt: clock.now(),
      expiresAt: clock.now() + hours,
    });
  });

  const bob = clientOf.bind(undefined, "bob@acme.example", "");

  test("is redeemed without a password, once", async () => {
    expect(await bob().redeem(SECRET, "chosen")).toEqual({ ok: true, value: undefined });
    expect((await clientOf("bob@acme.example", "chosen").devices()).ok).toBe(true);
    expect(await bob().redeem(SECRET, "another")).toEqual({ ok: false, error: "invitation-used" });
  });

  test("is not taken where others could read it", async () => {
    confidential = false;
    expect(await bob().redeem(SECRET, "chosen")).toEqual({ ok: false, error: "not-confidential" });
    expect(store.accounts.secrets("sip:bob@acme.example")).toEqual({});
  });

  test("cannot be guessed: after some tries this source has to wait, with the right one too", async () => {
    for (let count = 0; count < TRIES; count++)
      expect(await bob().redeem("0".repeat(40), "chosen")).toEqual({ ok: false, error: "invitation-unknown" });
    expect(await bob().redeem(SECRET, "chosen")).toEqual({ ok: false, error: "too-many-tries" });
  });
});

describe("a request", () => {
  test.each([
    ["that is no JSON", "nonsense", 400],
    ["that is no object", "7", 400],
    ["without an address", { secret: SECRET }, 400],
    ["without secrets", { address: "bob@acme.example", secret: SECRET }, 400],
    ["with one secret missing", { address: "a@b", secret: SECRET, secrets: { "SHA-256": "0".repeat(64) } }, 400],
    [
      "with a secret of another length",
      {
        address: "a@b",
        secret: SECRET,
        secrets: { MD5: "0", "SHA-256": "0".repeat(64), "SHA-512-256": "0".repeat(64) },
      },
      400,
    ],
    ["that is too long", { padding: "x".repeat(MAX_OFFICE_BODY) }, 413],
  ])("%s is refused", async (_what, body, status) => {
    expect((await ask("POST", "/office/invitation", body)).status).toBe(status);
  });

  test("for anything else is refused, and what is not of the office goes elsewhere", async () => {
    for (const [method, path] of [
      ["GET", "/office/"],
      ["GET", "/office/invitation"],
      ["POST", "/office/password"],
      ["DELETE", "/office/devices"],
      ["DELETE", "/office/devices/..%2F"],
      ["GET", "/office/constructor"],
    ] as const)
      expect([path, (await ask(method, path)).status]).toEqual([path, 404]);
    expect((await ask("GET", "/xcap-root/resource-lists/users/sip:alice@acme.example/index")).status).toBe(418);
  });

  test("that fails by a fault of ours says no more than that", async () => {
    store.close();
    const answer = await ask("GET", DIRECTORY, undefined, { authorization: "Digest nonsense" });
    expect([answer.status, await answer.text()]).toEqual([500, '{"code":"internal"}']);
  });
});
