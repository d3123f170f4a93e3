import { describe, expect, test } from "vitest";
import { formatResourceList, MAX_MEMBERS, parseResourceLists } from "../../../core/payload/resource-lists.ts";

/** After the example of RFC 4826 §3.3, with what it nests and refers to. */
const EXAMPLE = `<?xml version="1.0" encoding="UTF-8"?>
<resource-lists xmlns="urn:ietf:params:xml:ns:resource-lists" xmlns:other="urn:other">
  <list name="friends">
    <display-name>My friends</display-name>
    <entry uri="sip:bill@example.com" other:mark="1">
      <display-name>Bill Doe</display-name>
    </entry>
    <entry-ref ref="resource-lists/users/sip:a@example.com/index/~~/resource-lists/list%5b@name=%22l%22%5d"/>
    <list name="close-friends">
      <entry uri="sip:joe@example.com"/>
    </list>
    <entry uri="sip:nancy@example.com"/>
    <entry/>
  </list>
  <list/>
</resource-lists>`;

describe("resource lists (RFC 4826)", () => {
  test("are read with their names, nested lists included; references are passed over", () => {
    expect(parseResourceLists(EXAMPLE)).toEqual({
      ok: true,
      value: [
        { uri: "sip:bill@example.com", name: "Bill Doe" },
        { uri: "sip:joe@example.com" },
        { uri: "sip:nancy@example.com" },
      ],
    });
  });

  test("are read as they were written, whatever stands in a name", () => {
    const members = [{ uri: "sip:a&b@x.example", name: '<Ö & "Sons">' }, { uri: "sip:b@x.example" }];
    expect(parseResourceLists(formatResourceList(members))).toEqual({ ok: true, value: members });
  });

  test("are told from other documents, from none, and from those that are too long", () => {
    expect(parseResourceLists("<list/>")).toMatchObject({ ok: false, error: { code: "xml-unexpected" } });
    expect(parseResourceLists("<resource-lists").ok).toBe(false);
    const many = Array.from({ length: MAX_MEMBERS + 1 }, (_one, index) => ({ uri: `sip:${index}@x.example` }));
    expect(parseResourceLists(formatResourceList(many))).toMatchObject({ error: { code: "list-too-long" } });
  });
});
