/** Waiting for what other processes do: looks again and again, and says what was missing when time is up. */

/** Milliseconds within which something must have happened, however busy the machine is. */
export const PATIENCE = 30_000;
const LOOK_EVERY = 10;

/**
 * Resolves to the first value of `look` that is not undefined or false.
 * Rejects after `patience` milliseconds with `what` that did not happen.
 */
export async function eventually<T>(
  what: string | (() => string),
  look: () => T | undefined | false | Promise<T | undefined | false>,
  patience = PATIENCE,
): Promise<T> {
  const end = performance.now() + patience;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    if (performance.now() > end) throw new Error(`Did not happen: ${typeof what === "string" ? what : what()}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY));
  }
}
