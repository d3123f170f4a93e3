/** STUN messages (RFC 8489 §5, §14), as much of them as keep-alives need: Binding without credentials. Pure. */
import { isIPv6 } from "node:net";
import { crc32 } from "node:zlib";
import type { Endpoint } from "./network.ts";

const HEADER_LENGTH = 20;
const MAGIC_COOKIE = 0x2112a442;
const BINDING = 0x001;
/** Attributes of one message; no honest one has nearly as many. */
export const MAX_STUN_ATTRIBUTES = 32;
/** Bytes of a message that is looked at: what RFC 8489 §6.1 lets leave where the path is not known, over IPv4. */
export const MAX_STUN_BYTES = 548;

const ERROR_CODE = 0x0009;
const UNKNOWN_ATTRIBUTES = 0x000a;
const XOR_MAPPED_ADDRESS = 0x0020;
const FINGERPRINT = 0x8028;
/** Attributes below this must be understood (RFC 8489 §14). */
const FIRST_OPTIONAL = 0x8000;
/** What RFC 8489 §18.3 defines and a server without credentials may pass over. */
const UNDERSTOOD: ReadonlySet<number> = new Set([
  0x0001,
  0x0006,
  0x0008,
  ERROR_CODE,
  UNKNOWN_ATTRIBUTES,
  0x0014,
  0x0015,
  0x001c,
  0x001d,
  0x001e,
  XOR_MAPPED_ADDRESS,
]);
const FINGERPRINT_MASK = 0x5354554e;

const CLASSES = ["request", "indication", "success", "error"] as const;

/** A Binding message. */
export interface StunMessage {
  readonly kind: (typeof CLASSES)[number];
  /** The 12 bytes that tie a response to its request. */
  readonly transaction: Buffer;
  /** Where the other side saw the request come from. */
  readonly mapped?: Endpoint;
  /** Attributes that must be understood and are not. */
  readonly unknown: readonly number[];
  readonly hasFingerprint: boolean;
}

/** Whether a datagram is STUN: SIP never begins with such a byte (RFC 5626 §8), nor has the cookie behind it. */
export function looksLikeStun(bytes: Buffer): boolean {
  const [first = 0xff] = bytes;
  return first <= 1 && bytes.length >= HEADER_LENGTH && bytes.readUInt32BE(4) === MAGIC_COOKIE;
}

/** Reads one datagram; undefined when it is no Binding message, is not well-formed, or has a wrong fingerprint. */
export function readStun(bytes: Buffer): StunMessage | undefined {
  if (!looksLikeStun(bytes) || bytes.length > MAX_STUN_BYTES) return undefined;
  const type = bytes.readUInt16BE(0);
  // The two bits of the class stand between those of the method (RFC 8489 §5).
  const kind = CLASSES[((type & 0x0100) >> 7) | ((type & 0x0010) >> 4)];
  if (kind === undefined || (type & ~0x0110) !== BINDING) return undefined;
  if (bytes.readUInt16BE(2) !== bytes.length - HEADER_LENGTH || bytes.length % 4 !== 0) return undefined;
  const transaction = bytes.subarray(8, HEADER_LENGTH);
  const unknown: number[] = [];
  let mapped: Endpoint | undefined;
  let hasFingerprint = false;
  let count = 0;
  for (let at = HEADER_LENGTH; at < bytes.length;) {
    const attribute = bytes.readUInt16BE(at);
    const end = at + 4 + bytes.readUInt16BE(at + 2);
    if (end > bytes.length || ++count > MAX_STUN_ATTRIBUTES || hasFingerprint) return undefined;
    const value = bytes.subarray(at + 4, end);
    if (attribute === XOR_MAPPED_ADDRESS) mapped ??= readXored(value, bytes);
    else if (attribute === FINGERPRINT) {
      if (value.length !== 4 || value.readUInt32BE() !== fingerprintOf(bytes.subarray(0, at))) return undefined;
      hasFingerprint = true;
    } else if (attribute < FIRST_OPTIONAL && !UNDERSTOOD.has(attribute)) unknown.push(attribute);
    at = end + padding(value.length);
  }
  return { kind, transaction, ...(mapped && { mapped }), unknown, hasFingerprint };
}

/** A Binding request; `transaction` is 12 random bytes. */
export function bindingRequest(transaction: Buffer): Buffer {
  return written("request", transaction, [], false);
}

