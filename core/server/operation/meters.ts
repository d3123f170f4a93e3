/** What an office counts. The parts call these hooks; nothing is read out of a log. */
import type { SipRequest } from "../../sip/message/message.ts";
import type { StackObserver } from "../../sip/stack.ts";
import type { CommitObserver } from "../../store/store.ts";
import { Metrics } from "./metrics.ts";

/** Methods that have a name of their own in the figures; strangers could invent any number of others. */
const NAMED_METHODS: ReadonlySet<string> = new Set([
  "REGISTER",
  "SUBSCRIBE",
  "NOTIFY",
  "PUBLISH",
  "MESSAGE",
  "OPTIONS",
  "INVITE",
  "ACK",
  "BYE",
  "CANCEL",
  "INFO",
  "REFER",
  "UPDATE",
  "PRACK",
]);
/** Upper ends in seconds of the classes in which commits are counted: a disk that works takes under 20 ms. */
const COMMIT_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5];

export class OfficeMeters {
  readonly metrics = new Metrics();
  readonly #requests = this.metrics.counter(
    "hallway_requests_total",
    "Requests that came in, by method and class of their answer.",
  );
  readonly #sent = this.metrics.counter(
    "hallway_sent_requests_total",
    "Requests of the office, by method and how they ended.",
  );
  readonly #messages = this.metrics.counter(
    "hallway_messages_total",
    "Messages by what became of them: relayed to a device, stored, delivered later, or refused.",
  );
  readonly #refused = this.metrics.counter(
    "hallway_refused_at_the_door_total",
    "Requests that were answered before anything was spent on them, by reason.",
  );
  readonly #passwords = this.metrics.counter(
    "hallway_authentication_failures_total",
    "Proofs of a password that were wrong, and claims refused because of a lock-out.",
  );
  readonly #handshakes = this.metrics.counter("hallway_tls_handshakes_failed_total", "TLS handshakes that failed.");
  readonly #connections = this.metrics.counter(
    "hallway_connections_refused_total",
    "Connections that were refused because too many are open.",
  );
  readonly #malformed = this.metrics.counter("hallway_malformed_messages_total", "Messages that are not SIP.");
  readonly #commits = this.metrics.histogram(
    "hallway_store_commit_seconds",
    "How long it took to write a group of changes to disk.",
    COMMIT_SECONDS,
  );
  readonly #failedCommits = this.metrics.counter(
    "hallway_store_commit_failures_total",
    "Groups of changes that could not be written.",
  );

  /** For the stack: what it sends, and what never becomes a request. */
  readonly stack: StackObserver = {
    ended: ({ method }, outcome) => {
      const result = outcome.kind === "response" ? classOf(outcome.response.status) : outcome.kind;
      this.#sent.add({ method: nameOf(method), result });
    },
    handshakeFailed: () => this.#handshakes.add(),
    connectionRefused: () => this.#connections.add(),
    malformed: () => this.#malformed.add(),
  };

  readonly store: CommitObserver = {
    committed: (milliseconds) => this.#commits.observe(milliseconds / 1_000),
    failed: () => this.#failedCommits.add(),
  };

  /** A request got its final answer. */
  answered(request: SipRequest, status: number): void {
    this.#requests.add({ method: nameOf(request.method), class: classOf(status) });
    if (request.method !== "MESSAGE" || status === 401 || status === 407) return;
    this.#messages.add({ fate: status === 200 ? "relayed" : status < 300 ? "stored" : "refused" });
  }

  /** A message that waited reached its device. */
  delivered(): void {
    this.#messages.add({ fate: "delivered" });
  }

  /** A request was answered before anything was spent on it. */
  refusedAtTheDoor(reason: string): void {
    this.#refused.add({ reason });
  }

  passwordRefused(kind: "wrong" | "locked-out"): void {
    this.#passwords.add({ kind });
  }
}

function nameOf(method: string): string {
  return NAMED_METHODS.has(method) ? method : "other";
}

function classOf(status: number): string {
  return `${Math.floor(status / 100)}xx`;
}
