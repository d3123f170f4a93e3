import { beforeEach, describe, expect, test } from "vitest";
import { parseInvitationLink } from "../../../core/payload/invitation-link.ts";
import { sha256Hex } from "../../../core/platform/hash.ts";
import { OfficeAdministration } from "../../../core/server/administration.ts";
import { Invitations, redeemInvitation } from "../../../core/server/invitations.ts";
import type { Redemption } from "../../../core/server/invitations.ts";
import { ha1 } from "../../../core/sip/digest.ts";
import { openGatewayStore } from "../../../core/store/sqlite/gateway-store.ts";
import type { GatewayStore } from "../../../core/store/store.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { seededRandom } from "../../support/seeded-random.ts";

const BOB = "sip:bob@acme.example";
const FINGERPRINT = `sha256:${"ab".repeat(32)}`;
const DAY = 86_400_000;

let clock: ManualClock;
let store: GatewayStore;
let administration: OfficeAdministration;
let invitations: Invitations;
let servers: readonly string[];

beforeEach(async () => {
  clock = new ManualClock();
  store = openGatewayStore(":memory:", clock);
  administration = new OfficeAdministration(store);
  store.settings.set("domain", "acme.example");
  servers = ["tls:192.0.2.1:5061", "tcp:192.0.2.1:5060"];
  const door = { fingerprint: async () => FINGERPRINT, servers: () => servers };
  invitations = new Invitations({ clock, random: seededRandom(), store, administration, door });
});

/** Lets writes reach the disk. */
async function done<T>(work: Promise<T>): Promise<T> {
  work.catch(() => undefined);
  for (let round = 0; round < 5; round++) await clock.advance(10);
  return work;
}

const secrets = (password: string) => ({
  MD5: ha1("MD5", "bob", "acme.example", password),
  "SHA-256": ha1("SHA-256", "bob", "acme.example", password),
  "SHA-512-256": ha1("SHA-512-256", "bob", "acme.example", password),
});

async function secretFor(address = "bob@acme.example"): Promise<string> {
  return parseInvitationLink((await done(invitations.invite({ address }))).link)?.secret ?? "";
}

function redeem(secret: string, password = "chosen", address = "bob@acme.example"): Promise<Redemption> {
  return done(redeemInvitation({ store, clock }, address, secret, secrets(password)));
}

