/** What everything that comes to the console is asked: for us, from us, with our cookie, of a size that a form has. */
import type { IncomingMessage } from "node:http";

/** Largest form in bytes. */
export const MAX_FORM = 64 * 1024;

export interface GateSettings {
  /** Names and addresses under which the console is reached, without ports. */
  readonly hosts: readonly string[];
  readonly port: number;
  /** Names this instance among those on the same machine: cookies do not tell ports apart. */
  readonly instance: string;
}

export class Gate {
  readonly #hosts: ReadonlySet<string>;
  readonly #cookieName: string;

  constructor({ hosts, port, instance }: GateSettings) {
    const written = hosts.map((host) => (host.includes(":") ? `[${host}]` : host).toLowerCase());
    this.#hosts = new Set(written.flatMap((host) => (port === 443 ? [host, `${host}:443`] : [`${host}:${port}`])));
    // The prefix makes browsers insist on Secure, on this host alone, and on the whole of it.
    this.#cookieName = `__Host-hallway-${instance}`;
  }

  /** A page that was made to believe that our address is another name (DNS rebinding) sends that name here. */
  isForUs({ headers }: IncomingMessage): boolean {
    return this.#hosts.has((headers.host ?? "").toLowerCase());
  }

  /** Whether a change comes from a page of ours. */
  isFromUs({ headers }: IncomingMessage): boolean {
    const site = headers["sec-fetch-site"];
    return headers.origin === `https://${headers.host ?? ""}` && (site === undefined || site === "same-origin");
  }

  cookieOf({ headers }: IncomingMessage): string {
    const cookies = (headers.cookie ?? "").split(";").map((one) => one.trim());
    const own = cookies.find((one) => one.startsWith(`${this.#cookieName}=`));
    return own?.slice(this.#cookieName.length + 1) ?? "";
  }

  /** The header that sets our cookie, or takes it away when `value` is empty. */
  setCookie(value: string): string {
    const end = value === "" ? "; Max-Age=0" : "";
    return `${this.#cookieName}=${value}; Path=/; Secure; HttpOnly; SameSite=Strict${end}`;
  }
}

/** The fields of a form; undefined when it is none or too large. */
export async function readForm(request: IncomingMessage): Promise<URLSearchParams | undefined> {
  if (request.headers["content-type"]?.split(";")[0] !== "application/x-www-form-urlencoded") return undefined;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_FORM) return undefined;
    chunks.push(chunk);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString("utf8"));
}
