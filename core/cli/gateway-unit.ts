/** `hallway gateway unit`: the systemd unit of `assets/service`, with the paths of this computer in it. */
import { readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join, resolve } from "node:path";

const TEMPLATE = join(import.meta.dirname, "..", "..", "assets", "service", "hallway.service");
/** The lines of the template that depend on the computer. */
const STATE_LINES = /^(?:StateDirectory|StateDirectoryMode|DynamicUser)=.*\n/gm;

export function unit(folder: string): number {
  const main = join(import.meta.dirname, "main.ts");
  const data = resolve(folder);
  const start = `ExecStart=${[process.execPath, main, "gateway", "run", "--data", data].map(quoted).join(" ")}`;
  const text = readFileSync(TEMPLATE, "utf8")
    .replace(/^ExecStart=.*$/m, () => start)
    .replace(STATE_LINES, "")
    .replace(/^\[Service\]$/m, () => `[Service]\nUser=${userInfo().username}\nReadWritePaths=${quoted(data)}`);
  process.stdout.write(text);
  return 0;
}

/** systemd splits at spaces and reads `%` and `$` in its own way. */
function quoted(word: string): string {
  const plain = word.replaceAll("%", "%%").replaceAll("$", "$$$$");
  return /[\s"'\\]/.test(plain) ? `"${plain.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"` : plain;
}
