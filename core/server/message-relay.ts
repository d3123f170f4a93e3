/**
 * MESSAGE through the gateway (RFC 3428 §7): a copy for every device, stored for whoever does not take it.
 * Nothing is answered 2xx before every device has either taken the message or has a row on disk.
 */
import type { Clock } from "../platform/clock.ts";
import { keyedHash, sha256Hex } from "../platform/hash.ts";
import type { Log } from "../platform/log.ts";
import { IS_COMPOSING_TYPE } from "../payload/is-composing.ts";
import { callId, contentType, cseq, fromTag, maxForwards } from "../sip/message/fields.ts";
import type { SipRequest } from "../sip/message/message.ts";
import { serialize } from "../sip/message/serialize.ts";
import type { Outcome, Stack } from "../sip/stack.ts";
import { MAGIC_COOKIE } from "../sip/transaction/key.ts";
import type { BindingRecord, GatewayStore } from "../store/store.ts";
import type { LocationService } from "./location-service.ts";
import { keyOf } from "./location-service.ts";
import type { MessageDelivery } from "./message-delivery.ts";
import { reachDevice } from "./reach.ts";
import type { GatewaySettings } from "./settings.ts";

/** Milliseconds in which some device must take a message; afterwards it is stored and answered 202. */
export const ANSWER_WITHIN = 5_000;
/** Names a message of ours through every retry, restart and server; see `user-agent/messaging.ts`. */
export const MESSAGE_ID_HEADER = "Hallway-Message-ID";

export interface RelayAnswer {
  readonly status: number;
  readonly reason?: string;
}

export interface MessageRelaySettings {
  readonly clock: Clock;
  readonly log: Log;
  readonly stack: Stack;
  readonly store: GatewayStore;
  readonly location: LocationService;
  readonly delivery: MessageDelivery;
  readonly settings: GatewaySettings;
  /** Makes branches that a restart makes again. */
  readonly branchKey: Buffer;
}

/** What became of the copy for one device. */
type Fate = "waiting" | "taken" | "refused" | "missed" | "behind";

const FINAL_FATES: ReadonlySet<Fate> = new Set(["taken", "refused"]);

export class MessageRelay {
  readonly #settings: MessageRelaySettings;
  readonly #running = new Map<string, Promise<RelayAnswer>>();
  /** What settles each message that still waits for its devices. */
  readonly #waiting = new Set<() => void>();
  #closed = false;

  constructor(settings: MessageRelaySettings) {
    this.#settings = settings;
  }

  /**
   * Relays a MESSAGE from a proven sender to a person of the office. A message that was seen before gets the answer
   * that it got then. `quietly` answers 202 whatever happens: the sender must learn nothing of the recipient. With an
   * `only`, no device but that one gets it.
   */
  relay(request: SipRequest, sender: string, recipient: string, quietly: boolean, only?: string): Promise<RelayAnswer> {
    if (isOfTheMoment(request)) return this.#passOn(request, recipient, quietly, only);
    const key = messageKey(request, sender, recipient);
    const running = this.#running.get(key);
    if (running) return running;
    const known = this.#settings.store.messages.answer(key);
    if (known !== undefined) return Promise.resolve({ status: known });
    const answer = this.#relay(request, sender, recipient, quietly, key, only).finally(() => this.#running.delete(key));
    this.#running.set(key, answer);
    return answer;
  }

  /** Waits for no device any longer: what they have not taken is stored, and the senders get their answers. */
  settleAll(): void {
    for (const settle of this.#waiting) settle();
  }

  /** Leaves what is under way unanswered: its senders try again, at whoever serves then. */
  close(): void {
    this.#closed = true;
  }

  /**
   * A typing notice is worth nothing a moment later: it goes to the devices that are there and is never kept. The
   * answer is always the same, so that it tells nobody who is there.
   */
  #passOn(request: SipRequest, recipient: string, quietly: boolean, only?: string): Promise<RelayAnswer> {
    const { location, stack, store } = this.#settings;
    const forwarded = this.#prepared(request);
    for (const flows of quietly ? [] : location.devices(recipient)) {
      const device = flows[0]?.device ?? "";
      // Texts that wait for the device go first (RFC 3428 §8); by then the notice is old.
      if ((only !== undefined && device !== only) || store.messages.behind(recipient, device)) continue;
      void reachDevice(stack, forwarded, flows);
    }
    return Promise.resolve({ status: 202 });
  }

