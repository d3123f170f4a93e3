/** `hallway gateway backup` and `restore`: a whole office in one file, and back. */
import { backUpOffice, ownFolder, PRODUCT, restoreOffice, systemClock } from "../index.ts";
import { UsageError } from "./options.ts";

/** Made in this process beside the one that serves: nobody is held up, however large the office is. */
export async function backup(folder: string, file: string | undefined, json: boolean): Promise<number> {
  if (file === undefined) throw new UsageError("Say where the backup goes: hallway gateway backup FILE --data DIR.");
  const { stderr } = process;
  const progress = (part: number): void => void stderr.write(`\rCopying: ${Math.floor(part * 100)} %`);
  const made = await backUpOffice(folder, file, {
    product: PRODUCT,
    now: systemClock().now(),
    ...(stderr.isTTY && { progress }),
  });
  if (stderr.isTTY) stderr.write("\n");
  const { madeAt, files } = made.head;
  const bytes = files.reduce((sum, one) => sum + one.bytes, 0);
  if (json) process.stdout.write(`${JSON.stringify({ file, madeAt, bytes, sha256: made.sha256, files })}\n`);
  else
    process.stdout.write(
      `The office is in ${file} (${size(bytes)}, checksum ${made.sha256.slice(0, 16)}). It holds keys and passwords' secrets: keep it where nobody else reads it.\n`,
    );
  return 0;
}

export async function restore(folder: string, file: string | undefined, replace: boolean): Promise<number> {
  if (file === undefined) throw new UsageError("Say which backup: hallway gateway restore FILE --data DIR.");
  const release = ownFolder(folder);
  try {
    const { head, aside } = restoreOffice(file, folder, { replace, now: systemClock().now() });
    if (aside !== undefined) process.stdout.write(`What was there lies in ${aside} now.\n`);
    process.stdout.write(`The office of ${head.madeAt} is back. Start it: hallway gateway run --data ${folder}.\n`);
    return 0;
  } finally {
    release();
  }
}

function size(bytes: number): string {
  return bytes < 1_000_000 ? `${Math.ceil(bytes / 1_000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
