import { type Result, success } from "../platform/result.ts";
import { NAMESPACE } from "./namespaces.ts";
import {
  children,
  element,
  formatXml,
  is,
  parseXml,
  text,
  unexpectedDocument,
  type XmlElement,
  type XmlError,
} from "./xml.ts";

/** The content type of watcher information. */
export const WATCHER_INFO_TYPE = "application/watcherinfo+xml";

const STATUSES = ["active", "pending", "waiting", "terminated"] as const;
const EVENTS = [
  "subscribe",
  "approved",
  "deactivated",
  "probation",
  "rejected",
  "timeout",
  "giveup",
  "noresource",
] as const;

export type WatcherStatus = (typeof STATUSES)[number];

/** What brought the watcher into its status (RFC 3857 §4.7.1). */
export type WatcherEvent = (typeof EVENTS)[number];

/** Who watches a resource (RFC 3858). */
export interface WatcherInfo {
  /** Grows by one with each document of a subscription. */
  readonly version: number;
  readonly state: "full" | "partial";
  readonly lists: readonly WatcherList[];
}

export interface WatcherList {
  readonly resource: string;
  /** The event package that is watched, for example `presence`. */
  readonly package: string;
  readonly watchers: readonly Watcher[];
}

export interface Watcher {
  readonly id: string;
  readonly uri: string;
  readonly displayName?: string;
  readonly status: WatcherStatus;
  readonly event: WatcherEvent;
  /** Seconds since the subscription began. */
  readonly durationSubscribed?: number;
  /** Seconds until the subscription ends. */
  readonly expiration?: number;
}

/**
 * Reads watcher information. A watcher without identifier or address, or with a status or event that does not exist, is
 * left out. Errors: those of {@link parseXml}; `xml-unexpected` for another document, version or state.
 */
export function parseWatcherInfo(source: string | Uint8Array): Result<WatcherInfo, XmlError> {
  const parsed = parseXml(source);
  if (!parsed.ok) return parsed;
  const root = parsed.value;
  if (!is(root, NAMESPACE.watcherInfo, "watcherinfo")) return unexpectedDocument("This is no watcher information.");
  const version = wholeNumber(root.attributes.get("version"));
  const state = root.attributes.get("state");
  if (version === undefined) return unexpectedDocument("The watcher information has no version.");
  if (state !== "full" && state !== "partial") return unexpectedDocument("It is neither full nor partial.");
  return success({ version, state, lists: children(root, NAMESPACE.watcherInfo, "watcher-list").map(readList) });
}

function readList(node: XmlElement): WatcherList {
  return {
    resource: node.attributes.get("resource") ?? "",
    package: node.attributes.get("package") ?? "",
    watchers: children(node, NAMESPACE.watcherInfo, "watcher")
      .map(readWatcher)
      .filter((watcher) => watcher !== undefined),
  };
}

function readWatcher(node: XmlElement): Watcher | undefined {
  const [id, uri] = [node.attributes.get("id") ?? "", text(node)];
  const status = STATUSES.find((known) => known === node.attributes.get("status"));
  const event = EVENTS.find((known) => known === node.attributes.get("event"));
  if (id === "" || uri === "" || status === undefined || event === undefined) return undefined;
  const displayName = node.attributes.get("display-name");
  const durationSubscribed = wholeNumber(node.attributes.get("duration-subscribed"));
  const expiration = wholeNumber(node.attributes.get("expiration"));
  return {
    id,
    uri,
    ...(displayName !== undefined && { displayName }),
    status,
    event,
    ...(durationSubscribed !== undefined && { durationSubscribed }),
    ...(expiration !== undefined && { expiration }),
  };
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text.trim()) ? Number(text) : undefined;
}

/** Writes watcher information. */
export function formatWatcherInfo({ version, state, lists }: WatcherInfo): string {
  const root = element(NAMESPACE.watcherInfo, "watcherinfo", { version, state }, ...lists.map(listElement));
  return formatXml(root, { "": NAMESPACE.watcherInfo });
}

function listElement({ resource, package: watched, watchers }: WatcherList): XmlElement {
  const attributes = { resource, package: watched };
  return element(NAMESPACE.watcherInfo, "watcher-list", attributes, ...watchers.map(watcherElement));
}

function watcherElement(watcher: Watcher): XmlElement {
  const attributes = {
    id: watcher.id,
    status: watcher.status,
    event: watcher.event,
    "display-name": watcher.displayName,
    "duration-subscribed": watcher.durationSubscribed,
    expiration: watcher.expiration,
  };
  return element(NAMESPACE.watcherInfo, "watcher", attributes, watcher.uri);
}
