/** `app://hallway/…`: the window's files under an origin of their own, with the policy that guards them. */
import { readFile } from "node:fs/promises";
import { extname, join, normalize, sep } from "node:path";
import type { Protocol } from "electron";

export const SCHEME = "app";
export const ORIGIN = "app://hallway";

/** What a page may do: its own files, nothing from elsewhere, nothing inline, no network at all. */
export const SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".woff2": "font/woff2",
};

/** Must be told before the app is ready. */
export function announceScheme(protocol: Pick<Protocol, "registerSchemesAsPrivileged">): void {
  protocol.registerSchemesAsPrivileged([{ scheme: SCHEME, privileges: { standard: true, secure: true } }]);
}

/** Serves the files of the built window. */
export function serveScheme(protocol: Pick<Protocol, "handle">, folder: string): void {
  protocol.handle(SCHEME, (request) => answer(request.url, folder));
}

/** The answer to one address; nothing outside the folder is ever read. */
export async function answer(address: string, folder: string): Promise<Response> {
  const url = new URL(address);
  const path = url.pathname === "/" ? "/index.html" : decode(url.pathname);
  const type = TYPES[extname(path)];
  const file = normalize(join(folder, path));
  if (url.host !== "hallway" || type === undefined || path.includes("\0") || !file.startsWith(folder + sep))
    return new Response(null, { status: 404 });
  try {
    return new Response(new Uint8Array(await readFile(file)), {
      headers: {
        "Content-Type": type,
        "Content-Security-Policy": SECURITY_POLICY,
        "X-Content-Type-Options": "nosniff",
      },
    });
  } catch {
    return new Response(null, { status: 404 });
  }
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return "";
  }
}
