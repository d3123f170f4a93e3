/** The gate of the browser host, with requests that no browser would make. */
import { writeFileSync } from "node:fs";
import { request } from "node:http";
import type { IncomingHttpHeaders } from "node:http";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { WebSocket } from "ws";
import type { EventMessage } from "../../../core/bridge/contract.ts";
import type { ServedBridge } from "../../../core/bridge/serve.ts";
import { MAX_CALLS, MAX_MESSAGE, startWebHost } from "../../../core/web/server.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** The real server over a bridge that answers with what it was asked, and never answers `wait`. */
async function host() {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "index.html"), "<!doctype html><head></head><main>the window</main>");
  const listeners = new Set<(message: EventMessage) => void>();
  const bridge: ServedBridge = {
    call: (caller, command, args) =>
      command === "wait"
        ? new Promise(() => undefined)
        : Promise.resolve({ ok: true, value: { caller, command, args } }),
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
  const web = await startWebHost({ bridge, folder, instance: "test" });
  onTestFinished(() => web.close());
  const { port, host: name } = new URL(web.origin);
  const get = (path: string, headers: Record<string, string> = {}, method = "GET"): Promise<Reply> =>
    new Promise((resolve, reject) => {
      const sent = request(
        { host: "127.0.0.1", port, path, method, headers: { host: name, ...headers } },
        (response) => {
          let body = "";
          response.on("data", (chunk: Buffer) => (body += chunk.toString("utf8")));
          response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
        },
      );
      sent.once("error", reject).end();
    });
  return { web, name, get, listeners };
}

type TestHost = Awaited<ReturnType<typeof host>>;

/** Opens a tab as a browser does: the cookie, and the secret behind the #. */
async function openTab({ web, get }: TestHost): Promise<{ cookie: string; secret: string }> {
  const opened = await get(new URL(web.openingAddress()).href.slice(web.origin.length));
  const [cookie = ""] = opened.headers["set-cookie"] ?? [];
  const [, secret = ""] = /url=\/#([\w-]+)/u.exec(opened.body) ?? [];
  return { cookie: cookie.split(";")[0] ?? "", secret };
}

interface Knock {
  readonly protocols?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly path?: string;
}

/** Resolves to the open socket, or to the status with which it was refused. */
async function knock({ web, name }: TestHost, { protocols = [], headers = {}, path = "/bridge" }: Knock) {
  const socket = new WebSocket(`ws://${name}${path}`, [...protocols], { headers: { origin: web.origin, ...headers } });
  onTestFinished(() => socket.terminate());
  return new Promise<WebSocket | number>((resolve) => {
    socket.once("open", () => resolve(socket));
    socket.once("unexpected-response", (_request, response) => resolve(response.statusCode ?? 0));
    socket.once("error", () => undefined);
  });
}

async function openSocket(to: TestHost): Promise<WebSocket> {
  const { cookie, secret } = await openTab(to);
  const socket = await knock(to, { protocols: ["hallway", secret], headers: { cookie } });
  if (typeof socket === "number") throw new Error(`refused with ${String(socket)}`);
  return socket;
}

function said(socket: WebSocket): Promise<unknown> {
  return new Promise((resolve) =>
    socket.once("message", (data) => resolve(JSON.parse((data as Buffer).toString("utf8")))),
  );
}

const closed = (socket: WebSocket): Promise<number> => new Promise((resolve) => socket.once("close", resolve));

describe("a page", () => {
  test("comes with its policy to whoever was let in", async () => {
    const to = await host();
    const { cookie } = await openTab(to);
    const page = await to.get("/", { cookie });
    expect(page.status).toBe(200);
    expect(page.body).toContain("page-bridge.js");
    expect(page.headers).toMatchObject({
      "content-security-policy": expect.stringMatching(/^default-src 'none'/u),
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
      "cross-origin-opener-policy": "same-origin",
      "cache-control": "no-store",
    });
  });

  test("is not for another name of ours: DNS rebinding", async () => {
    const to = await host();
    const { cookie } = await openTab(to);
    for (const name of ["evil.example", "evil.example:80", "localhost", "127.0.0.1"]) {
      expect(await to.get("/", { host: name, cookie }), name).toMatchObject({ status: 403, body: "" });
    }
  });

  test("needs the cookie, and the very one", async () => {
    const to = await host();
    const { cookie } = await openTab(to);
    const other = await openTab(await host());
    for (const wrong of [
      "",
      `${cookie}x`,
      cookie.replace("hallway-test", "hallway-other"),
      other.cookie,
      "hallway-test=",
    ]) {
      expect(await to.get("/", { cookie: wrong }), wrong).toMatchObject({ status: 403 });
    }
    expect((await to.get("/", { cookie: `a=b; ${cookie}; c=d` })).status).toBe(200);
  });

  test.each([
    "/../package.json",
    "/%2e%2e/package.json",
    "/..%2fpackage.json",
    "/assets/..%5c..%5cpackage.json",
    "/%00.html",
    "//evil.example/",
    "//",
    "/%",
    "http://evil.example/",
    "*",
  ])("is not outside the folder: %s", async (path) => {
    const to = await host();
    const { cookie } = await openTab(to);
    expect((await to.get(path, { cookie })).status).toBe(404);
  });

  test("is only read", async () => {
    const to = await host();
    const { cookie } = await openTab(to);
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS"])
      expect((await to.get("/", { cookie }, method)).status).toBe(403);
    expect(await to.get("/", { cookie }, "HEAD")).toMatchObject({ status: 200, body: "" });
  });
});

