import { useMemo } from "react";
import type { PrivacyRule } from "../../../core/bridge/contract.ts";
import { useWords } from "../../state/context.tsx";

const rules: readonly PrivacyRule[] = ["allow", "basic", "ask", "appear-offline", "block"];

/** The five rules in words, from most to least. */
export function useRuleOptions(): readonly { readonly value: PrivacyRule; readonly text: string }[] {
  const words = useWords();
  return useMemo(() => rules.map((value) => ({ value, text: words.say(`rule.${value}`) })), [words]);
}
