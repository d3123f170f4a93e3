import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

/** One plain script, loaded before the window's own module. Runs after the window is built, into the same folder. */
export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  build: {
    outDir: fileURLToPath(new URL("../../../out/renderer", import.meta.url)),
    emptyOutDir: false,
    target: "es2024",
    lib: { entry: "page-bridge.ts", formats: ["iife"], name: "hallwayPage", fileName: () => "page-bridge.js" },
    reportCompressedSize: false,
  },
});
