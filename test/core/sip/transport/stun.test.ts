import { describe, expect, test } from "vitest";
import type { StunMessage } from "../../../../core/sip/transport/stun.ts";
import {
  bindingRefusal,
  bindingRequest,
  bindingSuccess,
  looksLikeStun,
  MAX_STUN_ATTRIBUTES,
  MAX_STUN_BYTES,
  readStun,
} from "../../../../core/sip/transport/stun.ts";
import { written } from "../../../support/sip-lines.ts";

const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(/\s/g, ""), "hex");

/** RFC 5769 §2.1: a request with SOFTWARE, PRIORITY, ICE-CONTROLLED, USERNAME, MESSAGE-INTEGRITY and FINGERPRINT. */
const REQUEST = bytes(`
  00010058 2112a442 b7e7a701bc34d686fa87dfae
  80220010 5354554e207465737420636c69656e74
  00240004 6e0001ff
  80290008 932ff9b151263b36
  00060009 6576746a3a68367659202020
  00080014 9aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2
  80280004 e57a3bcf`);

/** RFC 5769 §2.2: a response with an IPv4 address. */
const RESPONSE_4 = bytes(`
  0101003c 2112a442 b7e7a701bc34d686fa87dfae
  8022000b 7465737420766563746f7220
  00200008 0001a147e112a643
  00080014 2b91f599fd9e90c38c7489f92af9ba53f06be7d7
  80280004 c07d4c96`);

/** RFC 5769 §2.3: the same with IPv6. */
const RESPONSE_6 = bytes(`
  01010048 2112a442 b7e7a701bc34d686fa87dfae
  8022000b 7465737420766563746f7220
  00200014 0002a1470113a9faa5d3f179bc25f4b5bed2b9d9
  00080014 a382954e4be67bf11784c97c8292c275bfe3ed41
  80280004 c8fb0b4c`);

/** RFC 5769 §2.4: a request with long-term credentials, a user name beyond ASCII, and no fingerprint. */
const LONG_TERM = bytes(`
  00010060 2112a442 78ad3433c6ad72c029da412e
  00060012 e3839ee38388e383aae38383e382afe382b90000
  0015001c 662f2f3439396b3935346436 4f4c33346f4c394653547679363473 41
  0014000b 6578616d706c652e6f726700
  00080014 f67024656dd64a3e02b8e0712e85c9a28ca89666`);

const TRANSACTION = "b7e7a701bc34d686fa87dfae";

describe("the vectors of RFC 5769", () => {
  test("a request is read, and what ICE alone understands is named", () => {
    const request = readStun(REQUEST);
    expect(request).toMatchObject({ kind: "request", unknown: [0x0024], hasFingerprint: true });
    expect(request?.transaction.toString("hex")).toBe(TRANSACTION);
  });

  test("a request with credentials is read, though nobody asked for them", () => {
    expect(readStun(LONG_TERM)).toMatchObject({ kind: "request", unknown: [], hasFingerprint: false });
  });

  test.each([
    ["IPv4", RESPONSE_4, { address: "192.0.2.1", port: 32_853 }],
    ["IPv6", RESPONSE_6, { address: "2001:db8:1234:5678:11:2233:4455:6677", port: 32_853 }],
  ])(
    "an %s response tells where the request came from, and ours for that address has the same bytes",
    (_name, given, mapped) => {
      const response = readStun(given);
      expect(response).toMatchObject({ kind: "success", mapped, hasFingerprint: true });
      const asked: StunMessage = {
        kind: "request",
        transaction: bytes(TRANSACTION),
        unknown: [],
        hasFingerprint: false,
      };
      const attribute = given.subarray(36, given.length - 32);
      expect(bindingSuccess(asked, mapped).subarray(20)).toEqual(attribute);
    },
  );

  test.each([
    ["request", REQUEST],
    ["IPv4 response", RESPONSE_4],
    ["IPv6 response", RESPONSE_6],
  ])("one changed bit of the %s anywhere is noticed", (_name, given) => {
    // But for the fingerprint's own name: without it there is none to judge by.
    for (let at = 0; at < given.length; at++) {
      if (at === given.length - 8 || at === given.length - 7) continue;
      const changed = Buffer.from(given);
      changed.writeUInt8((changed[at] ?? 0) ^ 0x04, at);
      expect(readStun(changed), `byte ${at}`).toBeUndefined();
    }
  });
});

