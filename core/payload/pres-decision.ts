import { domainOf, type Identity, identityOf } from "./identity.ts";
import {
  type Conditions,
  type Exception,
  grants,
  type Handling,
  HANDLINGS,
  type IdentityCondition,
  type Rule,
  type Ruleset,
} from "./ruleset.ts";
import type { XmlElement } from "./xml.ts";

/** What conditions other than the identity are judged by; what is absent makes them fail. */
export interface Circumstances {
  /** Milliseconds since 1970. */
  readonly now?: number;
  /** The presentity's own sphere, such as `work`. */
  readonly sphere?: string;
}

export interface Decision {
  readonly handling: Handling;
  /** `everything`, or `basic`: whether somebody can be reached, and nothing more. */
  readonly show: "everything" | "basic";
  /** All transformations granted, for those who filter by more than `show`. */
  readonly transformations: readonly XmlElement[];
}

/**
 * What a ruleset grants an authenticated watcher; undefined when no rule matches.
 *
 * Grants add up and the most permissive wins (RFC 4745 §10). `show` is `everything` only where services, persons and
 * all attributes are granted whole, so that nothing is shown that a stranger's document holds back.
 */
export function decide(ruleset: Ruleset, watcherUri: string, circumstances: Circumstances = {}): Decision | undefined {
  const watcher = identityOf(watcherUri);
  const matching = ruleset.rules.filter(({ conditions }) => holds(conditions, watcher, circumstances));
  if (matching.length === 0) return undefined;
  const transformations = matching.flatMap((rule) => rule.transformations);
  return { handling: mostPermissive(matching), show: shown(transformations), transformations };
}

/** How much a set of transformations shows, by the same measure as {@link decide}. */
export function shown(transformations: readonly XmlElement[]): Decision["show"] {
  const whole =
    grants(transformations, "provide-services", "all-services") &&
    grants(transformations, "provide-persons", "all-persons") &&
    grants(transformations, "provide-all-attributes");
  return whole ? "everything" : "basic";
}

function mostPermissive(rules: readonly Rule[]): Handling {
  const ranks = rules.map(({ handling }) => (handling === undefined ? 0 : HANDLINGS.indexOf(handling)));
  return HANDLINGS[ranks.reduce((a, b) => Math.max(a, b), 0)] ?? "block";
}

/** The domain of those who do not say who they are (RFC 3323 §4.1.1.3). */
const ANONYMOUS = "anonymous.invalid";

/**
 * When the rules may decide otherwise by themselves, because the time of one begins or ends: the next such moment after
 * `now`, both in milliseconds since 1970.
 */
export function nextBoundary({ rules }: Ruleset, now: number): number | undefined {
  const times = rules
    .flatMap(({ conditions }) => conditions.validity ?? [])
    .flatMap(({ from, until }) => [from, until])
    .filter((time) => time > now);
  return times.length === 0 ? undefined : times.reduce((a, b) => Math.min(a, b));
}

function holds(
  { identity, spheres, validity, unknown }: Conditions,
  watcher: Identity,
  { now, sphere }: Circumstances,
): boolean {
  return (
    unknown.length === 0 &&
    // Whoever is not authenticated has no identity that a rule could match (RFC 4745 §7.1).
    (identity === undefined ||
      (watcher.domain !== ANONYMOUS && identity.some((condition) => matches(condition, watcher)))) &&
    (spheres === undefined || (sphere !== undefined && spheres.includes(sphere))) &&
    (validity === undefined || (now !== undefined && validity.some(({ from, until }) => from <= now && now < until)))
  );
}

function matches(condition: IdentityCondition, watcher: Identity): boolean {
  if ("one" in condition) return identityOf(condition.one).uri === watcher.uri;
  const { domain, except } = condition.many;
  const inside = domain === undefined || (watcher.domain !== undefined && domainOf(domain) === watcher.domain);
  return inside && !except.some((exception) => excepts(exception, watcher));
}

function excepts(exception: Exception, watcher: Identity): boolean {
  if ("id" in exception) return identityOf(exception.id).uri === watcher.uri;
  return watcher.domain !== undefined && domainOf(exception.domain) === watcher.domain;
}
