/** Programs of the system that some tests drive. Where they are missing those tests are skipped and say so. */
import { spawnSync } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Program → the Debian packages that bring it, and what it needs to be of use here. */
const PROGRAMS: Readonly<Record<string, string>> = {
  sipp: "sip-tester",
  linphonec: "linphone-cli",
  stunnel: "stunnel4",
  kamailio: "kamailio kamailio-presence-modules kamailio-tls-modules kamailio-sqlite-modules",
  sipsak: "sipsak",
  baresip: "baresip-core",
  ip: "iproute2",
  chromium: "chromium",
  xmllint: "libxml2-utils",
  openssl: "openssl",
  pkill: "procps",
  turnutils_stunclient: "coturn",
  turnserver: "coturn",
  dnsmasq: "dnsmasq-base",
  tar: "tar",
  xz: "xz-utils",
};

/** Where Debian asks whether a service may start by itself when its package is installed. */
const POLICY = "/usr/sbin/policy-rc.d";

/** Whether a program of that name can be started. */
export function hasProgram(name: string): boolean {
  return (process.env["PATH"] ?? "").split(delimiter).some((folder) => existsSync(join(folder, name)));
}

/** Installs what is missing where that may be done (Debian, root), else says in one line how to get it. */
export function bringPrograms(): void {
  const missing = [
    ...new Set(Object.entries(PROGRAMS).flatMap(([name, pack]) => (hasProgram(name) ? [] : pack.split(" ")))),
  ];
  if (missing.length === 0) return;
  const command = `apt-get install --no-install-recommends ${missing.join(" ")}`;
  if (!hasProgram("apt-get") || process.getuid?.() !== 0) {
    process.stdout.write(`Some tests are skipped; this brings the programs that they need: ${command}\n`);
    return;
  }
  process.stdout.write(`Installing programs for the tests: ${missing.join(", ")} …\n`);
  if (!install(missing)) process.stdout.write(`Some tests are skipped because this failed: ${command}\n`);
}

function install(packages: readonly string[]): boolean {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const ours = !existsSync(POLICY);
  // No server of the system may start because a test wants a client program.
  if (ours) writeFileSync(POLICY, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  try {
    spawnSync("apt-get", ["update", "-q"], { stdio: "ignore", env });
    const args = ["install", "-y", "-q", "--no-install-recommends", ...packages];
    return spawnSync("apt-get", args, { stdio: "ignore", env }).status === 0;
  } finally {
    if (ours) rmSync(POLICY);
  }
}
