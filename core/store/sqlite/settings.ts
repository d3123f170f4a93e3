import type { SettingTable } from "../store.ts";
import type { Database } from "./database.ts";

/** The table of names and values that gateway and profile share in form. */
export function settingTable(database: Database): SettingTable {
  const get = database.prepare<[string], { value: string }>("SELECT value FROM settings WHERE name = ?");
  const set = database.prepare("INSERT OR REPLACE INTO settings VALUES (?, ?)");
  const all = database.prepare<[], { name: string; value: string }>("SELECT name, value FROM settings ORDER BY name");
  return {
    get: (name) => get.get(name)?.value,
    set: (name, value) => void set.run(name, value),
    all: () => Object.fromEntries(all.all().map(({ name, value }) => [name, value])),
  };
}
