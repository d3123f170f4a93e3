/** STUN against coturn: its client asks our UDP sockets, and our flows ask its server (RFC 5626 §4.4.2, §5.4). */
import { execFile, spawn } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../core/platform/clock.ts";
import { silentLog } from "../../core/platform/log.ts";
import { systemRandom } from "../../core/platform/random.ts";
import { Stack } from "../../core/sip/stack.ts";
import { systemNetwork } from "../../core/sip/transport/system-network.ts";
import { emptyDns } from "../core/sip/stack-on-memory.ts";
import { end } from "../support/command.ts";
import { freePort } from "../support/free-ports.ts";
import { hasIpv6 } from "../support/ipv6.ts";
import { hasProgram } from "../support/programs.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { needing } from "./programs.ts";

const run = promisify(execFile);

async function listening(address: string) {
  const stack = new Stack({
    clock: systemClock(),
    random: systemRandom(),
    log: silentLog,
    network: systemNetwork(),
    dns: emptyDns,
    product: "Test",
    transports: ["udp"],
  });
  onTestFinished(() => stack.close());
  return { stack, local: await stack.listen("udp", { address, port: 0 }) };
}

describe.each(["127.0.0.1", ...(hasIpv6() ? ["::1"] : [])])("on %s", (address) => {
  test.skipIf(!hasProgram("turnutils_stunclient"))(
    needing("turnutils_stunclient", "coturn's client is told where it asks from"),
    async () => {
      const { stack, local } = await listening(address);
      const { stdout } = await run("turnutils_stunclient", ["-p", String(local.port), address], { timeout: 10_000 });
      expect(stdout).toMatch(/UDP reflexive addr: \[?(?:127\.0\.0\.1|::1)\]?:\d+/);
      expect(stack.inspect().stun[0]?.answered).toBeGreaterThan(0);
    },
  );

  test.skipIf(!hasProgram("turnserver"))(
    needing("turnserver", "coturn's server answers our pings, and sees us at one address"),
    async () => {
      const port = await freePort();
      const folder = temporaryFolder();
      const words = ["-S", "-n", "-L", address, "-p", String(port), "--no-tls", "--no-dtls", "--no-cli"];
      const files = ["--log-file", "stdout", "--pidfile", join(folder, "pid"), "--userdb", join(folder, "db")];
      const server = spawn("turnserver", [...words, ...files], { stdio: "ignore" });
      onTestFinished(async () => void (await end(server, "SIGKILL")));
      const { stack, local } = await listening(address);
      const flow = await stack.transport.flowTo({ transport: "udp", address, port, serverName: "stun" });
      // A ping that comes before the server listens is repeated.
      const ping = (): Promise<boolean | undefined> => new Promise((resolve) => flow.ping?.(resolve));
      expect([await ping(), await ping()]).toEqual([false, false]);
      expect(stack.inspect().stun).toMatchObject([{ local, asked: 2, heard: 2, waiting: 0 }]);
    },
  );
});
