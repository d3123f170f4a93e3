/** Receipts in both directions, on a real store. */
import { describe, expect, test } from "vitest";
import { Conversations } from "../../../core/client/conversations.ts";
import { Receipts } from "../../../core/client/receipts.ts";
import type { Imdn } from "../../../core/payload/imdn.ts";
import type { OwedReceipt } from "../../../core/store/store.ts";
import type { IncomingText } from "../../../core/user-agent/incoming-message.ts";
import type { SendResult } from "../../../core/user-agent/messaging.ts";
import { BOB, CAROL, ME, Profile } from "./profile.ts";

class Fixture {
  readonly profile: Profile;
  readonly sent: OwedReceipt[] = [];
  mayLeave = true;
  mayTell: (address: string, kind: OwedReceipt["kind"]) => boolean = () => true;
  answer: () => Promise<SendResult> = async () => ({ kind: "delivered" });
  readonly receipts: Receipts;
  readonly conversations: Conversations;

  constructor(profile = new Profile()) {
    this.profile = profile;
    this.receipts = new Receipts({
      ...profile.shared,
      mayLeave: () => this.mayLeave,
      mayTell: (address, kind) => this.mayTell(address, kind),
      send: (owed) => (this.sent.push(owed), this.answer()),
    });
    this.conversations = new Conversations({ ...profile.shared, owing: () => this.receipts.wake() });
  }

  async receive(messageId: string, wants: IncomingText["wants"] = ["positive-delivery", "display"]): Promise<void> {
    const from = `sip:${BOB}`;
    await this.profile.done(
      this.conversations.receive({ kind: "text", from, text: "hi", key: `${from} ${messageId}`, messageId, wants }),
    );
  }

  async read(): Promise<void> {
    await this.profile.done(this.conversations.read(BOB));
  }

  async take(from: string, receipt: Pick<Imdn, "messageId" | "status">): Promise<void> {
    const kind = receipt.status === "displayed" ? "display" : "delivery";
    await this.profile.done(
      this.receipts.take({ kind: "receipt", from: `sip:${from}`, receipt: { ...receipt, kind } }),
    );
  }

  get told(): readonly string[] {
    return this.sent.map(({ theirId, kind }) => `${theirId} ${kind}`);
  }
}

describe("for a message of somebody else", () => {
  test("says delivered when it is on disk, and displayed when it was read, once each", async () => {
    const fixture = new Fixture();
    await fixture.receive("m1");
    expect(fixture.told).toEqual(["m1 delivered"]);
    await fixture.read();
    await fixture.read();
    await fixture.receive("m1");
    expect(fixture.told).toEqual(["m1 delivered", "m1 displayed"]);
  });

  test("says nothing that was not asked for", async () => {
    const fixture = new Fixture();
    await fixture.receive("m1", ["positive-delivery"]);
    await fixture.receive("m2", []);
    await fixture.read();
    expect(fixture.told).toEqual(["m1 delivered"]);
  });

  test("says it later when nothing may leave now, also after a restart", async () => {
    const fixture = new Fixture();
    fixture.mayLeave = false;
    await fixture.receive("m1");
    await fixture.read();
    expect(fixture.told).toEqual([]);
    const again = new Fixture(fixture.profile);
    again.receipts.wake();
    await again.profile.clock.advance(50);
    expect(again.told).toEqual(["m1 delivered", "m1 displayed"]);
  });

  test("tries again when nobody answers, and not after a refusal", async () => {
    const fixture = new Fixture();
    fixture.answer = async () => ({ kind: "again" });
    await fixture.receive("m1", ["positive-delivery"]);
    fixture.answer = async () => ({ kind: "failed", code: "not-understood", reason: "" });
    await fixture.profile.clock.advance(30_000);
    await fixture.profile.clock.advance(600_000);
    expect(fixture.told).toEqual(["m1 delivered", "m1 delivered"]);
  });

  test("says nothing to whom it may not be told, neither now nor when the rule has changed", async () => {
    const fixture = new Fixture();
    fixture.mayTell = (_, kind) => kind === "delivered";
    await fixture.receive("m1");
    await fixture.read();
    fixture.mayTell = () => true;
    fixture.receipts.wake();
    await fixture.profile.clock.advance(50);
    expect(fixture.told).toEqual(["m1 delivered"]);
  });
});

describe("for a message of ours", () => {
  async function sentMessage() {
    const fixture = new Fixture();
    const { messageId } = await fixture.profile.done(fixture.conversations.write(BOB, "hello"));
    await fixture.profile.done(
      fixture.profile.store.durably(() => fixture.profile.store.history.setStatus(ME, messageId, "stored")),
    );
    const statuses = () => fixture.profile.of("message.updated").map(({ status }) => status);
    return { fixture, messageId, statuses };
  }

  test("goes from stored to delivered to displayed, and never back", async () => {
    const { fixture, messageId, statuses } = await sentMessage();
    for (const status of ["delivered", "delivered", "displayed", "delivered", "stored", "failed"] as const)
      await fixture.take(BOB, { messageId, status });
    expect(statuses()).toEqual(["delivered", "displayed"]);
    expect(fixture.profile.store.history.get(ME, messageId)?.status).toBe("displayed");
  });

  test("is failed with a sentence when the other side could not deliver it", async () => {
    const { fixture, messageId } = await sentMessage();
    await fixture.take(BOB, { messageId, status: "failed" });
    expect(fixture.profile.of("message.updated")).toMatchObject([
      { status: "failed", reason: expect.stringMatching(/Send it again/) },
    ]);
  });

  test("believes only the person to whom it went", async () => {
    const { fixture, messageId, statuses } = await sentMessage();
    await fixture.take(CAROL, { messageId, status: "displayed" });
    expect(statuses()).toEqual([]);
  });

  test.each(["forbidden", "error", "processed"] as const)("learns nothing from “%s”", async (status) => {
    const { fixture, messageId, statuses } = await sentMessage();
    await fixture.take(BOB, { messageId, status });
    await fixture.take(BOB, { messageId: "never-sent", status: "delivered" });
    expect(statuses()).toEqual([]);
  });
});
