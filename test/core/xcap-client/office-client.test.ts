import { describe, expect, test } from "vitest";
import { OfficeClient } from "../../../core/xcap-client/office-client.ts";
import type { HttpAnswer } from "../../../core/xcap-client/xcap-client.ts";

/** An office that answers the same to everything. */
function officeAnswering(status: number | undefined, body: unknown = "", etag?: string) {
  const seen: { method: string; path: string; headers: unknown; body: string | undefined }[] = [];
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const request = async (method: string, path: string, headers: unknown, sent: string | undefined) => {
    seen.push({ method, path, headers, body: sent });
    const answer: HttpAnswer | undefined =
      status === undefined ? undefined : { status, body: text, etag, challenges: [] };
    return answer;
  };
  return { seen, office: new OfficeClient("bob@acme.example", { request }) };
}

describe("an office", () => {
  test("is told secrets of the new password, never the password", async () => {
    const { office, seen } = officeAnswering(204);
    await office.setPassword("a new one", "urn:uuid:1");
    await office.redeem("0123456789abcdef", "a new one");
    expect(seen.map(({ method, path }) => `${method} ${path}`)).toEqual([
      "PUT /office/password",
      "POST /office/invitation",
    ]);
    for (const { body } of seen) {
      expect(body).not.toContain("a new one");
      expect(Object.keys((JSON.parse(body ?? "") as { secrets: object }).secrets).sort()).toEqual([
        "MD5",
        "SHA-256",
        "SHA-512-256",
      ]);
    }
  });

  test.each([
    ["no answer", undefined, "", "unreachable"],
    ["a server in trouble", 503, "", "unreachable"],
    ["a password that it does not take", 401, { code: "anything" }, "wrong-password"],
    ["a word of its own", 410, { code: "invitation-used" }, "invitation-used"],
    ["a server that is no office", 404, "<html>", "unsupported"],
    ["an office without such a thing", 404, { code: "no-such-resource" }, "unsupported"],
    ["a word that is none", 403, { code: "<script>" }, "unsupported"],
    ["a word that is no text", 403, { code: 7 }, "unsupported"],
    ["JSON that is no object", 403, "7", "unsupported"],
  ])("with %s is that fault", async (_what, status, body, fault) => {
    const { office } = officeAnswering(status, body);
    expect(await office.signOut("aa")).toEqual({ ok: false, error: fault });
    expect(await office.devices()).toEqual({ ok: false, error: fault });
    expect(await office.directory(undefined)).toEqual({ ok: false, error: fault });
  });

  test("that lists devices is believed only what has their form", async () => {
    const good = { device: "aa", program: "P", from: "tls:1.2.3.4:5", until: 1 };
    const rows = [good, { ...good, until: 1e99 }, { ...good, until: "soon" }, { ...good, device: 7 }, null, 7];
    expect(await officeAnswering(200, rows).office.devices()).toEqual({ ok: true, value: [good] });
    expect((await officeAnswering(200, { rows }).office.devices()).ok).toBe(false);
  });

  test("is asked for its list only when that changed", async () => {
    const { office, seen } = officeAnswering(304);
    expect(await office.directory('"e1"')).toEqual({ ok: true, value: undefined });
    expect(seen[0]).toMatchObject({
      path: "/xcap-root/resource-lists/global/index",
      headers: { "If-None-Match": '"e1"' },
    });
    expect(await officeAnswering(200, "<x/>", '"e2"').office.directory(undefined)).toEqual({
      ok: true,
      value: { body: "<x/>", etag: '"e2"' },
    });
  });
});
