/**
 * Lists of people under one subscription (RFC 4662, RFC 5367): everything once, then who changed, together. Each member
 * is judged by that member's own rules for the watcher, exactly as if the watcher had asked for them alone.
 */
import type { Clock } from "../platform/clock.ts";
import { sha256Hex } from "../platform/hash.ts";
import { formatMultipart } from "../payload/multipart.ts";
import { PIDF_TYPE } from "../payload/pidf.ts";
import type { ListMember } from "../payload/resource-lists.ts";
import { parseResourceLists, RESOURCE_LISTS_TYPE } from "../payload/resource-lists.ts";
import type { ResourceMeta } from "../payload/rlmi.ts";
import { formatRlmi, RLMI_TYPE } from "../payload/rlmi.ts";
import { canonicalAddress, domainOf } from "../sip/address.ts";
import type { Additions, Notifier, NotifyBody, Subscription } from "../sip/event/notifier.ts";
import { contentType, optionTags } from "../sip/message/fields.ts";
import type { SipRequest } from "../sip/message/message.ts";
import type { AccountTable, WaitingTable } from "../store/store.ts";
import type { Admission, EventPackage } from "./event-packages.ts";
import type { Pace } from "./pacing.ts";
import { paceOf, paceParams, Pacing } from "./pacing.ts";
import type { PresenceAgent } from "./presence-agent.ts";
import { PRESENCE } from "./presence-agent.ts";
import type { GatewaySettings } from "./settings.ts";

/**
 * Bytes that the documents in one NOTIFY of a list may have; what does not fit follows in the next one, so that neither
 * side has a long task.
 */
export const MAX_LIST_NOTIFY = 64 * 1024;
/** Bytes that naming all members may take: a body has a limit. */
export const MAX_LIST_FRAME = 192 * 1024;
/** Bytes that the frame of one member takes at most besides its document. */
const MEMBER_FRAME = 512;

/** What is known of a list's member. */
export interface MemberState {
  readonly state: "active" | "pending" | "terminated";
  /** As in Subscription-State, when terminated. */
  readonly reason?: string;
  readonly body?: { readonly contentType: string; readonly content: string };
}

/** Watches people of other domains on behalf of a list's owner. */
export interface OutsideMembers {
  /** Begins to watch; `news` hears of every state that comes. Returns what ends it. */
  watch(resource: string, watcher: string, news: (state: MemberState) => void): () => void;
}

/** Somebody who watches a person by way of a list. */
export interface ListWatcher {
  readonly id: string;
  readonly watcher: string;
  readonly state: "active" | "pending";
  readonly since: number;
  readonly expiresAt: number;
}

export interface ListEventSettings {
  readonly clock: Clock;
  readonly settings: GatewaySettings;
  readonly accounts: AccountTable;
  /** The one person whom an alias stands for; any other address as it is. */
  personOf(aor: string): string;
  readonly presence: PresenceAgent;
  readonly notifier: Notifier;
  readonly waiting: WaitingTable;
  /** Absent while this office reaches nobody outside: then they are told as unknown. */
  readonly outside?: OutsideMembers;
  watchersChanged(resource: string): void;
}

/** What is kept of a list's SUBSCRIBE. */
interface ListDetail {
  readonly list: string;
  readonly members: readonly ListMember[];
  readonly pace: Pace;
}

interface LiveList {
  readonly subscription: Subscription;
  readonly detail: ListDetail;
  /** By canonical address; several spellings of one address are one member, and so is a person with their alias. */
  readonly members: ReadonlyMap<string, ListMember>;
  readonly told: Map<string, string>;
  /** Members whose state is to be told. */
  readonly due: Set<string>;
  full: boolean;
  readonly outside: Map<string, MemberState>;
  readonly ends: (() => void)[];
}

export class ListEvents implements EventPackage {
  readonly #settings: ListEventSettings;
  readonly #pacing: Pacing;
  readonly #lists = new Map<string, LiveList>();
  /** Lists by their members' addresses. */
  readonly #byMember = new Map<string, Set<LiveList>>();

  constructor(settings: ListEventSettings) {
    this.#settings = settings;
    this.#pacing = new Pacing(settings.clock, (id) => settings.notifier.notify(id));
  }

  /** Whether a SUBSCRIBE carries its list with it (RFC 5367 §3.1). */
  static asksForList(request: SipRequest): boolean {
    return optionTags(request, "require").includes("recipient-list-subscribe");
  }

  /** Whether a subscription is one to a list. */
  static isList({ detail }: Subscription): boolean {
    return detail?.startsWith('{"list":') === true;
  }

