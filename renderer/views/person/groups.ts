import { useMemo } from "react";
import { useModel } from "../../state/context.tsx";

/** Reads "Accounts, Night shift" as two names; empty ones and repetitions are left out. */
export function groupsFrom(typed: string): string[] {
  const names = typed.split(",").map((name) => name.trim());
  return [...new Set(names.filter((name) => name !== ""))];
}

/** The groups in use, by name. */
export function useGroupNames(): readonly string[] {
  const contacts = useModel((model) => model.contacts);
  return useMemo(() => [...new Set([...contacts.values()].flatMap((contact) => contact.groups))].sort(), [contacts]);
}
