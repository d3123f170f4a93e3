/**
 * sipsak, the administrator's probe.
 *
 * What is odd about it:
 * - The proxy has to stand before the URI on its command line, else it looks the domain up in the DNS.
 * - Its Via asks for `rport` and names a port that it does not receive on.
 * - It reads only the first challenge of an answer and knows MD5 alone, so MD5 must be the only one that is offered.
 * - It says `'CSeq' not found in reply` at each challenge and answers it all the same.
 * - Debian's build (0.9.8.1) falls over at once in message mode (`-M`), so a MESSAGE is shot from a file; over TLS it
 *   sends its request and then fails to read any answer.
 * - In random mode it ends with status 3 at the first request that nobody answers, which is most of them.
 */
import { spawn } from "node:child_process";
import { onTestFinished } from "vitest";
import { end } from "../support/command.ts";
import type { GatewayProcess } from "../support/gateway-process.ts";

export interface SipsakResult {
  /** 0 when the final answer was a 2xx. */
  readonly status: number | null;
  readonly output: string;
}

/** Runs sipsak against a gateway, `uri` last. Ends with the test. */
export async function sipsak(
  gateway: Pick<GatewayProcess, "ports">,
  transport: "udp" | "tcp",
  uri: string,
  words: readonly string[] = [],
): Promise<SipsakResult> {
  const proxy = ["-p", `127.0.0.1:${gateway.ports[transport]}`, `--transport=${transport}`];
  const child = spawn("sipsak", [...words, "-i", ...proxy, "-s", uri], { stdio: ["ignore", "pipe", "pipe"] });
  onTestFinished(() => void end(child, "SIGKILL"));
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const status = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { status, output };
}
