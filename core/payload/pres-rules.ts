/** Presence authorization (RFC 4745, RFC 5025): the document, its verdicts, and a person's own decisions in its terms. */

export {
  type Conditions,
  type Exception,
  formatRuleset,
  type Handling,
  type IdentityCondition,
  parseRuleset,
  PRES_RULES_TYPE,
  type Rule,
  type Ruleset,
  type Validity,
} from "./ruleset.ts";
export { type Circumstances, decide, type Decision, nextBoundary } from "./pres-decision.ts";
export { extentOf, filterPidf } from "./pres-transform.ts";
export { type PrivacyEntry, type PrivacyRule, rulesetFor, rulesOf } from "./privacy-rules.ts";
