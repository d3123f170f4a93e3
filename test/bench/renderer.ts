import process from "node:process";
import { startRenderer } from "../support/renderer-page.ts";

/**
 * How calm the window stays in a flood: so many contacts, so many presence changes a second, for so long. Prints tasks
 * that held the window for more than 50 ms, as the browser counts them, and the time that frames took.
 *
 *     node test/bench/renderer.ts [CONTACTS] [CHANGES A SECOND] [SECONDS]
 */
const [contacts = 1_000, rate = 200, seconds = 5] = process.argv.slice(2).map(Number);

const host = await startRenderer();
try {
  const page = await host.open({ scenario: "crowd", count: contacts, realTime: true });
  await page.getByRole("treeitem").first().waitFor();
  await page.waitForLoadState("networkidle");
  const measured = await page.evaluate<{ long: number[]; frames: number; slowest: number; changes: number }>(
    `measure(${String(contacts)}, ${String(rate)}, ${String(seconds)});
     ${measure.toString()}`.replace(/^(measure\(.*\));\s*([\s\S]*)$/u, "(() => { $2; return $1; })()"),
  );
  process.stdout.write(
    `${String(contacts)} contacts, ${String(measured.changes)} changes in ${String(seconds)} s: ` +
      `${String(measured.long.length)} long tasks ${JSON.stringify(measured.long)}, ` +
      `${String(measured.frames)} frames, slowest ${measured.slowest.toFixed(1)} ms\n`,
  );
  process.exitCode = measured.long.length === 0 ? 0 : 1;
} finally {
  await host.close();
}

/** Runs in the page, so it uses nothing from this file and is typed by what it needs of the page. */
function measure(contacts: number, rate: number, seconds: number): Promise<unknown> {
  const page = globalThis as unknown as {
    hallway: { emit(event: string, payload: unknown): void };
    requestAnimationFrame(callback: (now: number) => void): void;
    PerformanceObserver: new (heard: (list: { getEntries(): { duration: number }[] }) => void) => {
      observe(options: object): void;
    };
  };
  const states = ["available", "busy", "away", "offline", "in-a-meeting", "on-the-phone"];
  const long: number[] = [];
  new page.PerformanceObserver((list) =>
    long.push(...list.getEntries().map((entry) => Math.round(entry.duration))),
  ).observe({
    type: "longtask",
  });
  return new Promise((resolve) => {
    const start = performance.now();
    let changes = 0;
    let frames = 0;
    let slowest = 0;
    let before = start;
    const timer = setInterval(() => {
      const due = Math.floor(((performance.now() - start) / 1_000) * rate);
      for (; changes < due; changes += 1) {
        page.hallway.emit("presence.changed", {
          account: "nora.weidmann@acme.example",
          address: `person${String((changes * 7) % contacts)}@acme.example`,
          state: states[changes % states.length],
          since: new Date().toISOString(),
          source: "subscription",
        });
      }
    }, 5);
    const frame = (now: number): void => {
      frames += 1;
      slowest = Math.max(slowest, now - before);
      before = now;
      if (now - start < seconds * 1_000) page.requestAnimationFrame(frame);
      else {
        clearInterval(timer);
        setTimeout(() => resolve({ long, frames, slowest, changes }), 200);
      }
    };
    page.requestAnimationFrame(frame);
  });
}
