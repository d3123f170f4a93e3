import type { Model } from "./model.ts";
import type { PrivacyRule, Rule, Watcher } from "../../core/bridge/contract.ts";
import { domainOf } from "./presence.ts";

/** People who asked to see me and have no answer yet. */
export function waitingWatchers(model: Model): readonly Watcher[] {
  return model.watchers.filter((watcher) => watcher.status === "pending" || watcher.status === "waiting");
}

export function watchingNow(model: Model): readonly Watcher[] {
  return model.watchers.filter((watcher) => watcher.status === "active");
}

/** The general rules before the special ones: everybody, then domains, then people. The lowest that fits counts. */
export function generalFirst(rules: readonly Rule[]): readonly Rule[] {
  const rank = (rule: Rule): number => (rule.target === "*" ? 0 : rule.target.startsWith("@") ? 1 : 2);
  return [...rules].sort((a, b) => rank(a) - rank(b) || a.target.localeCompare(b.target));
}

/**
 * The rules of an account with those that an office starts from, where nothing was set: everything for colleagues, a
 * question for everybody else. An office may have another start; what is set here always counts.
 */
export function withStart(rules: readonly Rule[], account: string): readonly Rule[] {
  const mine = rules.filter((rule) => rule.account === account);
  const inside = `@${domainOf(account)}`;
  const has = (target: string): boolean => mine.some((rule) => rule.target.toLowerCase() === target);
  // A rule for everybody else that a person set speaks of colleagues too, as long as nothing else does.
  const everybody: readonly Rule[] = has("*") ? [] : [{ account, target: "*", rule: "ask" }];
  const colleagues: readonly Rule[] = has(inside) || has("*") ? [] : [{ account, target: inside, rule: "allow" }];
  return [...mine, ...everybody, ...colleagues];
}

/** The rule that counts for an address: its own, its domain's, everybody's. */
export function ruleFor(rules: readonly Rule[], account: string, address: string): PrivacyRule {
  const mine = withStart(rules, account);
  const find = (target: string): Rule | undefined => mine.find((rule) => rule.target.toLowerCase() === target);
  const rule = find(address.toLowerCase()) ?? find(`@${domainOf(address)}`) ?? find("*");
  return rule?.rule ?? "ask";
}

/** One of our own domains that a strange domain looks like without being it; what people fall for in a hurry. */
export function resembledDomain(domain: string, own: readonly string[]): string | undefined {
  const strange = domain.toLowerCase();
  if (own.some((mine) => strange === mine || strange.endsWith(`.${mine}`))) return undefined;
  return own.find((mine) => {
    const label = mine.split(".")[0] ?? mine;
    const labels = strange.split(/[.-]/u);
    return (label.length >= 4 && labels.includes(label)) || isWithinTwoEdits(strange, mine);
  });
}

const MAX_COMPARED = 80;

function isWithinTwoEdits(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 2 || a.length > MAX_COMPARED) return false;
  let before = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = (before[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(change, (before[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    before = row;
  }
  return (before[b.length] ?? Infinity) <= 2;
}
