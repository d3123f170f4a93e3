import { describe, expect, test } from "vitest";
import { formatListening, parseListening } from "../../../../core/sip/transport/flow.ts";

describe("a listener as text", () => {
  test.each(["udp:0.0.0.0:5060", "tls:[2001:db8::1]:5061", "tcp:office.example:5060", "tcp:127.0.0.1:0"])(
    "%s is read",
    (text) => {
      const parsed = parseListening(text);
      expect(parsed && formatListening(parsed.transport, { address: parsed.host, port: parsed.port })).toBe(text);
    },
  );

  test.each([
    "",
    "udp",
    "udp:5060",
    "ws:127.0.0.1:80",
    "tcp:127.0.0.1:65536",
    "tcp:2001:db8::1:5060",
    "tcp:a b:1",
    "tcp:h:-1",
  ])("%j is none", (text) => expect(parseListening(text)).toBeUndefined());
});
