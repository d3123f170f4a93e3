/**
 * The user part of our own Record-Route values (RFC 5626 §5.3): signed, so that a Route proves to have been
 * written here, and naming the flow behind which somebody sits whom nobody can dial.
 */
import { keyedHash } from "../../platform/hash.ts";

/** Hexadecimal digits of a signature: 80 bits. */
const DIGITS = 20;

export class RouteTokens {
  readonly #key: Buffer;

  /** The same key makes the same tokens: keep it, and dialogs survive a restart. */
  constructor(key: Buffer) {
    this.#key = key;
  }

  /** `scope` is what the token is good for: the Call-ID of a dialog. */
  write(scope: string, flow = ""): string {
    const name = Buffer.from(flow).toString("base64url");
    return `${this.#sign(scope, flow)}.${name}`;
  }

  /** The name of the flow, empty when the token names none; undefined when we did not write it for that scope. */
  read(token: string | undefined, scope: string): string | undefined {
    const [signature = "", name = ""] = token?.split(".") ?? [];
    const flow = Buffer.from(name, "base64url").toString();
    return this.#sign(scope, flow) === signature ? flow : undefined;
  }

  #sign(scope: string, flow: string): string {
    return keyedHash(this.#key, `${scope}\n${flow}`).slice(0, DIGITS);
  }
}
