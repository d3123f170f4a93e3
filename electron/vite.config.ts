import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

/**
 * Two bundles for Node: the main process as a module, and the preload script as CommonJS, which a sandbox demands. All that
 * they need is in them, but for Electron itself and the one package that is compiled.
 */
const preload = process.env["HALLWAY_PART"] === "preload";

export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  build: {
    ssr: preload ? "preload.ts" : "main.ts",
    outDir: fileURLToPath(new URL("../out/electron", import.meta.url)),
    emptyOutDir: false,
    target: "node24",
    minify: false,
    reportCompressedSize: false,
    rollupOptions: {
      external: ["electron", "better-sqlite3"],
      output: preload ? { format: "cjs", entryFileNames: "preload.cjs" } : { format: "es", entryFileNames: "main.js" },
    },
  },
  ssr: { noExternal: true, external: ["electron", "better-sqlite3"] },
});
