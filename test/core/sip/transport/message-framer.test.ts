import { expect, test } from "vitest";
import { MessageFramer } from "../../../../core/sip/transport/message-framer.ts";

test.each([
  ["\r\n\r\n", "ping"],
  ["\r\n", "pong"],
  ["", "message"],
  ["\r\n\r\n\r\n", "message"],
  ["MESSAGE sip:a@b SIP/2.0\r\n\r\n", "message"],
])("%j alone in its chunk is a %s", (text, kind) => {
  expect(new MessageFramer().push(Buffer.from(text)).map((frame) => frame.kind)).toEqual([kind]);
});
