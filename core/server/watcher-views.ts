/** What each kind of watcher sees of a person: made once for all who see the same, kept until something changes. */
import { sha256Hex } from "../platform/hash.ts";
import { formatXml, element } from "../payload/xml.ts";
import type { PresenceDocument } from "../payload/pidf.ts";
import { formatPidf } from "../payload/pidf.ts";
import { filterPidf } from "../payload/pres-rules.ts";
import { limited } from "./composition.ts";
import type { WatchDecision } from "./policy/watching.ts";

export interface View {
  readonly document: PresenceDocument;
  readonly body: string;
  /** Tells two views apart (RFC 5839 §5.1). */
  readonly etag: string;
}

export class WatcherViews {
  readonly #compose: (resource: string) => PresenceDocument;
  readonly #views = new Map<string, Map<string, View>>();

  constructor(compose: (resource: string) => PresenceDocument) {
    this.#compose = compose;
  }

  /** What somebody with this decision sees; nothing while the question is open or when it was answered with no. */
  of(resource: string, decision: WatchDecision): View | undefined {
    if (decision.kind === "ask" || decision.kind === "block") return undefined;
    const views = this.#views.get(resource) ?? new Map<string, View>();
    this.#views.set(resource, views);
    const name = nameOf(decision);
    const view = views.get(name) ?? viewOf(this.#compose(resource), decision);
    views.set(name, view);
    return view;
  }

  forget(resource: string): void {
    this.#views.delete(resource);
  }
}

type Visible = Exclude<WatchDecision, { kind: "ask" | "block" }>;

function nameOf(decision: Visible): string {
  if (decision.kind === "appear-offline") return "offline";
  return decision.show === "some" ? formatXml(element("", "some", {}, ...decision.transformations)) : decision.show;
}

function viewOf(whole: PresenceDocument, decision: Visible): View {
  const document =
    decision.kind === "appear-offline"
      ? limited(whole, "offline")
      : decision.show === "some"
        ? filterPidf(whole, decision.transformations)
        : limited(whole, decision.show);
  const body = formatPidf(document);
  return { document, body, etag: sha256Hex(body).slice(0, 16) };
}
