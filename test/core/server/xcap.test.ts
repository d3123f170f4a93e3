import { createHash } from "node:crypto";
import type { Server } from "node:http";
import { createServer } from "node:http";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { systemClock } from "../../../core/platform/clock.ts";
import { addAccount } from "../../../core/server/accounts.ts";
import { Authentication } from "../../../core/server/authentication.ts";
import { Documents } from "../../../core/server/documents.ts";
import { GatewaySettings } from "../../../core/server/settings.ts";
import { MAX_DOCUMENT, serveXcap } from "../../../core/server/xcap.ts";
import { openGatewayStore } from "../../../core/store/sqlite/gateway-store.ts";
import { seededRandom } from "../../support/seeded-random.ts";

const TYPE = "application/auth-policy+xml";
const RULES = '<ruleset xmlns="urn:ietf:params:xml:ns:common-policy"/>';

let server: Server;
let root: string;
let changed: string[];

beforeEach(async () => {
  const clock = systemClock();
  const store = openGatewayStore(":memory:", clock);
  store.settings.set("domain", "acme.example");
  for (const name of ["alice", "bob"])
    addAccount(store.accounts, "acme.example", { address: `${name}@acme.example`, password: `pw-${name}` });
  changed = [];
  const documents = new Documents({
    random: seededRandom(),
    store,
    rulesChanged: (aor) => void changed.push(aor),
    lastingChanged: () => undefined,
  });
  const settings = new GatewaySettings(store.settings);
  const authentication = new Authentication({ clock, random: seededRandom(2), accounts: store.accounts, settings });
  server = createServer((request, response) => void serveXcap(request, response, { authentication, documents }));
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  root = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/xcap-root`;
});

afterEach(() => server.close());

interface Wish {
  readonly path?: string;
  readonly as?: string;
  readonly body?: string;
  readonly headers?: Record<string, string>;
}

const PATH = "/pres-rules/users/sip:alice@acme.example/index";

/** Asks as somebody: fetches a challenge, then answers it. */
async function ask(method: string, { path = PATH, as = "alice", body, headers = {} }: Wish = {}): Promise<Response> {
  const url = `${root}${path}`;
  const challenge = (await fetch(url)).headers.get("www-authenticate") ?? "";
  const nonce = /nonce="([^"]+)"/.exec(challenge)?.[1] ?? "";
  const sha = (text: string): string => createHash("sha256").update(text).digest("hex");
  const uri = new URL(url).pathname;
  const secret = sha(`${as}:acme.example:pw-${as}`);
  const response = sha(`${secret}:${nonce}:00000001:abc:auth:${sha(`${method}:${uri}`)}`);
  const authorization = `Digest username="${as}", realm="acme.example", nonce="${nonce}", uri="${uri}", algorithm=SHA-256, qop=auth, nc=00000001, cnonce="abc", response="${response}"`;
  return fetch(url, { method, headers: { authorization, ...headers }, ...(body !== undefined && { body }) });
}

const put = (body: string, headers: Record<string, string> = {}, wish: Wish = {}): Promise<Response> =>
  ask("PUT", { ...wish, body, headers: { "content-type": TYPE, ...headers } });

describe("documents (RFC 4825)", () => {
  test("are made, read, changed and removed by their owner, with an entity tag for each state", async () => {
    const made = await put(RULES);
    expect(made.status).toBe(201);
    const read = await ask("GET");
    expect([read.status, read.headers.get("etag"), read.headers.get("content-type"), await read.text()]).toEqual([
      200,
      made.headers.get("etag"),
      TYPE,
      RULES,
    ]);
    const replaced = await put(RULES, { "if-match": made.headers.get("etag") ?? "" });
    expect(replaced.status).toBe(200);
    expect(replaced.headers.get("etag")).not.toBe(made.headers.get("etag"));
    expect((await ask("HEAD")).headers.get("content-length")).toBe(String(RULES.length));
    expect((await ask("DELETE")).status).toBe(200);
    expect([(await ask("GET")).status, (await ask("DELETE")).status]).toEqual([404, 404]);
    expect(changed).toEqual(Array(3).fill("sip:alice@acme.example"));
  });

  test("are shown to nobody without a password, and to no colleague", async () => {
    await put(RULES);
    const bare = await fetch(root + PATH);
    expect(bare.status).toBe(401);
    expect(bare.headers.get("www-authenticate")).toContain("algorithm=SHA-256");
    for (const method of ["GET", "DELETE"]) expect((await ask(method, { as: "bob" })).status).toBe(401);
    expect((await put(RULES, {}, { as: "bob" })).status).toBe(401);
    expect((await ask("GET")).status).toBe(200);
  });

  test("that changed meanwhile are not overwritten or removed", async () => {
    const tag = (await put(RULES)).headers.get("etag") ?? "";
    await put(RULES, { "if-match": tag });
    expect((await put(RULES, { "if-match": tag })).status).toBe(412);
    expect((await put(RULES, { "if-none-match": "*" })).status).toBe(412);
    expect((await ask("DELETE", { headers: { "if-match": tag } })).status).toBe(412);
    expect((await put(RULES, { "if-match": `"other", ${(await ask("GET")).headers.get("etag")}` })).status).toBe(200);
  });

  test("that do not exist are made with If-None-Match: * and not with If-Match", async () => {
    expect((await put(RULES, { "if-match": "*" })).status).toBe(412);
    expect((await put(RULES, { "if-none-match": "*" })).status).toBe(201);
  });

  test("of two changes under the same tag only one is taken", async () => {
    const tag = (await put(RULES)).headers.get("etag") ?? "";
    const both = await Promise.all([put(RULES, { "if-match": tag }), put(RULES, { "if-match": tag })]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 412]);
  });

  test("of another type, too long or not well-formed are refused", async () => {
    expect((await put(RULES, { "content-type": "text/plain" })).status).toBe(415);
    expect((await put(`<a>${"x".repeat(MAX_DOCUMENT)}</a>`)).status).toBe(413);
    const broken = await put("<ruleset>");
    expect([broken.status, broken.headers.get("content-type")]).toEqual([409, "application/xcap-error+xml"]);
    expect(await broken.text()).toContain("<not-well-formed/>");
    expect((await ask("GET")).status).toBe(404);
  });

  test("are named by application, person and document, and nothing else", async () => {
    for (const path of [
      "/",
      "/nonsense/users/sip:alice@acme.example/index",
      "/pres-rules/global/index",
      "/pres-rules/users/sip:alice@acme.example",
      "/pres-rules/users/sip:alice@acme.example/index/~~/ruleset",
      "/pres-rules/users/%zz/index",
      "/pres-rules/users/sip:alice@acme.example/..%2Findex",
      "/constructor/users/sip:alice@acme.example/index",
    ])
      expect((await fetch(root + path)).status, path).toBe(404);
    const post = await fetch(root + PATH, { method: "POST" });
    expect([post.status, post.headers.get("allow")]).toEqual([405, "GET, HEAD, PUT, DELETE"]);
  });
});
