/** What a person chose about the program itself. */
import type { Settings } from "../bridge/contract.ts";
import type { SettingTable } from "../store/store.ts";

const NAME = "face";
const DEFAULTS: Settings = {
  theme: "system",
  language: "system",
  density: "comfortable",
  enterSends: true,
  sendReceipts: true,
  sendTyping: true,
};

export function readSettings(table: SettingTable): Settings {
  const kept = table.get(NAME);
  return kept === undefined ? DEFAULTS : { ...DEFAULTS, ...(JSON.parse(kept) as Partial<Settings>) };
}

/** Writes what the wish names and leaves the rest. */
export function writeSettings(
  table: SettingTable,
  wish: { readonly [Name in keyof Settings]?: Settings[Name] | undefined },
): void {
  const given = Object.fromEntries(Object.entries(wish).filter(([, value]) => value !== undefined));
  table.set(NAME, JSON.stringify({ ...readSettings(table), ...given }));
}
