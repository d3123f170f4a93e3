/** XCAP documents on our server (RFC 4825), whole ones: read and replaced with entity tags and digest. */
import { request as httpRequest } from "node:http";
import type { Duplex } from "node:stream";
import type { Clock } from "../platform/clock.ts";
import type { Random } from "../platform/random.ts";
import { token } from "../platform/random.ts";
import type { Result } from "../platform/result.ts";
import { failure, success } from "../platform/result.ts";
import type { DigestAlgorithm } from "../sip/digest.ts";
import {
  chooseChallenge,
  digestAlgorithm,
  digestResponse,
  formatCredentials,
  ha1,
  parseChallenges,
} from "../sip/digest.ts";

/** Where documents stand unless a server says otherwise: on the host and port of SIP itself. */
export const XCAP_ROOT = "/xcap-root";
/** Milliseconds in which an answer is due. */
const ANSWER_WITHIN = 10_000;
/** Largest document in bytes. */
const MAX_DOCUMENT = 256 * 1024;
const ALGORITHMS: readonly DigestAlgorithm[] = ["SHA-256", "SHA-512-256", "MD5"];

export interface XcapClientSettings {
  readonly clock: Clock;
  readonly random: Random;
  /** `name@domain`, the user of every document. */
  readonly user: string;
  readonly password: string;
  /** A new stream to the server, its certificate already judged. Rejects when there is none. */
  open(): Promise<Duplex>;
}

export interface XcapDocument {
  readonly body: string;
  readonly etag: string | undefined;
}

/** `absent`: the server has no such document. `changed`: somebody else wrote first. `unsupported`: it serves no XCAP. */
export type XcapFault = "absent" | "changed" | "unsupported" | "unreachable" | "refused";

export interface HttpAnswer {
  readonly status: number;
  readonly etag: string | undefined;
  readonly challenges: readonly string[];
  readonly body: string;
}

export class XcapClient {
  readonly #settings: XcapClientSettings;

  constructor(settings: XcapClientSettings) {
    this.#settings = settings;
  }

  async get(application: string, name: string): Promise<Result<XcapDocument, XcapFault>> {
    const answer = await this.#send("GET", application, name, {}, undefined);
    if (answer?.status === 200) return success({ body: answer.body, etag: answer.etag });
    return failure(faultOf(answer));
  }

  /** Writes the document; with `etag` only over that version. Resolves to the new entity tag, where the server says it. */
  async put(
    application: string,
    name: string,
    document: { readonly contentType: string; readonly body: string; readonly etag?: string },
  ): Promise<Result<string | undefined, XcapFault>> {
    const headers: Record<string, string> = { "Content-Type": document.contentType };
    if (document.etag !== undefined) headers["If-Match"] = document.etag;
    const answer = await this.#send("PUT", application, name, headers, document.body);
    if (answer && (answer.status === 200 || answer.status === 201)) return success(answer.etag);
    return failure(faultOf(answer));
  }

  #send(
    method: string,
    application: string,
    name: string,
    headers: Readonly<Record<string, string>>,
    body: string | undefined,
  ): Promise<HttpAnswer | undefined> {
    const path = `${XCAP_ROOT}/${application}/users/${encodeURIComponent(`sip:${this.#settings.user}`)}/${name}`;
    return this.request(method, path, headers, body);
  }

  /** Any request to the same server, proven by digest when it is asked for; undefined when there is no answer. */
  async request(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    body: string | undefined,
  ): Promise<HttpAnswer | undefined> {
    try {
      const first = await this.#exchange(method, path, headers, body);
      if (first.status !== 401) return first;
      const credentials = this.#credentials(method, path, first.challenges);
      return credentials === undefined
        ? first
        : await this.#exchange(method, path, { ...headers, Authorization: credentials }, body);
    } catch {
      return undefined;
    }
  }

  #credentials(method: string, uri: string, values: readonly string[]): string | undefined {
    const challenge = chooseChallenge(parseChallenges(values), ALGORITHMS);
    const algorithm = challenge && digestAlgorithm(challenge.algorithm);
    if (!challenge || !algorithm) return undefined;
    const username = this.#settings.user.split("@")[0] ?? "";
    const secret = ha1(algorithm, username, challenge.realm, this.#settings.password);
    const used = { nonce: challenge.nonce, uri, qop: "auth", nc: "00000001", cnonce: token(this.#settings.random) };
    return formatCredentials({
      ...used,
      username,
      realm: challenge.realm,
      algorithm: challenge.algorithm,
      ...(challenge.opaque !== undefined && { opaque: challenge.opaque }),
      response: digestResponse({ ...used, algorithm, ha1: secret, method }),
    });
  }

  async #exchange(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    body: string | undefined,
  ): Promise<HttpAnswer> {
    const stream = await this.#settings.open();
    const host = this.#settings.user.split("@")[1] ?? "";
    const deadline = this.#settings.clock.after(ANSWER_WITHIN, () => stream.destroy(new Error("no answer in time")));
    const answer = new Promise<HttpAnswer>((resolve, reject) => {
      const sent = httpRequest(
        {
          method,
          path,
          headers: { ...headers, Host: host, Connection: "close" },
          createConnection: () => stream,
        },
        (response) => {
          const chunks: Buffer[] = [];
          let size = 0;
          response.on("data", (chunk: Buffer) => {
            size += chunk.length;
            if (size > MAX_DOCUMENT) sent.destroy(new Error("the document is too large"));
            else chunks.push(chunk);
          });
          response.on("error", reject);
          response.on("end", () => {
            stream.destroy();
            resolve({
              status: response.statusCode ?? 0,
              etag: response.headers.etag,
              challenges: response.headersDistinct["www-authenticate"] ?? [],
              body: Buffer.concat(chunks).toString("utf8"),
            });
          });
        },
      );
      sent.on("error", (error) => {
        stream.destroy();
        reject(error);
      });
      sent.end(body);
    });
    return answer.finally(() => deadline.cancel());
  }
}

function faultOf(answer: HttpAnswer | undefined): XcapFault {
  switch (answer?.status) {
    case undefined:
      return "unreachable";
    case 404:
      return "absent";
    case 412:
      return "changed";
    case 401:
    case 403:
      return "refused";
    default:
      // A server in trouble says nothing about what it can do in better times.
      return answer !== undefined && answer.status >= 500 && answer.status !== 501 ? "unreachable" : "unsupported";
  }
}
