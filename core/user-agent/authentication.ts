/** Sends requests with credentials (RFC 3261 §22, RFC 8760): answers challenges and remembers them for the next request. */
import type { Random } from "../platform/random.ts";
import { token } from "../platform/random.ts";
import type { Challenge, DigestAlgorithm } from "../sip/digest.ts";
import {
  chooseChallenge,
  digestAlgorithm,
  digestResponse,
  formatCredentials,
  ha1,
  parseChallenges,
} from "../sip/digest.ts";
import { cseq } from "../sip/message/fields.ts";
import type { SipRequest, SipResponse } from "../sip/message/message.ts";
import type { Outcome } from "../sip/stack.ts";

/** Strongest first; MD5 last, for servers that know nothing else. */
const ALGORITHMS: readonly DigestAlgorithm[] = ["SHA-256", "SHA-512-256", "MD5"];
/** Challenges answered for one request: one for the password, one more when the nonce was stale. */
const MAX_CHALLENGES = 2;

export interface Identity {
  /** Also the realm that its server is expected to name. */
  readonly domain: string;
  readonly username: string;
  readonly password: string;
}

/** The outcome, and the request as it finally left. */
export interface Answered {
  readonly outcome: Outcome;
  readonly request: SipRequest;
  /** The server asked for the password again after it was given: it is wrong. */
  readonly rejected: boolean;
}

interface Known {
  readonly challenge: Challenge;
  readonly algorithm: DigestAlgorithm;
  readonly header: "Authorization" | "Proxy-Authorization";
  readonly secret: string;
  count: number;
}

export class AuthenticatedSender {
  readonly #identity: Identity;
  readonly #random: Random;
  readonly #send: (request: SipRequest) => Promise<Outcome>;
  readonly #known = new Map<string, Known>();
  /** Realms of our own server. Whoever else answers a request of ours could ask for something to guess the password by. */
  readonly #realms: Set<string>;

  constructor(identity: Identity, random: Random, send: (request: SipRequest) => Promise<Outcome>) {
    this.#identity = identity;
    this.#random = random;
    this.#send = send;
    this.#realms = new Set([identity.domain]);
  }

  /** Forgets every nonce: the server is another one or has started anew. */
  reset(): void {
    this.#known.clear();
  }

  async send(request: SipRequest): Promise<Answered> {
    let attempt = this.#withCredentials(request);
    for (let challenged = 0; ; challenged++) {
      const outcome = await this.#send(attempt);
      const status = outcome.kind === "response" ? outcome.response.status : 0;
      if (outcome.kind !== "response" || (status !== 401 && status !== 407))
        return { outcome, request: attempt, rejected: false };
      const stale = this.#learn(outcome.response, request.method);
      const mayRetry = stale !== undefined && challenged < MAX_CHALLENGES && (challenged === 0 || stale);
      if (!mayRetry) return { outcome, request: attempt, rejected: stale !== undefined };
      attempt = this.#withCredentials(nextAttempt(attempt));
    }
  }

  /** Remembers the challenge; says whether it is only about an old nonce, or nothing when it cannot be answered. */
  #learn(response: SipResponse, method: string): boolean | undefined {
    const proxy = response.status === 407;
    const challenges = parseChallenges(response.headers.lines(proxy ? "proxy-authenticate" : "www-authenticate"));
    // A REGISTER ends at our server: what it calls itself there is its name.
    if (method === "REGISTER") for (const { realm } of challenges) this.#realms.add(realm);
    const own = challenges.filter(({ realm }) => this.#realms.has(realm));
    const challenge = chooseChallenge(own, ALGORITHMS);
    const algorithm = challenge && digestAlgorithm(challenge.algorithm);
    if (!challenge || !algorithm) return undefined;
    const header = proxy ? "Proxy-Authorization" : "Authorization";
    const { username, password } = this.#identity;
    const secret = ha1(algorithm, username, challenge.realm, password);
    this.#known.set(`${header} ${challenge.realm}`, { challenge, algorithm, header, secret, count: 0 });
    return challenge.stale;
  }

  #withCredentials(request: SipRequest): SipRequest {
    let { headers } = request;
    headers = headers.without("authorization").without("proxy-authorization");
    for (const known of this.#known.values()) headers = headers.append(known.header, this.#credentials(known, request));
    return { ...request, headers };
  }

  #credentials(known: Known, { method, uri }: SipRequest): string {
    const { challenge, algorithm, secret } = known;
    const shared = { nonce: challenge.nonce, uri };
    const quality = challenge.qop.includes("auth")
      ? {
          qop: "auth",
          nc: (++known.count).toString(16).padStart(8, "0"),
          cnonce: token(this.#random),
        }
      : {};
    return formatCredentials({
      ...shared,
      ...quality,
      username: this.#identity.username,
      realm: challenge.realm,
      algorithm: challenge.algorithm,
      ...(challenge.opaque !== undefined && { opaque: challenge.opaque }),
      response: digestResponse({ ...shared, ...quality, algorithm, ha1: secret, method }),
    });
  }
}

/** The same request once more: the sequence number goes up, everything else stays (RFC 3261 §22.2). */
function nextAttempt(request: SipRequest): SipRequest {
  const sequence = cseq(request);
  return { ...request, headers: request.headers.with("CSeq", `${(sequence?.number ?? 0) + 1} ${request.method}`) };
}
