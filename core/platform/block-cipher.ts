import { createCipheriv, createDecipheriv } from "node:crypto";

/** Bytes of a block, and of a key. */
export const BLOCK_BYTES = 16;

/** Encrypts exactly one block (AES-128). Only for blocks that hold chance: equal blocks give equal results. */
export function sealBlock(key: Buffer, block: Buffer): Buffer {
  const cipher = createCipheriv("aes-128-ecb", key, null).setAutoPadding(false);
  return Buffer.concat([cipher.update(block), cipher.final()]);
}

/** The block that {@link sealBlock} was given. */
export function openBlock(key: Buffer, sealed: Buffer): Buffer {
  const decipher = createDecipheriv("aes-128-ecb", key, null).setAutoPadding(false);
  return Buffer.concat([decipher.update(sealed), decipher.final()]);
}
