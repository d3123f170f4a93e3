/** Several ways to one server: the next is tried beside the first when that takes long (RFC 8305 §5, RFC 7984 §4). */
import type { Clock, Timer } from "../../platform/clock.ts";

/** Milliseconds between the beginnings of two attempts. */
export const ATTEMPT_DELAY = 250;

/**
 * The first that comes about; those that come later are closed. An attempt that fails starts the next at once. Rejects
 * when all have failed, with the error of the first.
 */
export function firstToConnect<T extends { close(): void }>(
  clock: Clock,
  attempts: readonly (() => Promise<T>)[],
): Promise<T> {
  return new Promise((resolve, reject) => {
    const waiting = [...attempts];
    const errors = new Map<() => Promise<T>, unknown>();
    let timer: Timer | undefined;
    let isWon = false;
    const won = (connection: T): void => {
      timer?.cancel();
      if (isWon) connection.close();
      isWon = true;
      resolve(connection);
    };
    const lost = (attempt: () => Promise<T>, error: unknown): void => {
      errors.set(attempt, error);
      if (errors.size === attempts.length) reject(attempts[0] && errors.get(attempts[0]));
      else if (!isWon) next();
    };
    const next = (): void => {
      timer?.cancel();
      const attempt = waiting.shift();
      if (!attempt) return;
      if (waiting.length > 0) timer = clock.after(ATTEMPT_DELAY, next);
      attempt().then(won, (error: unknown) => lost(attempt, error));
    };
    next();
  });
}
