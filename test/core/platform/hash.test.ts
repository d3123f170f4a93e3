import { expect, test } from "vitest";
import { keyedHash, sha256Hex } from "../../../core/platform/hash.ts";

test("SHA-256 is that of FIPS 180-4's example", () => {
  expect(sha256Hex("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
});

test("the keyed hash is that of RFC 4231, case 2", () => {
  expect(keyedHash(Buffer.from("Jefe"), "what do ya want for nothing?")).toBe(
    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
  );
});
