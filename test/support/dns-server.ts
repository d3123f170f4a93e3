/** Debian's dnsmasq as the DNS server of a test, on a loopback port of its own. */
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { onTestFinished } from "vitest";
import { end } from "./command.ts";
import { freePort } from "./free-ports.ts";

export interface DnsServer {
  readonly server: ChildProcess;
  /** `host:port`, as `--dns` takes it. */
  readonly address: string;
}

/** Serves these records, in dnsmasq's own words, and nothing else of the domain `example`. Ends with the test. */
export async function startDns(records: readonly string[]): Promise<DnsServer> {
  const port = await freePort();
  const alone = ["--no-daemon", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--user=", "--group="];
  const here = ["--bind-interfaces", "--listen-address=127.0.0.1", `--port=${port}`, "--local=/example/"];
  const server = spawn("dnsmasq", [...alone, ...here, ...records], { stdio: ["ignore", "ignore", "pipe"] });
  onTestFinished(async () => void (await end(server, "SIGKILL")));
  let said = "";
  await new Promise<void>((resolve, reject) => {
    server.stderr.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes("started")) resolve();
    });
    server.once("exit", () => reject(new Error(`dnsmasq did not start: ${said}`)));
  });
  return { server, address: `127.0.0.1:${port}` };
}

/** The records by which a SIP domain is found: NAPTR, SRV for TLS, and an address. */
export function sipRecords(domain: string, tlsPort: number): readonly string[] {
  return [
    `--naptr-record=${domain},10,1,s,SIPS+D2T,,_sips._tcp.${domain}`,
    `--srv-host=_sips._tcp.${domain},sip.${domain},${tlsPort},1,0`,
    `--host-record=sip.${domain},127.0.0.1,60`,
  ];
}
