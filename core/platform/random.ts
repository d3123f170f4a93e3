import { randomBytes } from "node:crypto";

/** Randomness as an argument, so that tests can repeat a run. */
export interface Random {
  bytes(count: number): Buffer;
  /** A number in [0, 1). Not for secrets. */
  fraction(): number;
}

/** The machine's cryptographic source. */
export function systemRandom(): Random {
  return {
    bytes: (count) => randomBytes(count),
    fraction: () => randomBytes(4).readUInt32BE() / 2 ** 32,
  };
}

/** Random bytes as lower-case hexadecimal: safe in every SIP token. 8 bytes exceed the 32 bits of RFC 3261 §19.3. */
export function token(random: Random, bytes = 8): string {
  return random.bytes(bytes).toString("hex");
}

/** A random identifier in the form of RFC 9562 version 4. */
export function uuid(random: Random): string {
  const bytes = random.bytes(16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
