import { createHmac, hash } from "node:crypto";

/** SHA-256 in lower-case hexadecimal. */
export function sha256Hex(text: string | Buffer): string {
  return hash("sha256", text);
}

/** HMAC-SHA-256 in lower-case hexadecimal: the same for the same key, and nobody else can make it. */
export function keyedHash(key: Buffer, text: string): string {
  return createHmac("sha256", key).update(text).digest("hex");
}