  admit(_event: string, resource: string, watcher: string, request: SipRequest): Admission {
    if (resource !== watcher) return { status: 403, reason: "A list is subscribed under your own address" };
    if (contentType(request)?.type !== RESOURCE_LISTS_TYPE)
      return { status: 415, headers: [["Accept", RESOURCE_LISTS_TYPE]] };
    const members = parseResourceLists(request.body);
    if (!members.ok)
      return members.error.code === "list-too-long"
        ? { status: 413, reason: "The list is too long" }
        : { status: 400, reason: "The list cannot be read" };
    return this.admitList(resource, members.value, request);
  }

  /** The admission to a list whose members are known. */
  admitList(list: string, members: readonly ListMember[], request: SipRequest): Admission {
    if (!optionTags(request, "supported").includes("eventlist"))
      return { status: 421, headers: [["Require", "eventlist"]] };
    if (frameOf(members) > MAX_LIST_FRAME) return { status: 413, reason: "The list is too long" };
    const detail: ListDetail = { list, members, pace: paceOf(request) };
    return { state: "active", detail: JSON.stringify(detail) };
  }

  subscribed(subscription: Subscription): void {
    const list = this.#listOf(subscription);
    for (const member of list.members.keys()) {
      this.#settings.waiting.remove(member, subscription.watcher);
      this.#settings.watchersChanged(member);
    }
  }

  /** The next NOTIFY begins to tell everything again. */
  refreshed(subscription: Subscription): undefined {
    const list = this.#listOf(subscription);
    list.full = true;
  }

