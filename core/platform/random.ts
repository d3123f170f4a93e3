import { randomBytes } from "node:crypto";

/** Randomness as an argument, so that tests can repeat a run. */
export interface Random {
  bytes(count: number): Buffer;
  /** A number in [0, 1). Not for secrets. */
  fraction(): number;
}

/** Bytes that are asked of the system at once: asking costs more than the bytes do. */
const STOCK = 4_096;

/** The machine's cryptographic source. */
export function systemRandom(): Random {
  let stock = Buffer.alloc(0);
  const bytes = (count: number): Buffer => {
    if (count > STOCK / 8) return randomBytes(count);
    if (stock.length < count) stock = randomBytes(STOCK);
    // A copy, and nothing left behind: what was given away is its owner's secret.
    const given = Buffer.from(stock.subarray(0, count));
    stock.fill(0, 0, count);
    stock = stock.subarray(count);
    return given;
  };
  return { bytes, fraction: () => bytes(4).readUInt32BE() / 2 ** 32 };
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
