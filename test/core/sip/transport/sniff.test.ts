import { expect, test } from "vitest";
import { looksLikeHttp } from "../../../../core/sip/transport/sniff.ts";

test.each([
  ["GET / HTTP/1.1", true],
  ["PUT /xcap-root/x HTTP/1.1", true],
  ["OPTIONS /", true],
  ["OPTIONS sip:b.example SIP/2.0", false],
  ["SIP/2.0 200 OK", false],
  ["\r\n\r\n", false],
  ["REGISTER", undefined],
  ["REGISTER ", undefined],
  ["", undefined],
  ["x".repeat(33), false],
])("%j: HTTP is %s", (text, expected) => {
  expect(looksLikeHttp(Buffer.from(text))).toBe(expected);
});
