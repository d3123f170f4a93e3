/** A server that answers every request statefully with 200 and does nothing else; prints its port when it listens. */
import { systemClock } from "../../../core/platform/clock.ts";
import { silentLog } from "../../../core/platform/log.ts";
import { systemRandom } from "../../../core/platform/random.ts";
import { Stack } from "../../../core/sip/stack.ts";
import { systemNetwork } from "../../../core/sip/transport/system-network.ts";

/** Serves until the process is ended. */
export async function serveStatefully(): Promise<void> {
  const stack = new Stack({
    clock: systemClock(),
    random: systemRandom(),
    log: silentLog,
    network: systemNetwork(),
    dns: { naptr: async () => [], srv: async () => [], addresses: async () => [] },
    product: "Bench",
    transports: ["udp"],
  });
  stack.use({ request: (transaction) => stack.respond(transaction, 200) });
  const { port } = await stack.listen("udp", { address: "127.0.0.1", port: 0 });
  process.stdout.write(`${port}\n`);
  process.once("SIGTERM", () => process.exit(0));
}
