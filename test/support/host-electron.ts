import type { Host } from "./host.ts";
export function electronBinary(): string | undefined { return undefined; }
export async function launchStandIn(_p: string): Promise<Host> { throw new Error("x"); }
export async function launchElectron(_p: string): Promise<Host> { throw new Error("x"); }
