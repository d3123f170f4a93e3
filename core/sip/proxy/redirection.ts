/** What a redirect server answers (RFC 3261 §8.3, §21.3). Pure. */
import type { ProxyTarget } from "./copy.ts";

/** 302 for one target, 300 for several, most wanted first. */
export function redirection(targets: readonly ProxyTarget[]): {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
} {
  const list = [...targets].sort((a, b) => b.q - a.q).map(({ uri, q }) => `<${uri}>;q=${q}`);
  return { status: targets.length === 1 ? 302 : 300, headers: [["Contact", list.join(", ")]] };
}
