import { describe, expect, test } from "vitest";
import { toTag } from "../../../../core/sip/message/fields.ts";
import { reasonPhrase, request, responseTo } from "../../../../core/sip/message/message.ts";
import { serialize } from "../../../../core/sip/message/serialize.ts";
import { requestWith } from "./message-text.ts";

describe("a request", () => {
  test("is made from its parts", () => {
    const message = request("MESSAGE", "sip:bob@biloxi.com", [["To", "<sip:bob@biloxi.com>"]], "Zoë");
    expect(serialize(message).toString("utf8")).toBe(
      "MESSAGE sip:bob@biloxi.com SIP/2.0\r\nTo: <sip:bob@biloxi.com>\r\nContent-Length: 4\r\n\r\nZoë",
    );
  });

  test.each([
    ["MES SAGE", "sip:a@b"],
    ["MESSAGE", "sip:a@b SIP/2.0\r\nVia: x"],
    ["MESSAGE", "sip:a@b x"],
    ["MESSAGE", ""],
  ])("%j %j cannot be made", (method, uri) => expect(() => request(method, uri, [])).toThrow(TypeError));
});

describe("a response", () => {
  const original = requestWith([
    "v: SIP/2.0/TCP  second ;hidden",
    "Record-Route: <sip:p1;lr>",
    "Timestamp: 54",
    "Subject: x",
  ]);

  test("copies byte for byte what it has to", () => {
    const response = responseTo(original, 200, { toTag: "a6c85cf" });
    expect(serialize(response).toString("latin1")).toBe(
      [
        "SIP/2.0 200 OK",
        "Via: SIP/2.0/UDP pc33.atlanta.com;branch=z9hG4bK776asdhds",
        "To: Bob <sip:bob@biloxi.com>;tag=a6c85cf",
        "From: Alice <sip:alice@atlanta.com>;tag=1928301774",
        "Call-ID: a84b4c76e66710@pc33.atlanta.com",
        "CSeq: 314159 OPTIONS",
        "v: SIP/2.0/TCP  second ;hidden",
        "Content-Length: 0",
        "",
        "",
      ].join("\r\n"),
    );
  });

  test("a tag that is there stays", () => {
    const tagged = { ...original, headers: original.headers.with("To", "sip:bob@biloxi.com;tag=1") };
    expect(toTag(responseTo(tagged, 200, { toTag: "2" }))).toBe("1");
  });

  test("a To without brackets gets its tag as a header parameter", () => {
    const bare = { ...original, headers: original.headers.with("To", "sip:bob@biloxi.com") };
    expect(toTag(responseTo(bare, 404, { toTag: "2" }))).toBe("2");
  });

  test("a 100 gets the Timestamp and no tag", () => {
    const trying = responseTo(original, 100, { toTag: "2" });
    expect(trying.headers.get("timestamp")).toBe("54");
    expect(toTag(trying)).toBeUndefined();
    expect(responseTo(original, 200).headers.has("timestamp")).toBe(false);
  });

  test("takes reason, route set, headers and body on wish", () => {
    const response = responseTo(original, 420, {
      reason: "No",
      copyRecordRoute: true,
      headers: [["Unsupported", "x"]],
      body: Buffer.from("b"),
    });
    expect(response).toMatchObject({ status: 420, reason: "No", body: Buffer.from("b") });
    expect(response.headers.get("record-route")).toBe("<sip:p1;lr>");
    expect(response.headers.get("unsupported")).toBe("x");
  });

  test("a malformed request can be answered too", () => {
    const broken = requestWith(["To: again", "CSeq: 7 X"], ["From"]);
    const response = responseTo(broken, 400, { toTag: "t" });
    expect(response.headers.count("to")).toBe(1);
    expect(response.headers.count("cseq")).toBe(1);
    expect(response.headers.has("from")).toBe(false);
  });

  test("faults of the programmer throw", () => {
    expect(() => responseTo(original, 99)).toThrow(RangeError);
    expect(() => responseTo(original, 700)).toThrow(RangeError);
    expect(() => responseTo(original, 200, { reason: "a\r\nb" })).toThrow(TypeError);
    expect(() => responseTo(original, 200, { toTag: "a b" })).toThrow(TypeError);
  });
});

test.each([
  [200, "OK"],
  [202, "Accepted"],
  [423, "Interval Too Brief"],
  [430, "Flow Failed"],
  [489, "Bad Event"],
  [299, "OK"],
  [499, "Bad Request"],
  [699, "Busy Everywhere"],
])("%d is %s", (status, reason) => expect(reasonPhrase(status)).toBe(reason));
