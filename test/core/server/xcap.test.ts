import { createHash } from "node:crypto";
import type { Server } from "node:http";
import { createServer, get } from "node:http";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { systemClock } from "../../../core/platform/clock.ts";
import { addAccount } from "../../../core/server/accounts.ts";
import { Authentication } from "../../../core/server/authentication.ts";
import { Documents } from "../../../core/server/documents.ts";
import { GatewaySettings } from "../../../core/server/settings.ts";
import { MAX_DOCUMENT, serveXcap } from "../../../core/server/xcap.ts";
import { openGatewayStore } from "../../../core/store/sqlite/gateway-store.ts";
import { canValidate, schemaErrors } from "../payload/suites.ts";
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
      "/pres-rules/users/sip:alice@acme.example/index/~~/",
      "/pres-rules/users/sip:alice@acme.example/index/~~/ruleset/~~/rule",
      "/pres-rules/users/sip:alice@acme.example/index/~~/x:ruleset",
      "/pres-rules/users/%zz/index",
      "/pres-rules/users/sip:alice@acme.example/..%2Findex",
      "/constructor/users/sip:alice@acme.example/index",
    ])
      expect((await fetch(root + path)).status, path).toBe(404);
    const post = await fetch(root + PATH, { method: "POST" });
    expect([post.status, post.headers.get("allow")]).toEqual([405, "GET, HEAD, PUT, DELETE"]);
  });
});

test.each([
  "/xcap-root/pres-rules/users/../users/sip:alice@acme.example/index",
  "/xcap-root/pres-rules/users/sip:alice@acme.example/..",
  "/xcap-root/../xcap-root/pres-rules/users/sip:alice@acme.example/index",
])("a path that climbs names nothing: %s", async (path) => {
  // Straight from the socket: a polite client would tidy the path up before it leaves.
  const { hostname, port } = new URL(root);
  const status = await new Promise<number | undefined>((resolve, reject) => {
    get({ hostname, port, path }, (response) => resolve(response.resume().statusCode)).on("error", reject);
  });
  expect(status).toBe(404);
});