describe("an invitation", () => {
  test("carries everything that somebody needs, in a line of its own and once in the whole letter", async () => {
    const invitation = await done(invitations.invite({ address: "Bob@acme.example", name: "Bob" }));
    expect(parseInvitationLink(invitation.link)).toEqual({
      address: "bob@acme.example",
      server: "tls:192.0.2.1:5061",
      trust: FINGERPRINT,
      secret: expect.stringMatching(/^[0-9a-f]{40}$/),
    });
    expect(invitation.text.split("\n")).toContain(invitation.link);
    expect(parseInvitationLink(invitation.text)).toEqual(parseInvitationLink(invitation.link));
    expect(invitation.expiresAt.slice(0, 10)).toBe(new Date(clock.now() + 7 * DAY).toISOString().slice(0, 10));
    expect(invitation.warnings).toEqual([]);
  });

  test("makes the account, which nobody can sign in to before it is used", async () => {
    await done(invitations.invite({ address: "bob@acme.example", name: "Bob", administrator: true }));
    expect(administration.accounts()).toMatchObject([{ name: "Bob", administrator: true, invited: true }]);
    expect(store.accounts.secrets(BOB)).toEqual({});
  });

  test("is kept as a hash of its secret and in no other form", async () => {
    const secret = await secretFor();
    expect(store.invitations.all()).toMatchObject([{ secretHash: sha256Hex(secret), aor: BOB }]);
    expect(JSON.stringify([store.invitations.all(), store.settings.all(), store.accounts.list()])).not.toContain(
      secret,
    );
  });

  test("sets the password, once, and without MD5", async () => {
    const secret = await secretFor();
    expect(await redeem(secret)).toBe("accepted");
    const { MD5: _unwanted, ...strong } = secrets("chosen");
    expect(store.accounts.secrets(BOB)).toEqual(strong);
    expect(await redeem(secret, "of somebody else")).toBe("used");
    expect(store.accounts.secrets(BOB)).toEqual(strong);
    expect(invitations.list()).toMatchObject([{ address: "bob@acme.example", state: "used" }]);
  });

  test("can be used by one of two who try in the same moment", async () => {
    const secret = await secretFor();
    expect((await Promise.all([redeem(secret, "one"), redeem(secret, "two")])).sort()).toEqual(["accepted", "used"]);
    expect(store.accounts.secrets(BOB)["SHA-256"]).toBe(secrets("one")["SHA-256"]);
  });

  test("ends after the days that are set", async () => {
    store.settings.set("invite.days", "2");
    const secret = await secretFor();
    await clock.advance(2 * DAY - 100);
    expect(invitations.list()).toMatchObject([{ state: "open" }]);
    await clock.advance(100);
    expect([await redeem(secret), invitations.list()[0]?.state]).toEqual(["expired", "expired"]);
    expect(store.accounts.secrets(BOB)).toEqual({});
  });

  test("is for one address, and a secret that nobody made opens nothing", async () => {
    const secret = await secretFor();
    await done(administration.add([{ address: "alice@acme.example", password: "wonder-1" }]));
    expect(await redeem(secret, "chosen", "alice@acme.example")).toBe("unknown");
    expect(await redeem(secret, "chosen", "no address")).toBe("unknown");
    expect(await redeem("0".repeat(40))).toBe("unknown");
    expect(await redeem(secret)).toBe("accepted");
  });

  test("that is withdrawn, or followed by a newer one, opens nothing", async () => {
    const first = await secretFor();
    const second = await secretFor();
    expect(await redeem(first)).toBe("unknown");
    await done(invitations.withdraw("bob@acme.example"));
    expect(await redeem(second)).toBe("unknown");
    await expect(done(invitations.withdraw("bob@acme.example"))).rejects.toMatchObject({ code: "no-invitation" });
    expect(await redeem(await secretFor())).toBe("accepted");
  });

  test("gives somebody with an account a new password, MD5 included where they have it; the old one holds until then", async () => {
    await done(administration.add([{ address: "bob@acme.example", password: "forgotten", md5: true }]));
    const secret = await secretFor();
    expect(store.accounts.secrets(BOB)).toEqual(secrets("forgotten"));
    expect(await redeem(secret)).toBe("accepted");
    expect(store.accounts.secrets(BOB)).toEqual(secrets("chosen"));
  });

  test("is not made for whoever is switched off, and not taken from them", async () => {
    const secret = await secretFor();
    await done(administration.disable("bob@acme.example", true));
    await expect(done(invitations.invite({ address: "bob@acme.example" }))).rejects.toMatchObject({
      code: "account-disabled",
    });
    expect(await redeem(secret)).toBe("unknown");
  });
});

describe("the server that an invitation names", () => {
  const server = async (): Promise<string | undefined> =>
    parseInvitationLink((await done(invitations.invite({ address: "bob@acme.example" }))).link)?.server;

  test("is the first with TLS, or the one that is set", async () => {
    servers = ["tcp:192.0.2.1:5060", "tls:[2001:db8::1]:5061"];
    expect(await server()).toBe("tls:[2001:db8::1]:5061");
    store.settings.set("invite.server", "tls:sip.acme.example:443");
    expect(await server()).toBe("tls:sip.acme.example:443");
  });

  test.each([[[]], [["tcp:192.0.2.1:5060"]], [["tls:192.0.2.1:0"]]])(
    "is missing among %j, with a sentence",
    async (known) => {
      servers = known;
      await expect(server()).rejects.toMatchObject({ code: "no-tls", message: expect.stringMatching(/\.$/) });
      // Nobody was added by halves.
      expect(administration.accounts()).toEqual([]);
    },
  );

  test("is only of this computer: the administrator is told", async () => {
    servers = ["tls:127.0.0.1:5061"];
    const { warnings } = await done(invitations.invite({ address: "bob@acme.example" }));
    expect(warnings).toEqual([expect.stringContaining("only this computer")]);
  });
});
