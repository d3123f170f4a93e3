import { builtinModules } from "node:module";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

/** Two bundles: the main process as a module, and the preload as CommonJS, which a sandbox demands. */
const preload = process.env["HALLWAY_PART"] === "preload";

export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  build: {
    outDir: fileURLToPath(new URL("../out/electron", import.meta.url)),
    emptyOutDir: false,
    target: "node24",
    minify: false,
    reportCompressedSize: false,
    lib: preload
      ? { entry: "preload.ts", formats: ["cjs"], fileName: () => "preload.cjs" }
      : { entry: "main.ts", formats: ["es"], fileName: () => "main.js" },
    rollupOptions: {
      external: ["electron", "better-sqlite3", "ws", "pino", ...builtinModules, /^node:/],
    },
  },
  ssr: { noExternal: true },
});
