/** A running office looked after: what its health says when the ground under it gives way. */
import { expect, onTestFinished, test } from "vitest";
import { silentLog } from "../../../../core/platform/log.ts";
import { Operation } from "../../../../core/server/operation/operation.ts";
import { makeAuthority, makeServerCertificate } from "../../../../core/certificates/authority.ts";
import { Office } from "../office.ts";

async function lookedAfter() {
  const office = await Office.open();
  const now = office.clock.now();
  const authority = await makeAuthority({ name: "acme", now });
  const made = await makeServerCertificate({ authority, domain: "acme.example", hosts: [], now });
  const { clock, store, gateway } = office;
  const identity = { certificate: made.chain, key: made.privateKey, authority: "", fingerprint: "" };
  const disk = async () => undefined;
  const operation = new Operation({ clock, log: silentLog, store, gateway, identity, disk });
  onTestFinished(() => operation.close());
  const problems = async (): Promise<readonly string[]> => {
    const found = operation.problems();
    await office.settle();
    return (await found).map(({ code }) => code);
  };
  return { office, operation, problems };
}

test("all is well at first", async () => {
  const { problems } = await lookedAfter();
  expect(await problems()).toEqual([]);
});

test("a store that takes no changes is told, and believed to be well again when it is", async () => {
  const { office, problems } = await lookedAfter();
  const { set } = office.store.settings;
  Object.assign(office.store.settings, {
    set() {
      throw new Error("attempt to write a readonly database");
    },
  });
  expect(await problems()).toEqual(["store"]);
  Object.assign(office.store.settings, { set });
  expect(await problems()).toEqual(["store"]);
  await office.clock.advance(30_000);
  expect(await problems()).toEqual([]);
});

test("a listener that somebody closed is missed", async () => {
  const { office, problems } = await lookedAfter();
  office.gateway.stack.transport.stopListening();
  expect(await problems()).toEqual(["listener"]);
});

test("the figures also tell of memory and of the event loop", async () => {
  const { office, operation } = await lookedAfter();
  await operation.serve({ address: "127.0.0.1", port: 0 });
  const figures = office.gateway.meters.metrics.exposition();
  expect(figures).toMatch(/hallway_memory_bytes\{of="heap"\} [1-9]/);
  expect(figures).toMatch(/hallway_event_loop_delay_seconds\{quantile="0\.99"\} [0-9]/);
});
