/** Who may see whom (RFC 4745, RFC 5025). Pure: documents and settings in, a decision out. */
import type { Circumstances, Ruleset } from "../../payload/pres-rules.ts";
import { decide, extentOf } from "../../payload/pres-rules.ts";
import type { XmlElement } from "../../payload/xml.ts";

export type WatchDecision =
  | { readonly kind: "allow"; readonly show: "everything" | "basic" }
  /** Sees what these transformations leave (RFC 5025 §3.3). */
  | { readonly kind: "allow"; readonly show: "some"; readonly transformations: readonly XmlElement[] }
  /** Looks exactly like somebody who is offline. */
  | { readonly kind: "appear-offline" }
  | { readonly kind: "ask" }
  | { readonly kind: "block" };

/** Who does not say who they are (RFC 3323 §4.1.1.3). */
const ANONYMOUS = /@anonymous\.invalid$/;

/** `rules` is the person's own document, absent where there is none; `fallback` is what the office says otherwise. */
export function decideWatcher(
  rules: Ruleset | undefined,
  resource: string,
  watcher: string,
  fallback: "allow" | "ask" | "block",
  circumstances: Circumstances = {},
): WatchDecision {
  // Everybody may see themselves: that is how one device learns of another.
  if (resource === watcher) return { kind: "allow", show: "everything" };
  const ruled = rules && decide(rules, watcher, circumstances);
  if (!ruled) {
    // Nobody can be asked about somebody without a name.
    if (ANONYMOUS.test(watcher)) return { kind: "block" };
    return fallback === "allow" ? { kind: "allow", show: "everything" } : { kind: fallback };
  }
  switch (ruled.handling) {
    case "allow": {
      const show = extentOf(ruled.transformations);
      return show === "some"
        ? { kind: "allow", show, transformations: ruled.transformations }
        : { kind: "allow", show };
    }
    case "polite-block":
      return { kind: "appear-offline" };
    case "confirm":
      return { kind: "ask" };
    case "block":
      return { kind: "block" };
  }
}
