import type * as Crypto from "node:crypto";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { addAccount, reserveAccount, setDisabled } from "../../../core/server/accounts.ts";
import type { Claim, Verdict } from "../../../core/server/authentication.ts";
import { Authentication } from "../../../core/server/authentication.ts";
import { CLOSED_FOR, TRIES } from "../../../core/server/lock-out.ts";
import { NONCE_LIFE } from "../../../core/server/nonces.ts";
import { GatewaySettings } from "../../../core/server/settings.ts";
import type { DigestAlgorithm } from "../../../core/sip/digest.ts";
import { digestResponse, ha1, parseChallenges } from "../../../core/sip/digest.ts";
import { openGatewayStore } from "../../../core/store/sqlite/gateway-store.ts";
import type { GatewayStore } from "../../../core/store/store.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { seededRandom } from "../../support/seeded-random.ts";

/** How often each function that costs something by a password's sake was called. */
const { work } = vi.hoisted(() => ({ work: { hash: 0, hmac: 0, compare: 0 } }));

vi.mock("node:crypto", async (original) => {
  const crypto = await original<typeof Crypto>();
  return {
    ...crypto,
    hash: (algorithm: string, data: string | Buffer, encoding?: Crypto.BinaryToTextEncoding) => {
      work.hash++;
      return crypto.hash(algorithm, data, encoding);
    },
    createHmac: (algorithm: string, key: Buffer) => {
      work.hmac++;
      return crypto.createHmac(algorithm, key);
    },
    timingSafeEqual: (one: Buffer, other: Buffer) => {
      work.compare++;
      return crypto.timingSafeEqual(one, other);
    },
  };
});

const DOMAIN = "acme.example";
const ALICE = "sip:alice@acme.example";
const OLD_PHONE = "sip:oldphone@acme.example";

let clock: ManualClock;
let store: GatewayStore;
let authentication: Authentication;

beforeEach(() => {
  clock = new ManualClock();
  store = openGatewayStore(":memory:", clock);
  store.settings.set("domain", DOMAIN);
  addAccount(store.accounts, DOMAIN, { address: "alice@acme.example", password: "wonder-1" });
  addAccount(store.accounts, DOMAIN, { address: "oldphone@acme.example", password: "ring-ring", md5: true });
  const settings = new GatewaySettings(store.settings);
  authentication = new Authentication({ clock, random: seededRandom(), accounts: store.accounts, settings });
});

interface Answer {
  readonly aor?: string;
  readonly password?: string;
  readonly username?: string;
  readonly algorithm?: DigestAlgorithm;
  readonly nc?: string | undefined;
  readonly source?: string;
  readonly nonce?: string;
  readonly realm?: string;
}

function claim(credentials: readonly string[], { aor = ALICE, source = "192.0.2.10" }: Answer = {}): Claim {
  return { method: "REGISTER", aor, credentials, source };
}

function challengeOf(text: string) {
  return parseChallenges([text])[0];
}

function challenges(verdict: Verdict): readonly string[] {
  return verdict.kind === "challenge" ? verdict.challenges : [];
}

function freshNonce(aor = ALICE): string {
  const [first = ""] = challenges(authentication.check(claim([], { aor, source: "192.0.2.200" })));
  return challengeOf(first)?.nonce ?? "";
}

/** Answers a challenge as a phone does; `nc: undefined` leaves qop out. */
function answer(wish: Answer = {}): Verdict {
  const { aor = ALICE, password = "wonder-1", algorithm = "SHA-256", nonce = freshNonce(aor) } = wish;
  const user = aor.slice("sip:".length, aor.indexOf("@"));
  const realm = wish.realm ?? DOMAIN;
  const username = wish.username ?? user;
  const nc = "nc" in wish ? wish.nc : "00000001";
  const counted = nc === undefined ? {} : { qop: "auth" as const, nc, cnonce: "abc" };
  const uri = `sip:${DOMAIN}`;
  const response = digestResponse({
    algorithm,
    ha1: ha1(algorithm, user, realm, password),
    method: "REGISTER",
    uri,
    nonce,
    ...counted,
  });
  const count = nc === undefined ? "" : `, qop=auth, nc=${nc}, cnonce="abc"`;
  const text = `Digest username="${username}", realm="${realm}", nonce="${nonce}", uri="${uri}", response="${response}", algorithm=${algorithm}${count}`;
  return authentication.check(claim([text], wish));
}

