import { describe, expect, test } from "vitest";
import { serialize } from "../../../../core/sip/message/serialize.ts";
import { bytesOf, essentials, messageOf } from "./message-text.ts";

const startLine = "OPTIONS sip:bob@biloxi.com SIP/2.0";

test("what was read leaves byte for byte", () => {
  const bytes = bytesOf(
    [startLine, ...essentials, "NewFangled :  ;;,,;;,; \t", "SUBJECT:\ta\r\n\t b \u00ff\0", "l : 3"],
    "a\0\u00ff",
  );
  expect(serialize(messageOf(bytes))).toEqual(bytes);
});

describe("Content-Length", () => {
  const lengthLines = (lines: readonly string[], body: string): readonly string[] => {
    const message = messageOf(bytesOf([startLine, ...essentials], body));
    let { headers } = message;
    for (const line of lines) headers = headers.append("Content-Length", line);
    return serialize({ ...message, headers })
      .toString("latin1")
      .split("\r\n")
      .filter((line) => line.startsWith("Content-Length"));
  };

  test("is added", () => expect(lengthLines([], "four")).toEqual(["Content-Length: 4"]));
  test("is put right", () => expect(lengthLines(["9"], "four")).toEqual(["Content-Length: 4"]));
  test("stands once", () => expect(lengthLines(["4", "4"], "four")).toEqual(["Content-Length: 4"]));
  test("counts bytes", () => expect(lengthLines([], "\u00c3\u00a9")).toEqual(["Content-Length: 2"]));
});

test("a response without reason keeps its space", () => {
  expect(serialize(messageOf(bytesOf(["SIP/2.0 100", ...essentials]))).toString()).toMatch(/^SIP\/2\.0 100 \r\n/);
});
