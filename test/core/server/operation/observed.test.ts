/** What the office says of itself in figures. */
import { expect, test } from "vitest";
import { Office } from "../office.ts";

test("the figures tell of requests, people, subscriptions and messages", async () => {
  const office = await Office.open({ people: ["alice", "bob"] });
  const alice = await office.phone("alice", "192.0.2.10");
  const bob = await office.phone("bob", "192.0.2.11");
  await alice.register();
  await alice.publish("available");
  await alice.watch("bob");
  await alice.answerAll();
  await alice.message("bob", "later");
  await bob.register();
  await bob.answerAll();
  await bob.message("alice", "now");
  await alice.answerAll();
  await bob.message("nobody", "never");
  const figures = office.gateway.meters.metrics.exposition();
  for (const line of [
    'hallway_requests_total{method="REGISTER",class="2xx"} 2',
    'hallway_messages_total{fate="stored"} 1',
    'hallway_messages_total{fate="delivered"} 1',
    'hallway_messages_total{fate="relayed"} 1',
    'hallway_messages_total{fate="refused"} 1',
    "hallway_registrations 2",
    "hallway_people_online 2",
    'hallway_subscriptions{event="presence",state="active"} 1',
    "hallway_publications 1",
    "hallway_messages_waiting 0",
    'hallway_sent_requests_total{method="MESSAGE",result="2xx"} 2',
  ])
    expect(figures).toContain(`${line}\n`);
  expect(figures).toMatch(/hallway_store_commit_seconds_count [1-9]/);
});

test("wrong passwords, broken messages and strange methods are counted, the last under one name", async () => {
  const office = await Office.open({ challenged: true });
  const alice = await office.phone("alice", "192.0.2.10");
  const wrong = `Digest username="alice",realm="acme.example",nonce="x",uri="sip:acme.example",response="${"0".repeat(64)}",algorithm=SHA-256,qop=auth,nc=00000001,cnonce="c"`;
  await alice.register(undefined, { headers: [`Authorization: ${wrong}`] });
  await alice.peer.send("REGISTER nonsense\r\n\r\n");
  await alice.send("DANCE");
  const figures = office.gateway.meters.metrics.exposition();
  expect(figures).toContain('hallway_authentication_failures_total{kind="wrong"} 1\n');
  expect(figures).toContain("hallway_malformed_messages_total 1\n");
  expect(figures).toContain('hallway_requests_total{method="other",class="4xx"} 1\n');
});
