/**
 * Addresses of single devices (RFC 5627): a public one, which names the person and the device, and temporary ones,
 * which name neither to anybody but us. Nothing is stored but the epoch in which a device's temporary ones are valid.
 */
import { BLOCK_BYTES as BLOCK, openBlock, sealBlock } from "../platform/block-cipher.ts";
import { keyedHash } from "../platform/hash.ts";
import type { Random } from "../platform/random.ts";
import { addressOfRecord } from "../sip/message/uri.ts";
import type { SipUri } from "../sip/message/uri.ts";
import type { GruuTable } from "../store/store.ts";

/** Begins the user part of a temporary GRUU. */
const PREFIX = "tgruu.";
/** Bytes of the epoch's number in the block that is encrypted; the others are chance. */
const NUMBER = 6;
/** Hexadecimal digits of the proof that we made it. */
const PROOF = 20;

/** One device of one person. */
export interface GruuTarget {
  readonly aor: string;
  /** As it stands in `+sip.instance`, with its angle brackets. */
  readonly instance: string;
  readonly kind: "public" | "temporary";
}

export interface GruuSettings {
  readonly table: GruuTable;
  readonly random: Random;
  /** 32 bytes that outlive restarts. */
  readonly key: Buffer;
}

export class Gruus {
  readonly #settings: GruuSettings;
  readonly #cipherKey: Buffer;
  readonly #proofKey: Buffer;

  constructor(settings: GruuSettings) {
    this.#settings = settings;
    this.#cipherKey = Buffer.from(keyedHash(settings.key, "gruu cipher"), "hex").subarray(0, BLOCK);
    this.#proofKey = Buffer.from(keyedHash(settings.key, "gruu proof"), "hex");
  }

  /** The address of a device that holds as long as the person has an account. */
  publicOf(aor: string, instance: string): string {
    return `${aor};gr=${instanceValue(instance)}`;
  }

  /**
   * A new temporary address of a device; undefined while it has no epoch. Two of them do not tell whether they belong
   * to the same device (RFC 5627 §5.1).
   */
  temporaryOf(aor: string, instance: string): string | undefined {
    const epoch = this.#settings.table.of(aor, instance);
    if (!epoch) return undefined;
    const block = this.#settings.random.bytes(BLOCK);
    block.writeUIntBE(epoch.id, 0, NUMBER);
    const sealed = sealBlock(this.#cipherKey, block).toString("hex");
    return `sip:${PREFIX}${sealed}${this.#proof(sealed)}@${aor.slice(aor.indexOf("@") + 1)};gr`;
  }

  /** A device registered: with another Call-ID than before all its temporary addresses end (RFC 5627 §5.1). */
  registered(aor: string, instance: string, callId: string): void {
    const { table } = this.#settings;
    if (table.of(aor, instance)?.callId !== callId) table.begin(aor, instance, callId);
  }

  /** The last contact of a device ended, and its temporary addresses with it (RFC 5627 §5.3). */
  ended(aor: string, instance: string): void {
    this.#settings.table.end(aor, instance);
  }

  /** Whether a URI claims to be a GRUU, valid or not. */
  isGruu(uri: SipUri): boolean {
    return uri.params.has("gr");
  }

  /** The device behind a GRUU in our domain; undefined for a temporary one that is not valid, or not ours. */
  resolve(uri: SipUri): GruuTarget | undefined {
    const value = uri.params.get("gr");
    if (value === undefined) return this.#resolveTemporary(uri);
    const aor = addressOfRecord(uri)?.toLowerCase();
    const instance = `<${unescaped(value)}>`;
    return aor === undefined ? undefined : { aor, instance, kind: "public" };
  }

  #resolveTemporary({ user = "" }: SipUri): GruuTarget | undefined {
    const name = user.toLowerCase();
    const sealed = name.slice(PREFIX.length, PREFIX.length + BLOCK * 2);
    const isOurs = name.startsWith(PREFIX) && name.slice(PREFIX.length + BLOCK * 2) === this.#proof(sealed);
    if (!isOurs || !/^[0-9a-f]{32}$/.test(sealed)) return undefined;
    const block = openBlock(this.#cipherKey, Buffer.from(sealed, "hex"));
    const epoch = this.#settings.table.get(block.readUIntBE(0, NUMBER));
    return epoch && { aor: epoch.aor, instance: epoch.instance, kind: "temporary" };
  }

  #proof(sealed: string): string {
    return keyedHash(this.#proofKey, sealed).slice(0, PROOF);
  }
}

/** The instance as a URI parameter (RFC 5627 §4.1 and §5.2): the URN without brackets, everything unusual escaped. */
function instanceValue(instance: string): string {
  return instance
    .replace(/^<|>$/g, "")
    .replace(/[^A-Za-z0-9\-_.!~*'()[\]/:&+$]/g, (sign) =>
      [...Buffer.from(sign)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`).join(""),
    );
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
