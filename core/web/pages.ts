/** Files of the built window and the headers under which every page of the browser host is shown. */
import { readFile } from "node:fs/promises";
import { extname, join, normalize, sep } from "node:path";

/** What a page may do: its own files, its own socket, nothing from elsewhere, nothing inline. */
export const SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  "Content-Security-Policy": SECURITY_POLICY,
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Cache-Control": "no-store",
};

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".woff2": "font/woff2",
  ".json": "application/json",
};

export interface Page {
  readonly type: string;
  readonly body: Buffer;
}

/** A file below `folder`, or undefined when there is none; nothing outside the folder is ever read. */
export async function readPage(folder: string, path: string): Promise<Page | undefined> {
  const type = TYPES[extname(path)];
  const file = normalize(join(folder, path));
  if (type === undefined || path.includes("\0") || !file.startsWith(folder + sep)) return undefined;
  try {
    return { type, body: await readFile(file) };
  } catch {
    return undefined;
  }
}

/** The window's page with the module that connects it to this host loaded before its own. */
export function withBridge(html: string): string {
  return html.replace("<head>", '<head>\n    <script src="./page-bridge.js"></script>');
}
