import type { Bridge } from "../core/bridge/contract.ts";

declare global {
  interface Window {
    /** Put there by the host: the desktop's preload script, or the browser host's own module. */
    readonly hallway?: Bridge;
  }
}

/** The way to the core, or undefined when no host has offered one. The only place that looks for it. */
export function findBridge(): Bridge | undefined {
  return window.hallway;
}