  async #relay(
    request: SipRequest,
    sender: string,
    recipient: string,
    quietly: boolean,
    key: string,
    only: string | undefined,
  ): Promise<RelayAnswer> {
    const { location, store, settings } = this.#settings;
    if (store.messages.count(recipient) >= settings.messageQuota)
      return { status: 480, reason: "Too many messages wait for this person" };
    const forwarded = this.#prepared(request);
    const devices = location
      .devices(recipient)
      .flatMap(([newest]) => newest ?? [])
      .filter(({ device }) => only === undefined || device === only);
    if (quietly || devices.length === 0) {
      await this.#store(
        forwarded,
        sender,
        recipient,
        quietly && devices.length > 0 ? devices : [only === undefined ? undefined : { device: only }],
        key,
        202,
      );
      // Whoever came while the rows were being written was woken before there was anything to fetch.
      for (const { device } of location.of(recipient)) this.#settings.delivery.wake(recipient, device);
      return { status: 202 };
    }
    return this.#fork(forwarded, sender, recipient, devices, key);
  }

  /** Sends to every device at once and settles as soon as one takes it, all have refused, or time is up. */
  #fork(
    request: SipRequest,
    sender: string,
    recipient: string,
    devices: readonly BindingRecord[],
    key: string,
  ): Promise<RelayAnswer> {
    const { clock, store } = this.#settings;
    const fates = new Map<BindingRecord, Fate>(devices.map((device) => [device, "waiting"]));
    const rows = new Map<BindingRecord, number>();
    let refusal: RelayAnswer = { status: 480 };
    return new Promise<RelayAnswer>((resolve, reject) => {
      let settled = false;
      const settle = (): void => {
        if (settled || this.#closed) return;
        settled = true;
        this.#waiting.delete(settle);
        timer.cancel();
        const taken = [...fates.values()].includes("taken");
        const missing = devices.filter((device) => !FINAL_FATES.has(fates.get(device) ?? "waiting"));
        if (!taken && missing.length === 0) return resolve(refusal);
        const status = taken ? 200 : 202;
        this.#store(request, sender, recipient, missing, key, status).then((ids) => {
          if (this.#closed) return;
          missing.forEach((device, index) => {
            const id = ids[index];
            if (id === undefined) return;
            // The device took it while the row was being written: then the row is one copy too many.
            const fate = fates.get(device);
            if (fate === "taken" || fate === "refused") store.messages.remove(id);
            else if (fate === "behind") this.#settings.delivery.wake(recipient, device.device);
            else if (fate === "missed") this.#tryAgain(recipient, device);
            else rows.set(device, id);
          });
          resolve({ status });
        }, reject);
      };
      const timer = clock.after(ANSWER_WITHIN, settle);
      this.#waiting.add(settle);
      const decide = (device: BindingRecord, fate: Fate, answer?: RelayAnswer): void => {
        if (this.#closed) return;
        fates.set(device, fate);
        const row = rows.get(device);
        if (row !== undefined && (fate === "taken" || fate === "refused")) store.messages.remove(row);
        else if (row !== undefined) this.#tryAgain(recipient, device);
        if (answer && answer.status !== 480) refusal = answer;
        if (fate === "taken" || ![...fates.values()].includes("waiting")) settle();
      };
      for (const device of devices) void this.#offer(request, device, key, decide);
    });
  }

  async #offer(
    request: SipRequest,
    device: BindingRecord,
    key: string,
    decide: (device: BindingRecord, fate: Fate, answer?: RelayAnswer) => void,
  ): Promise<void> {
    // What is older goes first: this one queues behind it.
    if (this.#settings.store.messages.behind(device.aor, device.device)) return decide(device, "behind");
    const { stack, branchKey, location } = this.#settings;
    const outcome = await reachDevice(stack, request, location.flowsOf(device.aor, device.device), {
      branch: (flow) => MAGIC_COOKIE + keyedHash(branchKey, `${key} ${keyOf(flow)}`).slice(0, 32),
      dead: (flow) => location.lost(flow),
    });
    const fate = fateOf(outcome);
    if (outcome.kind !== "response") return decide(device, fate);
    const { status, reason } = outcome.response;
    decide(device, fate, { status, reason });
  }

  /** A device that connected anew while its copy was being stored takes it at once, any other after a while. */
  #tryAgain(recipient: string, { device, flow }: BindingRecord): void {
    const { location, delivery } = this.#settings;
    const [now] = location.flowsOf(recipient, device);
    if (now && now.flow !== flow) delivery.wake(recipient, device);
    else delivery.wakeLater(recipient, device);
  }

  async #store(
    request: SipRequest,
    sender: string,
    recipient: string,
    devices: readonly (Pick<BindingRecord, "device"> | undefined)[],
    key: string,
    status: number,
  ): Promise<readonly number[]> {
    const { clock, store, settings } = this.#settings;
    const now = clock.now();
    // A stored copy leaves on a way of its own: the hops that brought it here do not wait for an answer.
    const bytes = serialize({ ...request, headers: request.headers.without("via") });
    return store.durably(() => {
      store.messages.remember(key, status, now);
      return devices.map((device) =>
        store.messages.add({
          recipient,
          ...(device && { device: device.device }),
          sender,
          request: bytes,
          storedAt: now,
          expiresAt: now + settings.keepMessages,
        }),
      );
    });
  }

  /** Without credentials and hops of the way here, with the time at which it was written. */
  #prepared(request: SipRequest): SipRequest {
    let headers = request.headers.without("authorization").without("proxy-authorization").without("route");
    headers = headers.with("Max-Forwards", String(Math.max((maxForwards(request) ?? 70) - 1, 0)));
    if (!headers.has("date")) headers = headers.append("Date", new Date(this.#settings.clock.now()).toUTCString());
    return { ...request, headers };
  }
}

