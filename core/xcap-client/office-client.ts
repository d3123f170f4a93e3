/** What a person asks of a Hallway office beside SIP: a new password, their devices, the office list, an invitation. */
import type { Result } from "../platform/result.ts";
import { failure, success } from "../platform/result.ts";
import type { DigestAlgorithm } from "../sip/digest.ts";
import { ha1 } from "../sip/digest.ts";
import type { HttpAnswer, XcapClient } from "./xcap-client.ts";
import { XCAP_ROOT } from "./xcap-client.ts";

const ROOT = "/office";
const DIRECTORY_PATH = `${XCAP_ROOT}/resource-lists/global/index`;
/** The last millisecond that a date can be. */
const MAX_TIME = 8.64e15;
const ALGORITHMS: readonly DigestAlgorithm[] = ["MD5", "SHA-256", "SHA-512-256"];
const JSON_TYPE = { "Content-Type": "application/json" };

/**
 * Why the office did not do it: a word of its own (`not-confidential`, `invitation-used`, `no-such-device` …), or
 * `wrong-password`, `unsupported` for a server that is no Hallway office, `unreachable` without an answer.
 */
export type OfficeFault = string;

/** A device that is signed in. */
export interface OfficeDevice {
  readonly device: string;
  readonly program: string;
  readonly from: string;
  /** Milliseconds since 1970. */
  readonly until: number;
  readonly instance?: string;
}

export interface OfficeList {
  readonly body: string;
  readonly etag: string | undefined;
}

export class OfficeClient {
  readonly #user: string;
  readonly #http: Pick<XcapClient, "request">;

  /** `user` is `name@domain`; `http` proves it with the password that holds now. */
  constructor(user: string, http: Pick<XcapClient, "request">) {
    this.#user = user;
    this.#http = http;
  }

  /** Sets another password; every device but `instance` has to show it from then on. */
  async setPassword(password: string, instance: string): Promise<Result<undefined, OfficeFault>> {
    const body = { secrets: secretsOf(this.#user, password), instance };
    return outcome(await this.#http.request("PUT", `${ROOT}/password`, JSON_TYPE, JSON.stringify(body)), undefined);
  }

  /** Uses an invitation; the account has this password from then on. */
  async redeem(secret: string, password: string): Promise<Result<undefined, OfficeFault>> {
    const body = { address: this.#user, secret, secrets: secretsOf(this.#user, password) };
    return outcome(await this.#http.request("POST", `${ROOT}/invitation`, JSON_TYPE, JSON.stringify(body)), undefined);
  }

  async devices(): Promise<Result<readonly OfficeDevice[], OfficeFault>> {
    const answer = await this.#http.request("GET", `${ROOT}/devices`, {}, undefined);
    const rows = answer?.status === 200 ? jsonOf(answer) : undefined;
    return Array.isArray(rows) ? success(rows.flatMap(readDevice)) : failure(faultOf(answer));
  }

  async signOut(device: string): Promise<Result<undefined, OfficeFault>> {
    const path = `${ROOT}/devices/${encodeURIComponent(device)}`;
    return outcome(await this.#http.request("DELETE", path, {}, undefined), undefined);
  }

  /** The office list as resource lists (RFC 4826); nothing where the one with this entity tag still holds. */
  async directory(etag: string | undefined): Promise<Result<OfficeList | undefined, OfficeFault>> {
    const headers: Record<string, string> = etag === undefined ? {} : { "If-None-Match": etag };
    const answer = await this.#http.request("GET", DIRECTORY_PATH, headers, undefined);
    if (answer?.status === 304) return success(undefined);
    return outcome(answer, answer && { body: answer.body, etag: answer.etag });
  }
}

function secretsOf(user: string, password: string): Record<string, string> {
  const [name = "", domain = ""] = user.split("@");
  return Object.fromEntries(ALGORITHMS.map((algorithm) => [algorithm, ha1(algorithm, name, domain, password)]));
}

/** A row as an office writes it; nothing for what is no device. */
function readDevice(row: unknown): readonly OfficeDevice[] {
  if (typeof row !== "object" || row === null) return [];
  const { device, program, from, until, instance } = row as Readonly<Record<string, unknown>>;
  if (typeof device !== "string" || typeof program !== "string" || typeof from !== "string") return [];
  if (typeof until !== "number" || !Number.isSafeInteger(until) || Math.abs(until) > MAX_TIME) return [];
  return [{ device, program, from, until, ...(typeof instance === "string" && { instance }) }];
}

function outcome<T>(answer: HttpAnswer | undefined, value: T): Result<T, OfficeFault> {
  return answer && answer.status < 300 ? success(value) : failure(faultOf(answer));
}

function faultOf(answer: HttpAnswer | undefined): OfficeFault {
  if (!answer || answer.status >= 500) return "unreachable";
  if (answer.status === 401) return "wrong-password";
  const code = (jsonOf(answer) as { readonly code?: unknown } | undefined)?.code;
  return typeof code === "string" && /^[a-z-]{1,40}$/.test(code) && code !== "no-such-resource" ? code : "unsupported";
}

function jsonOf({ body }: HttpAnswer): unknown {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === "object" && parsed !== null ? parsed : undefined;
  } catch {
    return undefined;
  }
}
