/** Joins the parts of a person's side on its folder. Only entry points call this; everything outside comes in here. */
import { join } from "node:path";
import type { ServedBridge } from "./bridge/serve.ts";
import { serve } from "./bridge/serve.ts";
import { Client } from "./client/client.ts";
import type { Ports } from "./compose-office.ts";
import { EmbeddedGateway } from "./embedded-gateway.ts";
import type { PrivateFiles } from "./platform/files.ts";
import type { Secrets } from "./platform/secrets.ts";
import { PRODUCT } from "./product.ts";
import { openProfileStore } from "./store/sqlite/profile-store.ts";

export interface ProfileHost {
  readonly bridge: ServedBridge;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** The network changed or the machine woke. */
  reconnect(): void;
}

/** A person's profile in its folder, with the embedded gateway that it may run. The caller owns the folder. */
export function composeProfile(
  ports: Ports,
  folder: string,
  secrets: Secrets,
  gatewayFiles: (folder: string) => PrivateFiles,
): ProfileHost {
  const store = openProfileStore(folder === ":memory:" ? folder : join(folder, "profile.sqlite"), ports.clock);
  const client = new Client({ ...ports, store, secrets, product: PRODUCT });
  const gateway = new EmbeddedGateway({
    ports,
    folder: folder === ":memory:" ? folder : join(folder, "gateway"),
    files: gatewayFiles,
    settings: store.settings,
    changed: (status) => client.events.emit("gateway.changed", status),
  });
  return {
    bridge: serve({ client, gateway, log: ports.log }),
    async start() {
      await gateway.resume();
      await client.start();
    },
    async stop() {
      await client.stop();
      gateway.close();
      store.close();
    },
    reconnect: () => client.reconnect(),
  };
}