  /**
   * Takes up the stored lists after a start. What they were told is not known, but those who may see nothing were told
   * what they would be told now.
   */
  restore(): void {
    for (const subscription of this.#settings.notifier.list({ event: PRESENCE })) {
      if (!ListEvents.isList(subscription)) continue;
      const list = this.#listOf(subscription);
      for (const address of list.members.keys()) {
        const hidden = this.#settings.presence.decide(address, subscription.watcher).kind === "appear-offline";
        if (hidden) list.told.set(address, markOf(this.#stateOf(list, address)));
      }
    }
  }

  ended(subscription: Subscription): void {
    const list = this.#lists.get(subscription.id);
    this.#pacing.forget(subscription.id);
    if (!list) return;
    this.#lists.delete(subscription.id);
    for (const end of list.ends) end();
    for (const member of list.members.keys()) {
      const lists = this.#byMember.get(member);
      lists?.delete(list);
      if (lists?.size === 0) this.#byMember.delete(member);
      const { watcher, since } = subscription;
      if (this.#stateOf(list, member).state === "pending")
        this.#settings.waiting.put({ resource: member, watcher, since });
      this.#settings.watchersChanged(member);
    }
  }

  /** Who watches a person by a list. */
  watching(resource: string): readonly ListWatcher[] {
    return [...(this.#byMember.get(resource) ?? [])].flatMap((list) => {
      const { state } = this.#stateOf(list, resource);
      const { id, watcher, since, expiresAt } = list.subscription;
      return state === "terminated" ? [] : [{ id: `${id} ${resource}`, watcher, state, since, expiresAt }];
    });
  }

  /** People changed, or their rules: lists are told of members whose state differs from what was told last. */
  changed(resources: readonly string[]): void {
    const touched = new Set<LiveList>();
    for (const resource of resources)
      for (const list of this.#byMember.get(resource) ?? []) {
        list.due.add(resource);
        touched.add(list);
      }
    for (const list of touched) this.#tell(list);
  }

  additions(subscription: Subscription): Additions {
    const { pace } = this.#listOf(subscription).detail;
    return { headers: [["Require", "eventlist"]], stateParams: paceParams(pace) };
  }

  render(subscription: Subscription): NotifyBody {
    const list = this.#listOf(subscription);
    this.#pacing.told(subscription.id, list.detail.pace);
    if (list.full) for (const address of list.members.keys()) list.due.add(address);
    const version = subscription.dialog.localSequence;
    // Nobody who writes a member's document can know it, so that none can break out of its part.
    const boundary = sha256Hex(`${subscription.id} ${version}`).slice(0, 32);
    const resources = new Map<string, ResourceMeta>();
    const parts: { headers: [string, string][]; body: string }[] = [];
    let size = 0;
    for (const address of list.due) {
      const state = this.#stateOf(list, address);
      const mark = markOf(state);
      if (!list.full && list.told.get(address) === mark) {
        list.due.delete(address);
        continue;
      }
      const more = MEMBER_FRAME + (state.body?.content.length ?? 0);
      if (size + more > MAX_LIST_NOTIFY) break;
      size += more;
      list.due.delete(address);
      list.told.set(address, mark);
      const cid = state.body && `${sha256Hex(address).slice(0, 16)}@${this.#settings.settings.domain}`;
      resources.set(address, this.#meta(list, address, state, cid));
      if (state.body && cid !== undefined) parts.push(partOf(cid, state.body));
    }
    const meta = list.full
      ? [...list.members.keys()].map((address) => resources.get(address) ?? this.#bareMeta(list, address))
      : [...resources.values()];
    const rlmi = formatRlmi({ uri: list.detail.list, version, fullState: list.full, resources: meta });
    list.full = false;
    // What did not fit follows as soon as this one has arrived.
    if (list.due.size > 0) this.#settings.clock.after(0, () => this.#tell(list));
    const start = `list@${this.#settings.settings.domain}`;
    return {
      contentType: `multipart/related;type="${RLMI_TYPE}";start="<${start}>";boundary="${boundary}"`,
      body: formatMultipart([partOf(start, { contentType: RLMI_TYPE, content: rlmi }), ...parts], boundary),
    };
  }

  close(): void {
    this.#pacing.close();
    for (const { ends } of this.#lists.values()) for (const end of ends) end();
  }

  /** Only when a member's state is not what was told: nobody shall learn that something happened behind a rule. */
  #tell(list: LiveList): void {
    const isNews = (): boolean =>
      [...list.due].some((address) => list.told.get(address) !== markOf(this.#stateOf(list, address)));
    if (this.#lists.get(list.subscription.id) === list && isNews()) this.#pacing.news(list.subscription.id, isNews);
  }

  #listOf(subscription: Subscription): LiveList {
    const known = this.#lists.get(subscription.id);
    if (known) return known;
    const detail = JSON.parse(subscription.detail ?? "") as ListDetail;
    const members = new Map(
      detail.members.flatMap((member): [string, ListMember][] => {
        const address = canonicalAddress(member.uri.replace(/^pres:/i, "sip:"));
        return address === undefined ? [] : [[this.#settings.personOf(address), member]];
      }),
    );
    const list: LiveList = {
      subscription,
      detail,
      members,
      told: new Map(),
      due: new Set(),
      full: true,
      outside: new Map(),
      ends: [],
    };
    this.#lists.set(subscription.id, list);
    for (const address of members.keys()) {
      const lists = this.#byMember.get(address) ?? new Set();
      this.#byMember.set(address, lists.add(list));
      this.#watchOutside(list, address);
    }
    return list;
  }

  #watchOutside(list: LiveList, address: string): void {
    const { settings, outside } = this.#settings;
    if (!outside || settings.isOwnDomain(domainOf(address))) return;
    list.outside.set(address, { state: "pending" });
    const end = outside.watch(address, list.subscription.watcher, (state) => {
      list.outside.set(address, state);
      this.changed([address]);
    });
    list.ends.push(end);
  }

  #stateOf(list: LiveList, address: string): MemberState {
    const { settings, accounts, presence } = this.#settings;
    if (!settings.isOwnDomain(domainOf(address)))
      return list.outside.get(address) ?? { state: "terminated", reason: "noresource" };
    const account = accounts.get(address);
    if (!account || account.disabled) return { state: "terminated", reason: "noresource" };
    const { watcher } = list.subscription;
    const decision = presence.decide(address, watcher);
    if (decision.kind === "block") return { state: "terminated", reason: "rejected" };
    if (decision.kind === "ask") return { state: "pending" };
    const view = presence.viewOf(address, decision);
    return { state: "active", ...(view && { body: { contentType: PIDF_TYPE, content: view.body } }) };
  }

  #meta(list: LiveList, address: string, { state, reason }: MemberState, cid: string | undefined): ResourceMeta {
    const id = sha256Hex(address).slice(0, 8);
    const instance = { id, state, ...(reason !== undefined && { reason }), ...(cid !== undefined && { cid }) };
    return { ...this.#bareMeta(list, address), instance };
  }

  #bareMeta(list: LiveList, address: string): ResourceMeta {
    const member = list.members.get(address);
    return { uri: member?.uri ?? address, ...(member?.name !== undefined && { name: member.name }) };
  }
}

/** Bytes that naming every member takes. */
function frameOf(members: Iterable<ListMember>): number {
  let bytes = 0;
  for (const { uri, name = "" } of members) bytes += 48 + uri.length + 2 * Buffer.byteLength(name);
  return bytes;
}

function markOf({ state, reason = "", body }: MemberState): string {
  return `${state} ${reason} ${body ? sha256Hex(body.content) : ""}`;
}

function partOf(cid: string, { contentType: type, content }: NonNullable<MemberState["body"]>) {
  const headers: [string, string][] = [
    ["Content-Transfer-Encoding", "binary"],
    ["Content-ID", `<${cid}>`],
    ["Content-Type", `${type};charset="UTF-8"`],
  ];
  return { headers, body: content };
}
