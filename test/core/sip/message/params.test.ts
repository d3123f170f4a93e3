import { expect, test } from "vitest";
import { limits } from "../../../../core/sip/message/limits.ts";
import { formatParams, parseParams } from "../../../../core/sip/message/params.ts";

test("flags, tokens, quoted strings and addresses", () => {
  const params = parseParams(';lr ; Tag = a1;x="a;\\"b\\"";received=2001:db8::1;empty=');
  expect(Object.fromEntries(params ?? [])).toEqual({
    lr: undefined,
    tag: "a1",
    x: '"a;\\"b\\""',
    received: "2001:db8::1",
    empty: "",
  });
  expect(params && formatParams(params)).toBe(';lr;tag=a1;x="a;\\"b\\"";received=2001:db8::1;empty=');
});

test("the first of two equal names counts", () => expect(parseParams(";a=1;A=2")?.get("a")).toBe("1"));

test.each([";", ";;a", ";a;", "a", ";a b", ';a="b', ";a=<b>", ";a=b,c", ";=b"])("%j is malformed", (text) =>
  expect(parseParams(text)).toBeUndefined(),
);

test("more than the limit is malformed", () => {
  const list = (count: number): string => Array.from({ length: count }, (_, at) => `;p${at}`).join("");
  expect(parseParams(list(limits.paramCount))?.size).toBe(limits.paramCount);
  expect(parseParams(list(limits.paramCount + 1))).toBeUndefined();
});
