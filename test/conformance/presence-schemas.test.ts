/** What the presence agent writes is valid by the RFCs' schemas. */
import { describe, expect, test } from "vitest";
import { parseMultipart } from "../../core/payload/multipart.ts";
import { formatResourceList } from "../../core/payload/resource-lists.ts";
import { contentType, unquote } from "../../core/sip/message/fields.ts";
import { canValidate, presenceErrors, schemaErrors } from "../core/payload/suites.ts";
import { Office } from "../core/server/office.ts";

describe.skipIf(!canValidate)("notifications (skipped without xmllint or the schemas)", () => {
  test("of presence, watcher information and lists", async () => {
    const office = await Office.open();
    const [alice, bob] = [await office.phone("alice", "192.0.2.10"), await office.streamPhone("bob")];
    await alice.register('<sip:alice@192.0.2.10>;+sip.instance="<urn:uuid:1>"');
    await alice.publish("in-a-meeting");
    await alice.publish("do-not-disturb", { tuple: "t2" });
    const contact = (name: string, at: string): string => `Contact: <sip:${name}@${at}>`;
    await bob.watch("alice", { callId: "presence" });
    await bob.ask("SUBSCRIBE", {
      callId: "list",
      headers: [
        "Event: presence",
        contact("bob", bob.at),
        "Supported: eventlist",
        "Require: recipient-list-subscribe",
        "Content-Type: application/resource-lists+xml",
      ],
      body: formatResourceList([{ uri: "sip:alice@acme.example", name: "Alice & co" }, { uri: "sip:no@acme.example" }]),
    });
    await alice.ask("SUBSCRIBE", { callId: "winfo", headers: ["Event: presence.winfo", contact("alice", alice.at)] });
    const [presence, list] = bob.requests("NOTIFY");
    expect(presenceErrors(presence?.body.toString() ?? "")).toBe("");
    expect(schemaErrors("watcherinfo.xsd", alice.requests("NOTIFY")[0]?.body.toString() ?? "")).toBe("");
    const boundary = unquote((list && contentType(list)?.params.get("boundary")) ?? "");
    const [meta, member] = parseMultipart(list?.body ?? Buffer.alloc(0), boundary) ?? [];
    expect(schemaErrors("rlmi.xsd", meta?.body.toString() ?? "")).toBe("");
    expect(presenceErrors(member?.body.toString() ?? "")).toBe("");
  });
});