/** Whether a MESSAGE is a typing notice (RFC 3994). */
function isOfTheMoment(request: SipRequest): boolean {
  return contentType(request)?.type === IS_COMPOSING_TYPE;
}

/** One answer for a message to several people: delivered when all have it, stored for some, else the first refusal. */
export function answerForAll(answers: readonly RelayAnswer[]): RelayAnswer {
  const taken = answers.filter(({ status }) => status < 300);
  if (taken.length === 0) return answers[0] ?? { status: 404 };
  return { status: taken.length === answers.length && taken.every(({ status }) => status === 200) ? 200 : 202 };
}

/** What one message is known by: its own identifier, else what RFC 3261 makes unique. */
export function messageKey(request: SipRequest, sender: string, recipient: string): string {
  const own = request.headers.get(MESSAGE_ID_HEADER);
  const name = own ?? `${callId(request)} ${fromTag(request) ?? ""} ${cseq(request)?.number ?? 0}`;
  return sha256Hex(`${sender}\n${recipient}\n${name}`);
}

/** Refusals that speak of the message are final; those that speak of the moment leave a copy behind. */
export function fateOf(outcome: Outcome): "taken" | "refused" | "missed" {
  if (outcome.kind !== "response") return "missed";
  const { status } = outcome.response;
  if (status < 300) return "taken";
  const passing =
    status === 408 || status === 480 || status === 404 || status === 481 || (status >= 500 && status < 600);
  return passing ? "missed" : "refused";
}