describe("what is offered", () => {
  const algorithms = (aor: string): unknown[] =>
    challenges(authentication.check(claim([], { aor }))).map((text) => challengeOf(text)?.algorithm);

  test("the strongest first, MD5 only to accounts that keep a secret for it", () => {
    expect(algorithms(ALICE)).toEqual(["SHA-256", "SHA-512-256"]);
    expect(algorithms(OLD_PHONE)).toEqual(["SHA-256", "SHA-512-256", "MD5"]);
  });

  test("nobody can tell from it whether an account exists", () => {
    expect(algorithms("sip:nobody@acme.example")).toEqual(algorithms(ALICE));
  });

  test("what the setting says, in its order and at once", () => {
    store.settings.set("auth.algorithms", "MD5,SHA-256");
    expect(algorithms(OLD_PHONE)).toEqual(["MD5", "SHA-256"]);
    expect(algorithms(ALICE)).toEqual(["SHA-256"]);
    expect(answer({ algorithm: "SHA-512-256" }).kind).toBe("challenge");
  });
});

describe("who is proven", () => {
  test("whoever knows the password, by any algorithm on offer", () => {
    for (const algorithm of ["SHA-256", "SHA-512-256"] as const)
      expect(answer({ algorithm })).toEqual({ kind: "proven", aor: ALICE });
    expect(answer({ aor: OLD_PHONE, password: "ring-ring", algorithm: "MD5" })).toEqual({
      kind: "proven",
      aor: OLD_PHONE,
    });
  });

  test("with the user alone or with the whole address as name", () => {
    expect(answer({ username: "alice@elsewhere.example" }).kind).toBe("challenge");
    expect(answer({ username: "ALICE" })).toMatchObject({ kind: "proven" });
  });

  test("nobody with a wrong password, another name, or an algorithm that is not on offer", () => {
    expect(answer({ password: "wonder-2" }).kind).toBe("challenge");
    expect(answer({ username: "oldphone" }).kind).toBe("challenge");
    expect(answer({ algorithm: "MD5" }).kind).toBe("challenge");
    expect(answer({ aor: "sip:nobody@acme.example" }).kind).toBe("challenge");
  });

  test("without a count only accounts that are kept for old phones", () => {
    expect(answer({ nc: undefined }).kind).toBe("challenge");
    expect(answer({ aor: OLD_PHONE, password: "ring-ring", algorithm: "MD5", nc: undefined }).kind).toBe("proven");
  });

  test("not by an answer that was used before, nor with a nonce that is old; both are told as stale", async () => {
    const nonce = freshNonce();
    const stale = (verdict: Verdict): unknown[] => challenges(verdict).map((text) => challengeOf(text)?.stale);
    expect(answer({ nonce }).kind).toBe("proven");
    expect(stale(answer({ nonce }))).toEqual([true, true]);
    expect(answer({ nonce, nc: "00000002" }).kind).toBe("proven");
    await clock.advance(NONCE_LIFE + 1);
    expect(stale(answer({ nonce, nc: "00000003" }))).toEqual([true, true]);
    expect(stale(answer({ nonce, nc: "00000003", password: "wonder-2" }))).toEqual([false, false]);
  });

  test("not an account that is switched off, which only its owner learns", () => {
    setDisabled(store.accounts, "alice@acme.example", true);
    expect(answer()).toMatchObject({ kind: "refused", status: 403 });
    expect(answer({ password: "wonder-2" }).kind).toBe("challenge");
  });

  test("everybody from an address that is exempt", () => {
    store.settings.set("auth.exempt", "192.0.2.99, 192.0.2.10");
    expect(authentication.check(claim([]))).toEqual({ kind: "proven", aor: ALICE });
    expect(authentication.check(claim([], { source: "192.0.2.11" })).kind).toBe("challenge");
  });
});

describe("lock-out", () => {
  test("after so many wrong passwords even the right one has to wait, from this source", async () => {
    for (let count = 0; count < TRIES; count++) answer({ password: "guess-it" });
    expect(answer()).toMatchObject({ kind: "refused", status: 403, retryAfter: CLOSED_FOR / 1_000 });
    expect(answer({ source: "192.0.2.11" }).kind).toBe("proven");
    await clock.advance(CLOSED_FOR);
    expect(answer().kind).toBe("proven");
  });

  test("asking for a challenge is no try", () => {
    for (let count = 0; count < TRIES * 2; count++) authentication.check(claim([]));
    expect(answer().kind).toBe("proven");
  });
});

