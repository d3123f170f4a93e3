/** What all hosts have in common for a test: one page, and a process behind it. */
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

export interface Host {
  readonly page: Page;
  /** Where the window's page comes from. */
  readonly origin: string;
  /** What the page complained of: exceptions, refused requests, breaches of its policy. */
  readonly complaints: readonly string[];
  /** Addresses that were handed to the system's browser. */
  readonly openedOutside: readonly string[];
  /** As a person ends it: the window closes, the program signs out. Resolves when all is gone. */
  close(): Promise<void>;
  /** As a power cut ends it. */
  kill(): Promise<void>;
}

/** Collects what goes wrong in a page, from now on. */
export function complaintsOf(page: Page): string[] {
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(`exception: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(`console: ${message.text()}`);
  });
  return complaints;
}
