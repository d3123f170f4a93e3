/** One document from everything that is known of a person (RFC 4479 §3): publications, registrations, a lost flow. Pure. */
import type { PresenceDocument, Tuple } from "../payload/pidf.ts";
import { stateToPidf } from "../payload/presence-state.ts";

export interface Known {
  /** `sip:name@domain`. */
  readonly entity: string;
  /** Published documents, oldest first. */
  readonly published: readonly { readonly document: PresenceDocument; readonly at: number }[];
  readonly registeredSince?: number;
  /** When the last flow of this person went without a goodbye, while its binding would still have lived. */
  readonly lostAt?: number;
}

/**
 * What a watcher with full rights is told. A publication says more than a registration; a device that publishes
 * nothing shows as online; a flow that broke is told as such before it becomes offline.
 */
export function compose(known: Known): PresenceDocument {
  const { entity, published, registeredSince, lostAt } = known;
  const newest = published.at(-1);
  if (newest) {
    const document = merged(entity, published, newest.document);
    // Somebody who chose to appear offline must look exactly like somebody who is.
    return isOpen(document) ? document : stateToPidf({ entity, tupleId: "gateway", state: "offline" });
  }
  if (registeredSince !== undefined)
    return stateToPidf({ entity, tupleId: "registration", state: "available", since: registeredSince });
  if (lostAt !== undefined) return stateToPidf({ entity, tupleId: "gateway", state: "connection-lost", since: lostAt });
  return stateToPidf({ entity, tupleId: "gateway", state: "offline" });
}

/** How much of the document a watcher may see (RFC 5025 §3.3). */
export function limited(document: PresenceDocument, show: "everything" | "basic" | "offline"): PresenceDocument {
  if (show === "everything") return document;
  const { entity } = document;
  const open = show === "basic" && isOpen(document);
  return stateToPidf({ entity, tupleId: "gateway", state: open ? "available" : "offline" });
}

function isOpen(document: PresenceDocument): boolean {
  return document.tuples.some(({ basic }) => basic === "open");
}

/** Every device keeps its tuple, the newest publication wins where two speak of the same; the newest speaks for the person. */
function merged(entity: string, published: Known["published"], newest: PresenceDocument): PresenceDocument {
  const tuples = new Map<string, Tuple>();
  for (const { document } of published) for (const tuple of document.tuples) tuples.set(tuple.id, tuple);
  return { ...newest, entity, tuples: [...tuples.values()] };
}