describe("an office with several domains", () => {
  const BEA = "sip:bea@acme.test";

  beforeEach(() => {
    store.settings.set("domains", "acme.test");
    addAccount(store.accounts, "acme.test", { address: "bea@acme.test", password: "wonder-2" });
  });

  test("asks everybody in the realm of their own domain", () => {
    const realm = (aor: string): unknown =>
      challenges(authentication.check(claim([], { aor }))).map((text) => challengeOf(text)?.realm)[0];
    expect([realm(ALICE), realm(BEA), realm("sip:eve@elsewhere.example")]).toEqual([DOMAIN, "acme.test", DOMAIN]);
  });

  test("proves nobody in the realm of another one", () => {
    expect(answer({ aor: BEA, password: "wonder-2", realm: "acme.test" })).toEqual({ kind: "proven", aor: BEA });
    expect(answer({ aor: BEA, password: "wonder-2", realm: DOMAIN }).kind).toBe("challenge");
    expect(answer({ aor: ALICE, realm: "acme.test" }).kind).toBe("challenge");
  });
});

describe("whoever asks for an account that does not exist", () => {
  const INVITED = "sip:invited@acme.example";

  beforeEach(() => reserveAccount(store.accounts, DOMAIN, { address: INVITED }));

  /** What a wrong password costs, and what it is answered with, without the nonces. */
  function tried(aor: string, wish: Answer = {}) {
    const nonce = freshNonce(aor);
    Object.assign(work, { hash: 0, hmac: 0, compare: 0 });
    const before = { ...work };
    const verdict = answer({ aor, nonce, password: "not this", ...wish });
    const cost = Object.fromEntries(
      Object.entries(work).map(([name, count]) => [name, count - before[name as keyof typeof work]]),
    );
    return { cost, answer: JSON.stringify(verdict).replaceAll(/nonce=\\"\w+\\"/g, "") };
  }

  test.each([
    ["with a wrong password", {}],
    ["by the other algorithm", { algorithm: "SHA-512-256" }],
    ["without a count", { nc: undefined }],
    ["under another name", { username: "somebody" }],
    ["by an algorithm that is not on offer", { algorithm: "MD5" }],
  ] satisfies [string, Answer][])("%s learns nothing, neither by the answer nor by its cost", (_how, wish) => {
    const known = tried(ALICE, wish);
    expect(tried("sip:nobody@acme.example", wish)).toEqual(known);
    expect(tried(INVITED, wish)).toEqual(known);
  });

  test("is made to wait after as many tries", () => {
    const tries = (aor: string): unknown => {
      for (let count = 0; count < TRIES; count++) answer({ aor, password: "not this" });
      return answer({ aor, password: "not this" });
    };
    expect(tries("sip:nobody@acme.example")).toEqual(tries(ALICE));
  });

  test("pays for the digest at all", () => {
    expect(tried("sip:nobody@acme.example").cost).toMatchObject({ hash: expect.any(Number), compare: 1 });
    expect(tried("sip:nobody@acme.example").cost["hash"]).toBeGreaterThan(1);
  });
});

describe("the console", () => {
  const check = (aor: string, password: string, source = "192.0.2.10") =>
    authentication.checkAdministrator(aor, password, source);

  beforeEach(() => {
    addAccount(store.accounts, DOMAIN, { address: "ines@acme.example", password: "boss-1", administrator: true });
  });

  test("opens for the password of an administrator, and for nobody else", () => {
    expect(check("sip:ines@acme.example", "boss-1")).toEqual({ kind: "proven" });
    for (const [aor, password] of [
      ["sip:ines@acme.example", "boss-2"],
      ["sip:ines@acme.example", ""],
      [ALICE, "wonder-1"],
      ["sip:nobody@acme.example", ""],
      ["nonsense", "boss-1"],
    ] as const)
      expect(check(aor, password), aor).toEqual({ kind: "wrong" });
    setDisabled(store.accounts, "ines@acme.example", true);
    expect(check("sip:ines@acme.example", "boss-1")).toEqual({ kind: "wrong" });
  });

  test("has one lock-out with SIP: who guesses at one door finds the other closed", () => {
    for (let count = 0; count < TRIES; count++) check("sip:ines@acme.example", "guess");
    expect(check("sip:ines@acme.example", "boss-1")).toEqual({ kind: "locked-out", seconds: CLOSED_FOR / 1_000 });
    expect(check("sip:ines@acme.example", "boss-1", "192.0.2.11")).toEqual({ kind: "proven" });
    expect(authentication.check(claim([], { aor: "sip:ines@acme.example" }))).toMatchObject({ kind: "refused" });
  });
});
