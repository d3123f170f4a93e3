/**
 * stunnel, which puts TLS in front of programs that have none. OpenSSL judges our certificates here, and makes those
 * handshakes that a program of somebody else would make.
 */
import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { end } from "../support/command.ts";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/free-ports.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import type { LoopbackIdentity } from "./loopback-identity.ts";

/** A plain port that leads to the TLS port `to`, whose certificate has to come from `authority` (PEM). Ends with the test. */
export async function stunnelTowards(to: number, authority: string): Promise<number> {
  return start(to, { "authority.pem": authority }, (folder) => [
    "client = yes",
    `CAfile = ${join(folder, "authority.pem")}`,
    "verifyChain = yes",
    "checkIP = 127.0.0.1",
  ]);
}

/** A TLS port that leads to the plain port `to`. Ends with the test. */
export async function stunnelBefore(to: number, { certificate, key }: LoopbackIdentity): Promise<number> {
  return start(to, { "server.pem": certificate, "server.key": key }, (folder) => [
    `cert = ${join(folder, "server.pem")}`,
    `key = ${join(folder, "server.key")}`,
  ]);
}

async function start(
  to: number,
  files: Readonly<Record<string, string>>,
  service: (folder: string) => readonly string[],
): Promise<number> {
  const folder = temporaryFolder();
  const [port, log, configuration] = [await freePort(), join(folder, "log"), join(folder, "stunnel.conf")];
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text, { mode: 0o600 });
  const lines = [
    ...["foreground = yes", "pid =", "syslog = no", "debug = notice", `output = ${log}`, "[sip]"],
    ...[`accept = 127.0.0.1:${port}`, `connect = 127.0.0.1:${to}`, ...service(folder)],
  ];
  writeFileSync(configuration, `${lines.join("\n")}\n`);
  const child = spawn("stunnel", [configuration], { stdio: "ignore" });
  onTestFinished(() => void end(child, "SIGKILL"));
  const said = (): string => (existsSync(log) ? readFileSync(log, "utf8") : "");
  await eventually(
    () => `stunnel listens; it said:\n${said()}`,
    () => said().includes("Configuration successful"),
  );
  return port;
}
