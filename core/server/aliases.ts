/** Addresses that stand for others: followed when a request comes, checked when they are made. */
import { bareAddress } from "../sip/address.ts";
import type { AliasTable } from "../store/store.ts";

/** Addresses that one alias may stand for. */
export const MAX_ALIAS_TARGETS = 50;
/** People that a request to one address reaches at most, through all aliases that it passes. */
export const MAX_PEOPLE_REACHED = 200;

type Targets = Pick<AliasTable, "targets">;

/**
 * The addresses at the end of the way: an address that is no alias stands for itself. A loop, which cannot be set but
 * might come from a damaged file, is passed once.
 */
export function followAliases(aliases: Targets, aor: string): readonly string[] {
  const reached: string[] = [];
  const seen = new Set<string>([aor]);
  const open = [aor];
  for (let next = open.shift(); next !== undefined && reached.length < MAX_PEOPLE_REACHED; next = open.shift()) {
    const targets = aliases.targets(next);
    if (targets.length === 0) reached.push(next);
    for (const target of targets) {
      if (seen.has(target)) continue;
      seen.add(target);
      open.push(target);
    }
  }
  return reached;
}

/** The one person whom an alias stands for; any other address, also an alias of several, as it is. */
export function onlyPersonOf(aliases: Targets, aor: string): string {
  const [person, ...others] = followAliases(aliases, aor);
  return person !== undefined && others.length === 0 ? person : aor;
}

/** The loop that an alias with these targets would close, in the order in which it is walked; nothing when there is none. */
export function loopOf(aliases: Targets, aor: string, targets: readonly string[]): readonly string[] | undefined {
  const seen = new Set<string>();
  const walk = (at: string, way: readonly string[]): readonly string[] | undefined => {
    if (at === aor) return [...way, at];
    if (seen.has(at)) return undefined;
    seen.add(at);
    for (const target of aliases.targets(at)) {
      const loop = walk(target, [...way, at]);
      if (loop) return loop;
    }
    return undefined;
  };
  for (const target of targets) {
    const loop = walk(target, [aor]);
    if (loop) return loop;
  }
  return undefined;
}

/** A way through aliases as people read it. */
export function formatWay(way: readonly string[]): string {
  return way.map(bareAddress).join(" → ");
}
