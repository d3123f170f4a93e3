import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

/** One project per kind of test, so that `npm run test:unit` and its sisters can name what they want. */
export default defineConfig({
  root: new URL("..", import.meta.url).pathname,
  test: {
    include: ["test/**/*.test.ts"],
    // Most of these tests wait for processes that they started: two at once keep two cores busy.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ["default"],
  },
});