describe("what we write", () => {
  const request = bindingRequest(bytes(TRANSACTION));

  test("is a request of a header alone", () => {
    expect(request.toString("hex")).toBe(`000100002112a442${TRANSACTION}`);
    expect(readStun(request)).toMatchObject({ kind: "request", unknown: [], hasFingerprint: false });
  });

  test.each(["192.0.2.7", "127.0.0.1", "::1", "2001:db8::7", "fe80::1:2"])(
    "tells %s to whoever asked from there",
    (address) => {
      const asked = readStun(request);
      const answer = asked && readStun(bindingSuccess(asked, { address, port: 65_535 }));
      expect(answer).toMatchObject({ kind: "success", mapped: { address, port: 65_535 }, hasFingerprint: false });
      expect(answer?.transaction).toEqual(asked?.transaction);
    },
  );

  test("has a fingerprint where the question had one", () => {
    const asked = readStun(REQUEST);
    expect(asked && readStun(bindingSuccess(asked, { address: "192.0.2.7", port: 9 }))).toMatchObject({
      hasFingerprint: true,
    });
    expect(asked && readStun(bindingRefusal(asked))).toMatchObject({ kind: "error", hasFingerprint: true });
  });

  test("names in a refusal what was not understood", () => {
    const asked = readStun(REQUEST);
    const refusal = asked ? bindingRefusal(asked).toString("hex") : "";
    expect(refusal).toContain(`0009001500000414${Buffer.from("Unknown Attribute").toString("hex")}`);
    expect(refusal).toContain("000a00020024");
  });
});

describe("what is not STUN", () => {
  test.each([
    ["SIP", Buffer.from(written())],
    ["a keep-alive", Buffer.from("\r\n\r\n")],
    ["NUL bytes", Buffer.alloc(4)],
    ["nothing", Buffer.alloc(0)],
    ["a header without the cookie", Buffer.alloc(20)],
    ["half a header", REQUEST.subarray(0, 19)],
    ["another method", bytes(`00030000 2112a442 ${TRANSACTION}`)],
  ])("is left to others, or dropped: %s", (_name, given) => {
    expect(readStun(given)).toBeUndefined();
  });

  test("is told by its first bytes", () => {
    expect(looksLikeStun(REQUEST)).toBe(true);
    expect(looksLikeStun(Buffer.from(written()))).toBe(false);
    expect(looksLikeStun(Buffer.alloc(20))).toBe(false);
  });
});

describe("a message that does not hold together is dropped", () => {
  const header = (length: number): string => `0001${length.toString(16).padStart(4, "0")}2112a442${TRANSACTION}`;

  test.each([
    ["a length beyond its end", header(4)],
    ["bytes beyond its length", `${header(0)}80220000`],
    ["a length that is no multiple of four", `${header(6)}80220002ffff`],
    ["an attribute beyond its end", `${header(4)}802200ff`],
    ["something behind the fingerprint", `${REQUEST.toString("hex")}80220000`.replace("00010058", "0001005c")],
  ])("%s", (_name, hex) => {
    expect(readStun(bytes(hex))).toBeUndefined();
  });

  test("more attributes than MAX_STUN_ATTRIBUTES", () => {
    const many = (count: number): Buffer => bytes(header(4 * count) + "80220000".repeat(count));
    expect(readStun(many(MAX_STUN_ATTRIBUTES))).toBeDefined();
    expect(readStun(many(MAX_STUN_ATTRIBUTES + 1))).toBeUndefined();
  });

  test("more bytes than MAX_STUN_BYTES", () => {
    const long = (length: number): Buffer =>
      bytes(`${header(length - 20)}8022${(length - 24).toString(16).padStart(4, "0")}${"00".repeat(length - 24)}`);
    expect(readStun(long(MAX_STUN_BYTES))).toBeDefined();
    expect(readStun(long(MAX_STUN_BYTES + 4))).toBeUndefined();
  });
});