describe("an opening address", () => {
  test("opens once", async () => {
    const to = await host();
    const path = to.web.openingAddress().slice(to.web.origin.length);
    expect((await to.get(path)).status).toBe(200);
    const again = await to.get(path);
    expect(again.status).toBe(403);
    expect(again.headers["set-cookie"]).toBeUndefined();
    expect(again.body).toContain("This address is not open");
  });

  test("is not guessed", async () => {
    const to = await host();
    for (const path of ["/open", "/open?token=", "/open?token=x"]) expect((await to.get(path)).status).toBe(403);
  });

  test("gives a cookie that scripts and other sites do not get", async () => {
    const to = await host();
    const { headers } = await to.get(to.web.openingAddress().slice(to.web.origin.length));
    expect(headers["set-cookie"]?.[0]).toMatch(/^hallway-test=[\w-]{32}; Path=\/; HttpOnly; SameSite=Strict$/u);
  });
});

describe("the bridge", () => {
  test("carries calls of the owner and events", async () => {
    const to = await host();
    const socket = await openSocket(to);
    socket.send(JSON.stringify({ id: 7, command: "contact.list", args: {} }));
    expect(await said(socket)).toEqual({
      id: 7,
      answer: { ok: true, value: { caller: "owner", command: "contact.list", args: {} } },
    });
    const event = { event: "gateway.changed", seq: 1, payload: { running: false } } as const;
    for (const listener of to.listeners) listener(event);
    expect(await said(socket)).toEqual(event);
    socket.close();
    await closed(socket);
    await expect.poll(() => to.listeners.size).toBe(0);
  });

  test("asks for cookie, secret, origin, name and place", async () => {
    const to = await host();
    const { cookie, secret } = await openTab(to);
    const good = { protocols: ["hallway", secret], headers: { cookie } };
    const wrong: readonly Knock[] = [
      { ...good, headers: {} },
      { ...good, headers: { cookie: "hallway-test=x" } },
      { ...good, headers: { cookie, origin: "http://evil.example" } },
      { ...good, headers: { cookie, origin: "null" } },
      { ...good, headers: { cookie, host: "evil.example" } },
      { ...good, protocols: [] },
      { ...good, protocols: ["hallway"] },
      { ...good, protocols: ["hallway", "guessed"] },
      { ...good, protocols: [secret, "hallway"] },
      { ...good, path: "/bridge?x" },
      { ...good, path: "/" },
    ];
    for (const attempt of wrong) expect(await knock(to, attempt), JSON.stringify(attempt)).toBe(403);
    expect(await knock(to, good)).toBeInstanceOf(WebSocket);
  });

  test.each([
    ["a message that is too long", "x".repeat(MAX_MESSAGE + 1), 1009],
    ["no JSON", "{", 1008],
    ["a call without a number", '{"command":"x"}', 1008],
    ["null", "null", 1008],
    ["bytes", Buffer.from("{}"), 1008],
  ])("ends with %s", async (_what, data, code) => {
    const to = await host();
    const socket = await openSocket(to);
    const ended = closed(socket);
    socket.send(data);
    expect(await ended).toBe(code);
  });

  test("ends for a tab that calls and calls and waits for no answer", async () => {
    const to = await host();
    const socket = await openSocket(to);
    const ended = closed(socket);
    for (let id = 0; id <= MAX_CALLS; id++) socket.send(JSON.stringify({ id, command: "wait" }));
    expect(await ended).toBe(1008);
  });
});
