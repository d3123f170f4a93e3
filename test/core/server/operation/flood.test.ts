/** Floods from one address, on a clock that stands: nothing grows, and everybody else is served in between. */
import { expect, test } from "vitest";
import { FIRST_WAIT, FREE_REPETITIONS, REFUSAL_KEPT } from "../../../../core/server/operation/repeated-refusals.ts";
import { Office } from "../office.ts";

const FLOODER = "198.51.100.66";
const GATEWAY = { address: "192.0.2.1", port: 5060 };

function subscribe(number: number, { from = "mallory", event = "dance" } = {}): readonly string[] {
  return [
    "SUBSCRIBE sip:bob@acme.example SIP/2.0",
    `Via: SIP/2.0/UDP ${FLOODER}:5060;branch=z9hG4bK-flood-${number};rport`,
    "Max-Forwards: 70",
    `From: <sip:${from}@acme.example>;tag=${number}`,
    "To: <sip:bob@acme.example>",
    `Call-ID: flood-${number}`,
    `CSeq: ${number} SUBSCRIBE`,
    `Event: ${event}`,
    `Contact: <sip:mallory@${FLOODER}>`,
    "Content-Length: 0",
    "",
    "",
  ];
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** 10,000 requests in one second, each tenth of them at once. `between` runs after each tenth. Returns the answers. */
async function flood(
  office: Office,
  request: (number: number) => readonly string[],
  between: () => Promise<void>,
): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  const socket = await office.network.bindDatagram({ address: FLOODER, port: 5060 }, (bytes) => {
    const text = bytes.toString("latin1");
    answers.push({ status: Number(text.slice("SIP/2.0 ".length, "SIP/2.0 xyz".length)), text });
  });
  for (let tenth = 0; tenth < 10; tenth++) {
    for (let number = 1; number <= 1_000; number++)
      await socket.send(Buffer.from(request(tenth * 1_000 + number).join("\r\n")), GATEWAY);
    await between();
    await office.clock.advance(80);
  }
  return answers;
}

test("10,000 SUBSCRIBEs in a second that repeat one refused: few are looked at, nothing is kept of them", async () => {
  const office = await Office.open({ challenged: true });
  const alice = await office.phone("alice", "192.0.2.10");
  const timers = office.clock.pending;
  const answers = await flood(
    office,
    (number) => subscribe(number),
    async () => {
      expect((await alice.register()).status).toBe(401);
    },
  );
  expect(answers.length).toBeGreaterThan(9_000);
  expect(answers.every(({ status }) => status === 489 || status === 503)).toBe(true);
  expect(office.gateway.stack.inspect().transactions.server).toBeLessThanOrEqual(10 + FREE_REPETITIONS + 1);
  expect(office.gateway.door.held).toMatchObject({ sources: 2, refusals: 1 });
  expect(office.gateway.door.held.waiting).toBeLessThanOrEqual(1);
  expect(office.clock.pending - timers).toBeLessThanOrEqual(20);
});

test("10,000 different SUBSCRIBEs in a second: a source gets its share and is told to wait, others are served", async () => {
  const office = await Office.open({
    challenged: true,
    settings: { "limit.requests-per-second": "100", "limit.burst": "200" },
  });
  const alice = await office.phone("alice", "192.0.2.10");
  const answers = await flood(
    office,
    (number) => subscribe(number, { from: `m${number}`, event: "presence" }),
    async () => {
      expect((await alice.register()).status).toBe(401);
    },
  );
  const refused = answers.filter(({ status }) => status === 503);
  expect(answers.length - refused.length).toBeLessThanOrEqual(300);
  expect(refused[0]?.text).toContain("\r\nRetry-After: 1\r\n");
  expect(office.gateway.stack.inspect().transactions.server).toBeLessThanOrEqual(310);
  expect(office.gateway.meters.metrics.exposition()).toMatch(
    /refused_at_the_door_total\{reason="too-many-requests"\} 9\d{3}/,
  );
});

test("a subscriber that asks again as soon as it is refused is answered later and later", async () => {
  const office = await Office.open();
  const phone = await office.phone("alice", "192.0.2.10");
  const waits: number[] = [];
  for (let number = 1; number <= FREE_REPETITIONS + 4; number++) {
    const asked = office.clock.monotonic();
    await phone.peer.send(subscribe(number, { from: "alice" }));
    while (phone.responses().length < number) await office.clock.advance(10);
    waits.push(office.clock.monotonic() - asked);
  }
  const table = waits.slice(FREE_REPETITIONS + 1);
  expect(waits.slice(0, FREE_REPETITIONS + 1).every((wait) => wait < 50)).toBe(true);
  expect(table.map((wait) => Math.round(wait / 50) * 50)).toEqual([FIRST_WAIT, FIRST_WAIT * 2, FIRST_WAIT * 4]);
  expect(phone.responses().at(-1)).toMatchObject({ status: 489 });
  expect(phone.responses().at(-1)?.headers.get("allow-events")).toContain("presence");
});

test("a retransmission of what waits for its answer gets no other one", async () => {
  const office = await Office.open();
  const phone = await office.phone("alice", "192.0.2.10");
  for (let number = 1; number <= FREE_REPETITIONS + 1; number++) {
    await phone.peer.send(subscribe(number, { from: "alice" }));
    await office.settle();
  }
  const before = phone.responses().length;
  for (let count = 0; count < 3; count++) await phone.peer.send(subscribe(99, { from: "alice" }));
  await office.settle();
  expect(phone.responses()).toHaveLength(before);
  await office.clock.advance(FIRST_WAIT);
  expect(phone.responses()).toHaveLength(before + 1);
});

test("after a while a refused request is looked at again: things change", async () => {
  const office = await Office.open();
  const alice = await office.phone("alice", "192.0.2.10");
  for (let number = 0; number < 9; number++)
    await alice.send("SUBSCRIBE", { to: "dora", headers: ["Event: presence"] });
  office.store.accounts.put({ aor: "sip:dora@acme.example", administrator: false, disabled: false });
  await office.clock.advance(REFUSAL_KEPT);
  expect((await alice.watch("dora")).status).toBe(200);
});

test("who is exempt is not counted", async () => {
  const office = await Office.open({
    settings: { "limit.requests-per-second": "1", "limit.burst": "1", "limit.exempt": "192.0.2.0/28" },
  });
  const alice = await office.phone("alice", "192.0.2.10");
  const other = await office.phone("bob", "192.0.2.20");
  for (let count = 0; count < 5; count++) expect((await alice.register()).status).toBe(200);
  expect([(await other.register()).status, (await other.register()).status]).toEqual([200, 503]);
});
