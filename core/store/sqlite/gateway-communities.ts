/** Partners of an office in its SQLite file. */
import type { CommunityRecord, CommunityTable } from "../store.ts";
import type { Database } from "./database.ts";

interface Row {
  name: string;
  domains: string;
  proxy: string | null;
  transport: CommunityRecord["transport"];
  trusted: string;
  authority: string | null;
  enabled: number;
}

export function communityTable(database: Database): CommunityTable {
  const get = database.prepare<[string], Row>("SELECT * FROM communities WHERE name = ?");
  const list = database.prepare<[], Row>("SELECT * FROM communities ORDER BY name");
  const put = database.prepare(`INSERT OR REPLACE INTO communities
    VALUES (@name, @domains, @proxy, @transport, @trusted, @authority, @enabled)`);
  const remove = database.prepare("DELETE FROM communities WHERE name = ?");
  return {
    get(name) {
      const row = get.get(name);
      return row && read(row);
    },
    list: () => list.all().map(read),
    put: (community) =>
      void put.run({
        ...community,
        domains: community.domains.join(","),
        trusted: community.trusted.join(","),
        proxy: community.proxy ?? null,
        authority: community.authority ?? null,
        enabled: community.enabled ? 1 : 0,
      }),
    remove: (name) => remove.run(name).changes > 0,
  };
}

function read({ proxy, authority, ...row }: Row): CommunityRecord {
  return {
    ...row,
    domains: row.domains.split(","),
    trusted: row.trusted === "" ? [] : row.trusted.split(","),
    ...(proxy !== null && { proxy }),
    ...(authority !== null && { authority }),
    enabled: row.enabled === 1,
  };
}
