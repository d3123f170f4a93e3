/** Who may see whom (RFC 4745, RFC 5025). Pure: documents and settings in, a decision out. */
import type { Ruleset } from "../../payload/pres-rules.ts";
import { decide } from "../../payload/pres-decision.ts";

export type WatchDecision =
  | { readonly kind: "allow"; readonly show: "everything" | "basic" }
  /** Looks exactly like somebody who is offline. */
  | { readonly kind: "appear-offline" }
  | { readonly kind: "ask" }
  | { readonly kind: "block" };

/** `rules` is the person's own document, absent where there is none; `fallback` is what the office says otherwise. */
export function decideWatcher(
  rules: Ruleset | undefined,
  resource: string,
  watcher: string,
  fallback: "allow" | "ask" | "block",
): WatchDecision {
  // Everybody may see themselves: that is how one device learns of another.
  if (resource === watcher) return { kind: "allow", show: "everything" };
  const ruled = rules && decide(rules, watcher);
  if (!ruled) return fallback === "allow" ? { kind: "allow", show: "everything" } : { kind: fallback };
  switch (ruled.handling) {
    case "allow":
      return { kind: "allow", show: ruled.show };
    case "polite-block":
      return { kind: "appear-offline" };
    case "confirm":
      return { kind: "ask" };
    case "block":
      return { kind: "block" };
  }
}
