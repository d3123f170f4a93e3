import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import net from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { digestResponse, ha1, parseCredentials } from "../../../core/sip/digest.ts";
import { XcapClient } from "../../../core/xcap-client/xcap-client.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { seededRandom } from "../../support/seeded-random.ts";

type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => void;

const closing: (() => void)[] = [];

afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function clientOf(handler: Handler) {
  const seen: { method: string; url: string; headers: IncomingMessage["headers"]; body: string }[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      seen.push({ method: request.method ?? "", url: request.url ?? "", headers: request.headers, body });
      handler(request, response, body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  closing.push(() => (server.close(), server.closeAllConnections()));
  const clock = new ManualClock();
  const client = new XcapClient({
    clock,
    random: seededRandom(),
    user: "alice@office.example",
    password: "secret",
    open: async () => net.connect(port, "127.0.0.1"),
  });
  return { client, clock, seen };
}

const answer =
  (status: number, headers: Record<string, string> = {}, body = ""): Handler =>
  (_request, response) =>
    void response.writeHead(status, headers).end(body);

const DOCUMENT = { contentType: "application/auth-policy+xml", body: "<ruleset/>" };

describe("a document", () => {
  test("is read with its entity tag, from where RFC 4825 puts it", async () => {
    const { client, clock, seen } = await clientOf(answer(200, { ETag: '"e1"' }, "<ruleset/>"));
    expect(await client.get("pres-rules", "index")).toEqual({ ok: true, value: { body: "<ruleset/>", etag: '"e1"' } });
    expect(seen[0]).toMatchObject({
      method: "GET",
      url: "/xcap-root/pres-rules/users/sip%3Aalice%40office.example/index",
    });
    expect(clock.pending).toBe(0);
  });

  test("is written over the version that is known, and over any without one", async () => {
    const { client, seen } = await clientOf(answer(200, { ETag: '"e2"' }));
    expect(await client.put("pres-rules", "index", { ...DOCUMENT, etag: '"e1"' })).toEqual({ ok: true, value: '"e2"' });
    await client.put("pres-rules", "index", DOCUMENT);
    expect(seen[0]).toMatchObject({ method: "PUT", body: DOCUMENT.body });
    expect(seen.map(({ headers }) => headers["if-match"])).toEqual(['"e1"', undefined]);
    expect(seen[0]?.headers["content-type"]).toBe(DOCUMENT.contentType);
  });

  test.each([
    [404, "absent"],
    [412, "changed"],
    [403, "refused"],
    [405, "unsupported"],
    [501, "unsupported"],
    [500, "unreachable"],
    [503, "unreachable"],
  ])("answered with %i is %s", async (status, fault) => {
    const { client } = await clientOf(answer(status));
    expect(await client.get("pres-rules", "index")).toEqual({ ok: false, error: fault });
  });
});

describe("a password that is asked for", () => {
  const challenge = { "WWW-Authenticate": 'Digest realm="office.example", nonce="n", algorithm=SHA-256, qop="auth"' };

  test("is proved and never sent", async () => {
    const { client, seen } = await clientOf((request, response) => {
      const given = parseCredentials(request.headers.authorization ?? "");
      if (!given) return answer(401, challenge)(request, response, "");
      const secret = ha1("SHA-256", "alice", "office.example", "secret");
      const { nonce, uri, nc = "", cnonce = "", qop = "" } = given;
      const right = digestResponse({ algorithm: "SHA-256", ha1: secret, method: "GET", uri, nonce, nc, cnonce, qop });
      answer(given.response === right ? 200 : 403, {}, "here")(request, response, "");
    });
    expect(await client.get("pres-rules", "index")).toMatchObject({ ok: true, value: { body: "here" } });
    expect(JSON.stringify(seen)).not.toContain("secret");
  });

  test("and is wrong ends after one try", async () => {
    const { client, seen } = await clientOf(answer(401, challenge));
    expect(await client.get("pres-rules", "index")).toEqual({ ok: false, error: "refused" });
    expect(seen).toHaveLength(2);
  });
});

describe("a server", () => {
  test("that never answers is given up after ten seconds", async () => {
    const asked = Promise.withResolvers<void>();
    const { client, clock } = await clientOf(() => asked.resolve());
    const got = client.get("pres-rules", "index");
    await asked.promise;
    await clock.advance(10_000);
    expect(await got).toEqual({ ok: false, error: "unreachable" });
  });

  test("that sends without end is cut off", async () => {
    const { client } = await clientOf((_request, response) => {
      const more = (): void => void response.write("x".repeat(65_536), (error) => error ?? more());
      more();
    });
    expect(await client.get("pres-rules", "index")).toEqual({ ok: false, error: "unreachable" });
  });

  test("that cannot be reached is said so", async () => {
    const client = new XcapClient({
      clock: new ManualClock(),
      random: seededRandom(),
      user: "alice@office.example",
      password: "secret",
      open: () => Promise.reject(new Error("no way")),
    });
    expect(await client.put("pres-rules", "index", DOCUMENT)).toEqual({ ok: false, error: "unreachable" });
  });
});
