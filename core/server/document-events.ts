/** The event package `xcap-diff` (RFC 5875): people learn that their own documents changed, on whichever device. */
import type { DocumentNews } from "../payload/xcap-diff.ts";
import { formatXcapDiff, XCAP_DIFF_TYPE } from "../payload/xcap-diff.ts";
import { parseResourceLists, RESOURCE_LISTS_TYPE } from "../payload/resource-lists.ts";
import type { Notifier, NotifyBody, Subscription } from "../sip/event/notifier.ts";
import { contentType } from "../sip/message/fields.ts";
import type { SipRequest } from "../sip/message/message.ts";
import { documentFor } from "./application-usages.ts";
import type { DocumentChange, Documents } from "./documents.ts";
import type { Admission, EventPackage } from "./event-packages.ts";
import type { GatewaySettings } from "./settings.ts";
import { XCAP_ROOT } from "./xcap.ts";

export const XCAP_DIFF = "xcap-diff";
/** Documents and collections that one subscription may name. */
export const MAX_SELECTED = 64;

export interface DocumentEventSettings {
  readonly settings: GatewaySettings;
  readonly documents: Documents;
  readonly notifier: Notifier;
}

export class DocumentEvents implements EventPackage {
  readonly #settings: DocumentEventSettings;
  /** What changed since a subscription was told last, by path; one that is not here is told everything. */
  readonly #changes = new Map<string, Map<string, DocumentNews>>();

  constructor(settings: DocumentEventSettings) {
    this.#settings = settings;
  }

  /** The body lists documents or collections of the watcher's own (RFC 5875 §4.3); without one all are meant. */
  admit(_event: string, resource: string, watcher: string, request: SipRequest): Admission {
    if (resource !== watcher) return { status: 403 };
    if (request.body.length === 0) return { state: "active", detail: JSON.stringify([""]) };
    if (contentType(request)?.type !== RESOURCE_LISTS_TYPE)
      return { status: 415, headers: [["Accept", RESOURCE_LISTS_TYPE]] };
    const selected = parseResourceLists(request.body);
    if (!selected.ok || selected.value.length > MAX_SELECTED) return { status: 400, reason: "The list cannot be read" };
    return { state: "active", detail: JSON.stringify(selected.value.map(({ uri }) => pathOf(uri))) };
  }

  refreshed({ id }: Subscription): undefined {
    this.#changes.delete(id);
  }

  ended({ id }: Subscription): void {
    this.#changes.delete(id);
  }

  /** A document changed, came or went. */
  changed(change: DocumentChange): void {
    const { notifier } = this.#settings;
    const path = `${change.application}/users/${change.aor}/${change.name}`;
    for (const subscription of notifier.list({ resource: change.aor, event: XCAP_DIFF })) {
      if (!selects(subscription, path)) continue;
      const changes = this.#changes.get(subscription.id);
      // Of several changes the first knows what was there, the last what is.
      const previous = changes?.has(path) ? changes.get(path)?.previous : change.previous;
      const { etag } = change;
      changes?.set(path, { path, ...(previous !== undefined && { previous }), ...(etag !== undefined && { etag }) });
      notifier.notify(subscription.id);
    }
  }

  render(subscription: Subscription): NotifyBody {
    const { settings, documents } = this.#settings;
    const changes = this.#changes.get(subscription.id);
    const all = (): readonly DocumentNews[] =>
      documents
        .of(subscription.resource)
        .map(({ application, aor, name, etag }) => ({ path: `${application}/users/${aor}/${name}`, etag }))
        .filter(({ path }) => selects(subscription, path));
    const told = changes && changes.size > 0 ? [...changes.values()] : all();
    this.#changes.set(subscription.id, new Map());
    return { contentType: XCAP_DIFF_TYPE, body: formatXcapDiff(`https://${settings.domain}${XCAP_ROOT}`, told) };
  }
}

/** A document by its path, a collection by the path that ends in a slash, everything by nothing. */
function selects({ detail = "[]" }: Subscription, path: string): boolean {
  const selected = JSON.parse(detail) as readonly string[];
  return selected.some((one) => (one === "" || one.endsWith("/") ? path.startsWith(one) : path === one));
}

/** The path below the root of what a list names, by a relative or absolute URI; aliases under their own name. */
function pathOf(uri: string): string {
  const below = uri.includes(XCAP_ROOT) ? uri.slice(uri.indexOf(XCAP_ROOT) + XCAP_ROOT.length) : uri.replace(/^\//, "");
  const [application = "", tree, user, name] = below.split("/");
  const served = name ? documentFor(application, name) : undefined;
  return served ? `${served.application}/${tree}/${user}/${served.name}` : below;
}