describe("nodes of a document (RFC 4825 §7)", () => {
  const LISTS = "/resource-lists/users/sip:alice@acme.example/index";
  const LIST_TYPE = { "content-type": "application/resource-lists+xml" };
  const ELEMENT = { "content-type": "application/xcap-el+xml" };
  const BOB = '<entry uri="sip:bob@example.com"><display-name>Bob</display-name></entry>';
  const node = (selector: string): string => `${LISTS}/~~/${encodeURI(selector)}`;
  const FRIENDS = 'resource-lists/list[@name="friends"]';

  const begin = async (): Promise<Response> =>
    ask("PUT", {
      path: LISTS,
      headers: LIST_TYPE,
      body: `<resource-lists xmlns="urn:ietf:params:xml:ns:resource-lists"><!-- mine --><list name="friends">${BOB}</list></resource-lists>`,
    });
  const putNode = (selector: string, body: string, headers: Record<string, string> = ELEMENT): Promise<Response> =>
    ask("PUT", { path: node(selector), body, headers });

  test("are read, made, changed and removed, and all else stays as it was written", async () => {
    await begin();
    const read = await ask("GET", { path: node(`${FRIENDS}/entry[1]`) });
    expect([read.headers.get("content-type"), await read.text()]).toEqual(["application/xcap-el+xml", BOB]);
    const carol = '<entry uri="sip:carol@example.com"/>';
    const made = await putNode(`${FRIENDS}/entry[@uri="sip:carol@example.com"]`, carol);
    expect(made.status).toBe(201);
    const attribute = { "content-type": "application/xcap-att+xml" };
    expect((await putNode(`${FRIENDS}/@name`, "colleagues", attribute)).status).toBe(409);
    expect((await putNode("resource-lists/list[1]/@name", "colleagues", attribute)).status).toBe(200);
    const gone = await ask("DELETE", {
      path: node('resource-lists/list/entry[@uri="sip:bob@example.com"]'),
      headers: { "if-match": (await ask("GET", { path: LISTS })).headers.get("etag") ?? "" },
    });
    expect(gone.status).toBe(200);
    const whole = await ask("GET", { path: LISTS });
    expect([whole.headers.get("etag"), await whole.text()]).toEqual([
      gone.headers.get("etag"),
      `<resource-lists xmlns="urn:ietf:params:xml:ns:resource-lists"><!-- mine --><list name="colleagues">${carol}</list></resource-lists>`,
    ]);
  });

  test("bindings of prefixes are read and nothing else", async () => {
    await begin();
    const path = `${LISTS}/~~/a:resource-lists/namespace::*?xmlns(a=urn:ietf:params:xml:ns:resource-lists)`;
    const read = await ask("GET", { path });
    expect([read.headers.get("content-type"), await read.text()]).toEqual([
      "application/xcap-ns+xml",
      '<resource-lists xmlns="urn:ietf:params:xml:ns:resource-lists"/>',
    ]);
    expect((await fetch(root + path, { method: "DELETE" })).status).toBe(405);
  });

  test.each([
    ["no-parent", 'resource-lists/list[@name="work"]/entry', BOB, ELEMENT],
    ["cannot-insert", `${FRIENDS}/entry[@uri="sip:eve@example.com"]`, BOB, ELEMENT],
    ["cannot-insert", `${FRIENDS}/entry[4]`, BOB, ELEMENT],
    ["not-xml-frag", `${FRIENDS}/entry[2]`, "<entry uri='sip:x'/><entry/>", ELEMENT],
    [
      "not-xml-frag",
      `${FRIENDS}/entry[2]`,
      '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><entry>&e;</entry>',
      ELEMENT,
    ],
    ["uniqueness-failure", `${FRIENDS}/entry[2]`, BOB, ELEMENT],
    ["schema-validation-error", `${FRIENDS}/entry[2]`, "<entry/>", ELEMENT],
    ["not-xml-att-value", `${FRIENDS}/@name`, "a<b", { "content-type": "application/xcap-att+xml" }],
  ])("%s", async (kind, selector, body, headers) => {
    await begin();
    const answer = await putNode(selector, body, headers);
    expect([answer.status, await answer.text()]).toEqual([409, expect.stringContaining(`<${kind}`)]);
  });

  test("removing what would then be somebody else is refused", async () => {
    await begin();
    await putNode(`${FRIENDS}/entry[2]`, '<entry uri="sip:carol@example.com"/>');
    const answer = await ask("DELETE", { path: node(`${FRIENDS}/entry[1]`) });
    expect([answer.status, await answer.text()]).toEqual([409, expect.stringContaining("<cannot-delete/>")]);
    expect((await ask("DELETE", { path: node(`${FRIENDS}/entry[9]`) })).status).toBe(404);
    expect((await ask("DELETE", { path: node("resource-lists") })).status).toBe(409);
  });

  test("of a document that changed meanwhile are left alone", async () => {
    await begin();
    const stale = { "if-match": '"other"' };
    expect((await putNode(`${FRIENDS}/entry[1]`, BOB, { ...ELEMENT, ...stale })).status).toBe(412);
    expect((await ask("DELETE", { path: node(`${FRIENDS}/entry[1]`), headers: stale })).status).toBe(412);
    expect((await putNode(`${FRIENDS}/entry[1]`, BOB, LIST_TYPE)).status).toBe(415);
  });
});

describe("what documents may be", () => {
  test("what another usage's documents are, are none of this one's", async () => {
    const wrong = await put("<resource-lists xmlns='urn:ietf:params:xml:ns:resource-lists'/>");
    expect([wrong.status, await wrong.text()]).toEqual([409, expect.stringContaining("<schema-validation-error")]);
  });

  test("entities and other encodings are refused before they cost anything", async () => {
    const bomb =
      '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><ruleset xmlns="urn:ietf:params:xml:ns:common-policy">&b;</ruleset>';
    expect(await (await put(bomb)).text()).toContain("<not-well-formed/>");
    const latin = await fetch(root + PATH, { method: "PUT" });
    expect(latin.status).toBe(401);
  });

  test("the other name of privacy rules means the same document", async () => {
    await put(RULES);
    const path = "/org.openmobilealliance.pres-rules/users/sip:alice@acme.example/pres-rules";
    expect(await (await ask("GET", { path })).text()).toBe(RULES);
  });

  test("what the server can do is told to everybody", async () => {
    const answer = await fetch(`${root}/xcap-caps/global/index`);
    const text = await answer.text();
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "application/xcap-caps+xml"]);
    for (const id of ["pres-rules", "resource-lists", "rls-services", "pidf-manipulation", "xcap-caps"])
      expect(text).toContain(`<auid>${id}</auid>`);
    expect((await fetch(`${root}/xcap-caps/global/index`, { method: "PUT" })).status).toBe(405);
    if (canValidate) expect(schemaErrors("xcap-caps.xsd", text)).toBe("");
  });
});