/** The answer that tells the asker where it was seen; with a fingerprint where the request had one. */
export function bindingSuccess(request: StunMessage, seenAt: Endpoint): Buffer {
  const attributes = [attribute(XOR_MAPPED_ADDRESS, xored(seenAt, request.transaction))];
  return written("success", request.transaction, attributes, request.hasFingerprint);
}

/** 420 with what was not understood (RFC 8489 §6.3.1). */
export function bindingRefusal(request: StunMessage): Buffer {
  const code = Buffer.concat([Buffer.from([0, 0, 4, 20]), Buffer.from("Unknown Attribute")]);
  const list = Buffer.alloc(2 * request.unknown.length);
  for (const [index, one] of request.unknown.entries()) list.writeUInt16BE(one, 2 * index);
  const attributes = [attribute(ERROR_CODE, code), attribute(UNKNOWN_ATTRIBUTES, list)];
  return written("error", request.transaction, attributes, request.hasFingerprint);
}

function written(
  kind: StunMessage["kind"],
  transaction: Buffer,
  attributes: readonly Buffer[],
  hasFingerprint: boolean,
): Buffer {
  const head = Buffer.alloc(8);
  const bits = CLASSES.indexOf(kind);
  head.writeUInt16BE(BINDING | ((bits & 2) << 7) | ((bits & 1) << 4));
  head.writeUInt32BE(MAGIC_COOKIE, 4);
  const message = Buffer.concat([head, transaction, ...attributes]);
  message.writeUInt16BE(message.length - HEADER_LENGTH + (hasFingerprint ? 8 : 0), 2);
  if (!hasFingerprint) return message;
  const value = Buffer.alloc(4);
  value.writeUInt32BE(fingerprintOf(message));
  return Buffer.concat([message, attribute(FINGERPRINT, value)]);
}

function attribute(type: number, value: Buffer): Buffer {
  const whole = Buffer.alloc(4 + value.length + padding(value.length));
  whole.writeUInt16BE(type);
  whole.writeUInt16BE(value.length, 2);
  value.copy(whole, 4);
  return whole;
}

/** Bytes to the next multiple of four. */
function padding(length: number): number {
  return -length & 3;
}

/** Of everything before the attribute; the length in the header already counts it (RFC 8489 §14.7). */
function fingerprintOf(before: Buffer): number {
  return (crc32(before) ^ FINGERPRINT_MASK) >>> 0;
}

/** `message` begins with the header, whose cookie and transaction the address is mixed with (RFC 8489 §14.2). */
function readXored(value: Buffer, message: Buffer): Endpoint | undefined {
  const length = value[1] === 1 ? 4 : value[1] === 2 ? 16 : undefined;
  if (length === undefined || value.length !== 4 + length) return undefined;
  const port = value.readUInt16BE(2) ^ (MAGIC_COOKIE >>> 16);
  const bytes = mixed(value.subarray(4), message.subarray(4, HEADER_LENGTH));
  return { address: length === 4 ? bytes.join(".") : formatIpv6(bytes), port };
}

function xored({ address, port }: Endpoint, transaction: Buffer): Buffer {
  const bytes = isIPv6(address) ? readIpv6(address) : Buffer.from(address.split(".").map(Number));
  const head = Buffer.from([0, bytes.length === 4 ? 1 : 2, 0, 0]);
  head.writeUInt16BE(port ^ (MAGIC_COOKIE >>> 16), 2);
  const cookie = Buffer.alloc(4);
  cookie.writeUInt32BE(MAGIC_COOKIE);
  return Buffer.concat([head, mixed(bytes, Buffer.concat([cookie, transaction]))]);
}

function mixed(bytes: Buffer, mask: Buffer): Buffer {
  return Buffer.from(bytes.map((byte, index) => byte ^ (mask[index] ?? 0)));
}

/** The usual short form, as sockets write it. */
function formatIpv6(bytes: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(2 * index).toString(16));
  return new URL(`http://[${groups.join(":")}]`).hostname.slice(1, -1);
}

function readIpv6(address: string): Buffer {
  // A zone (`%eth0`) is of this machine alone; a dotted end becomes two groups.
  const plain = new URL(`http://[${address.replace(/%.*$/, "")}]`).hostname.slice(1, -1);
  const [front = "", back = ""] = plain.split("::");
  const before = front.split(":").filter((group) => group !== "");
  const after = back.split(":").filter((group) => group !== "");
  const groups = [...before, ...Array<string>(8 - before.length - after.length).fill("0"), ...after];
  const bytes = Buffer.alloc(16);
  for (const [index, group] of groups.entries()) bytes.writeUInt16BE(Number.parseInt(group, 16), 2 * index);
  return bytes;
}
