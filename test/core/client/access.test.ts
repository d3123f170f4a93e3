import { describe, expect, test } from "vitest";
import { Access, accessFailure, readInvitation, refuseWeak } from "../../../core/client/access.ts";
import { MIN_PASSWORD_LENGTH } from "../../../core/platform/passwords.ts";
import type { Result } from "../../../core/platform/result.ts";
import { failure, success } from "../../../core/platform/result.ts";
import type { OfficeDevice } from "../../../core/xcap-client/office-client.ts";
import { ME } from "./profile.ts";

const DESK: OfficeDevice = {
  device: "aa",
  program: "Desk",
  from: "tls:192.0.2.1:1",
  until: 0,
  instance: "urn:uuid:desk",
};
const PHONE: OfficeDevice = { device: "bb", program: "Phone", from: "udp:192.0.2.2:1", until: 60_000 };

function access(answer?: Result<never, string>) {
  const asked: unknown[] = [];
  const office = (tried?: string) => ({
    setPassword: async (wanted: string, instance: string) => (
      asked.push([tried, wanted, instance]),
      answer ?? success(undefined)
    ),
    devices: async () => answer ?? success([PHONE, DESK]),
    signOut: async (device: string) => (asked.push(device), answer ?? success(undefined)),
  });
  return { asked, access: new Access({ account: ME, instance: "urn:uuid:desk", office }) };
}

describe("access", () => {
  test("tries the old password and keeps this device", async () => {
    const { access: mine, asked } = access();
    await mine.setPassword("old one", "new one");
    expect(asked).toEqual([["old one", "new one", "urn:uuid:desk"]]);
  });

  test("lists this device first", async () => {
    expect(await access().access.devices()).toEqual([
      {
        account: ME,
        device: "aa",
        program: "Desk",
        from: "tls:192.0.2.1:1",
        until: "1970-01-01T00:00:00.000Z",
        isThis: true,
      },
      {
        account: ME,
        device: "bb",
        program: "Phone",
        from: "udp:192.0.2.2:1",
        until: "1970-01-01T00:01:00.000Z",
        isThis: false,
      },
    ]);
  });

  test("without a connection says so", async () => {
    const offline = new Access({ account: ME, instance: "i", office: () => undefined });
    for (const work of [offline.setPassword("old one", "new one"), offline.devices(), offline.signOut("aa")])
      await expect(work).rejects.toMatchObject({ code: "not-connected" });
  });

  test("tells what the office refuses", async () => {
    const { access: mine } = access(failure("wrong-password"));
    await expect(mine.setPassword("old one", "new one")).rejects.toMatchObject({ code: "wrong-password" });
    await expect(access(failure("no-such-device")).access.signOut("x")).rejects.toMatchObject({
      code: "no-such-device",
    });
  });
});

test("a password that is too short is refused before anybody is asked", async () => {
  const { access: mine, asked } = access();
  await expect(mine.setPassword("old one", "x".repeat(MIN_PASSWORD_LENGTH - 1))).rejects.toMatchObject({
    code: "password-too-short",
  });
  expect(asked).toEqual([]);
  refuseWeak("x".repeat(MIN_PASSWORD_LENGTH));
});

test("every refusal has one sentence of its own, and so has one that is not known", () => {
  const faults = [
    ...["wrong-password", "not-confidential", "no-such-device", "invitation-unknown", "invitation-used"],
    ...["invitation-expired", "invitation-foreign", "too-many-tries", "unreachable", "unsupported", "of-tomorrow"],
  ];
  const sentences = faults.map((fault) => accessFailure(fault, "acme.example").message);
  for (const sentence of sentences) expect(sentence).toMatch(/^[A-Za-z].*\.$/);
  expect(new Set(sentences).size).toBe(faults.length);
  expect(() => readInvitation("hallway:invite?address=bob")).toThrow(/no whole invitation/);
});
