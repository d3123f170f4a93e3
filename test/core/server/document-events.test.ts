import { describe, expect, test } from "vitest";
import { NAMESPACE } from "../../../core/payload/namespaces.ts";
import { formatResourceList } from "../../../core/payload/resource-lists.ts";
import { elements, parseXml } from "../../../core/payload/xml.ts";
import { DocumentEvents, MAX_SELECTED } from "../../../core/server/document-events.ts";
import { Documents } from "../../../core/server/documents.ts";
import { GatewaySettings } from "../../../core/server/settings.ts";
import { canValidate, schemaErrors } from "../payload/suites.ts";
import { Office } from "./office.ts";
import type { Subscription } from "../../../core/sip/event/notifier.ts";
import type { Notifier } from "../../../core/sip/event/notifier.ts";
import { request } from "../../../core/sip/message/message.ts";
import { seededRandom } from "../../support/seeded-random.ts";

const ALICE = "sip:alice@acme.example";
const PATH = `pres-rules/users/${ALICE}/index`;

/** Alice's documents, and a subscription of hers to those that she names. */
async function subscribed(...named: readonly string[]) {
  const office = await Office.open();
  const notified: string[] = [];
  const body = named.length === 0 ? "" : formatResourceList(named.map((uri) => ({ uri })));
  const headers: [string, string][] = [["Content-Type", "application/resource-lists+xml"]];
  let live: readonly Subscription[] = [];
  const notifier = { list: () => live, notify: (id: string) => void notified.push(id) } as unknown as Notifier;
  const documents: Documents = new Documents({
    random: seededRandom(),
    store: office.store,
    rulesChanged: () => undefined,
    lastingChanged: () => undefined,
    documentChanged: (change) => events.changed(change),
  });
  const events = new DocumentEvents({ settings: new GatewaySettings(office.store.settings), documents, notifier });
  const admission = events.admit("xcap-diff", ALICE, ALICE, request("SUBSCRIBE", ALICE, headers, body));
  if (!("state" in admission)) throw new Error(String(admission.status));
  const subscription = { id: "s", resource: ALICE, ...admission } as Subscription;
  live = [subscription];
  const put = async (application: string): Promise<string> => {
    const change = documents.change({ aor: ALICE, application, name: "index", contentType: "" }, (old) => ({
      body: "<x/>",
      created: !old,
    }));
    await office.settle();
    const outcome = await change;
    return "etag" in outcome ? outcome.etag : "";
  };
  const told = (): readonly unknown[] => {
    const { body: text } = events.render(subscription);
    if (canValidate) expect(schemaErrors("xcapdiff.xsd", String(text))).toBe("");
    const parsed = parseXml(text);
    if (!parsed.ok) return [parsed.error.code];
    expect(parsed.value.namespace).toBe(NAMESPACE.xcapDiff);
    return elements(parsed.value).map(({ attributes }) => Object.fromEntries(attributes));
  };
  return { office, documents, notified, put, told };
}

describe("changes of documents (RFC 5875)", () => {
  test("are told by their tags: what is there at first, then what was changed", async () => {
    const { office, put, told, notified, documents } = await subscribed(PATH);
    const first = await put("pres-rules");
    expect(told()).toEqual([{ sel: PATH, "new-etag": first }]);
    await put("pres-rules");
    const third = await put("pres-rules");
    expect(told()).toEqual([{ sel: PATH, "new-etag": third, "previous-etag": first }]);
    const removed = documents.remove(ALICE, "pres-rules", "index", () => true);
    await office.settle();
    expect([await removed, told(), notified.length]).toEqual(["removed", [{ sel: PATH, "previous-etag": third }], 4]);
  });

  test("of other documents than those that were named make no noise", async () => {
    const { put, notified } = await subscribed(PATH);
    await put("resource-lists");
    expect(notified).toEqual([]);
  });

  test("can be asked for by collection, by another name, or all at once", async () => {
    const collection = await subscribed(`resource-lists/users/${ALICE}/`);
    await collection.put("resource-lists");
    const alias = await subscribed(`https://x/xcap-root/org.openmobilealliance.pres-rules/users/${ALICE}/pres-rules`);
    await alias.put("pres-rules");
    const everything = await subscribed();
    await everything.put("rls-services");
    expect([collection, alias, everything].map(({ notified }) => notified.length)).toEqual([1, 1, 1]);
  });

  test("are for their owner, and for as many as are allowed", async () => {
    const office = await Office.open();
    const bob = await office.phone("bob", "192.0.2.20");
    const ask = async (to: string, body: string): Promise<number> => {
      const headers = [
        "Event: xcap-diff",
        `Contact: <sip:bob@${bob.at}>`,
        "Content-Type: application/resource-lists+xml",
      ];
      return (await bob.ask("SUBSCRIBE", { to, callId: `${to}-${body.length}`, headers, body })).status;
    };
    const many = formatResourceList(Array.from({ length: MAX_SELECTED + 1 }, (_, index) => ({ uri: `d${index}` })));
    expect([await ask("alice", ""), await ask("bob", many), await ask("bob", "")]).toEqual([403, 400, 200]);
  });
});
