/**
 * A network of its own for a test: programs that do not use loopback find one other interface there, and nothing else.
 * It has no name and lives as long as a process in it, and they all end with the test, also when that crashes.
 */
import { spawn, spawnSync } from "node:child_process";
import { readlinkSync } from "node:fs";
import { onTestFinished } from "vitest";
import { end } from "../support/command.ts";
import { eventually } from "../support/eventually.ts";
import { hasProgram } from "../support/programs.ts";

/** The interface that is no loopback, and its address. */
export const INTERFACE = "h0";
export const ADDRESS = "10.99.0.2";

const PREPARE = [
  "ip link set lo up",
  `ip link add ${INTERFACE} type veth peer name h1`,
  `ip addr add ${ADDRESS}/24 dev ${INTERFACE}`,
  `ip link set ${INTERFACE} up`,
  "ip link set h1 up",
].join(" && ");

/** How a namespace is made and entered: by root, or by anybody where the system lets them. */
const KINDS = [
  { make: ["--net"], enter: ["--net"] },
  { make: ["--user", "--map-root-user", "--net"], enter: ["--user", "--preserve-credentials", "--net"] },
] as const;

type Kind = (typeof KINDS)[number];

let found: Kind | undefined;

function usableKind(): Kind | undefined {
  found ??= KINDS.find(({ make }) => spawnSync("unshare", [...make, "sh", "-c", PREPARE]).status === 0);
  return found;
}

/** Why no namespace can be made here; undefined when it can. */
export function namespaceIsMissing(): string | undefined {
  const lacking = ["unshare", "nsenter", "setpriv", "ip"].find((name) => !hasProgram(name));
  if (lacking !== undefined) return `${lacking} is not installed`;
  return usableKind() ? undefined : "network namespaces are not permitted here";
}

/** A new namespace. Resolves to the words that run a command in it. */
export async function networkNamespace(): Promise<readonly string[]> {
  const kind = usableKind();
  if (!kind) throw new Error(namespaceIsMissing());
  // It holds the namespace until its standard input ends, which a crash of ours brings about too.
  const holder = spawn("unshare", [...kind.make, "sh", "-c", `${PREPARE} && echo ready && exec cat`], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  onTestFinished(() => void end(holder, "SIGKILL"));
  let said = "";
  holder.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()));
  await eventually("the namespace is ready", () => said.includes("ready"));
  const { pid = 0 } = holder;
  if (readlinkSync(`/proc/${pid}/ns/net`) === readlinkSync("/proc/self/ns/net"))
    throw new Error("The namespace is not a new one.");
  return ["nsenter", `--target=${pid}`, ...kind.enter, "setpriv", "--pdeathsig", "KILL", "--"];
}
