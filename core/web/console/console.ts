/** The console for administrators of a headless gateway: HTTPS with the office's certificate, a login, and plain pages. */
import { randomBytes } from "node:crypto";
import { createReadStream, readFileSync, rmSync, statSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { performChange } from "./changes.ts";
import { Gate, readForm } from "./gate.ts";
import type { ConsoleOffice } from "./office.ts";
import type { Session, SessionPorts } from "./sessions.ts";
import { Sessions } from "./sessions.ts";
import type { Fault, Frame } from "./views.ts";
import { logPage, peoplePage, plainPage, settingsPage, signInPage, statusPage } from "./views.ts";
import type { Language, Say, Word } from "./words.ts";
import { languageOf, wordsOf } from "./words.ts";

/** Connections at once, and milliseconds that a request may take to arrive. */
const MAX_CONNECTIONS = 100;
const REQUEST_TIMEOUT = 15_000;
/** Longest address that is looked at, in characters: 64 before the @ and 255 behind it. */
const MAX_ADDRESS = 320;

/** No script at all, own styles, forms that come back here, and no frame around it. */
export const CONSOLE_HEADERS: Readonly<Record<string, string>> = {
  "Content-Security-Policy":
    "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  "X-Content-Type-Options": "nosniff",
  // Without any referrer browsers would not name our own origin with a form either.
  "Referrer-Policy": "same-origin",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Cache-Control": "no-store",
};

const STYLES: Readonly<Record<string, string>> = {
  "/tokens.css": join(import.meta.dirname, "..", "..", "..", "renderer", "styles", "tokens.css"),
  "/console.css": join(import.meta.dirname, "console.css"),
};

export interface ConsoleSettings {
  readonly office: ConsoleOffice;
  /** PEM. */
  readonly key: string;
  readonly certificate: string;
  readonly address: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Names and addresses under which browsers reach it. */
  readonly hosts: readonly string[];
  /** Names this instance among those on the same machine. */
  readonly instance: string;
  readonly now: SessionPorts["now"];
}

export interface Console {
  /** `https://address:port`. */
  readonly origin: string;
  close(): void;
}

/** Serves the console; resolves when the port is bound, rejects with the system's error when it cannot be. */
export async function startConsole(settings: ConsoleSettings): Promise<Console> {
  const { key, certificate, address } = settings;
  const server = createServer({ key, cert: certificate, minVersion: "TLSv1.2", requestTimeout: REQUEST_TIMEOUT });
  server.maxConnections = MAX_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(settings.port, address, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const gate = new Gate({ ...settings, port });
  const sessions = new Sessions({ random: () => randomBytes(32).toString("base64url"), now: settings.now });
  const desk = new Desk(settings.office, gate, sessions);
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    desk.respond(request, response).catch((error: unknown) => {
      settings.office.note("A page could not be made.", { reason: error instanceof Error ? error.message : "" });
      response.destroy();
    });
  });
  return {
    origin: `https://${address.includes(":") ? `[${address}]` : address}:${port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** One request with what was found out about it. */
interface Visit {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly language: Language;
  readonly say: Say;
}

/** A word with what it names, as a page shows it once: `added alice@acme.example`. */
const NOTICES: ReadonlySet<string> = new Set<Word>([
  "saved",
  "nothingChanged",
  "added",
  "passwordSet",
  "disabledDone",
  "enabledDone",
  "removed",
  "sayingMore",
]);

class Desk {
  readonly #office: ConsoleOffice;
  readonly #gate: Gate;
  readonly #sessions: Sessions;

  constructor(office: ConsoleOffice, gate: Gate, sessions: Sessions) {
    this.#office = office;
    this.#gate = gate;
    this.#sessions = sessions;
  }

  async respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const language = languageOf(request.headers["accept-language"]);
    // Not as a URL: what strangers ask for need not be one.
    const [path = "/", search = ""] = (request.url ?? "/").split("?", 2);
    const query = new URLSearchParams(search);
    const visit: Visit = { request, response, path, query, language, say: wordsOf(language) };
    if (!this.#gate.isForUs(request)) return this.#refuse(visit);
    if (request.method === "GET") return this.#show(visit);
    if (request.method === "POST") return this.#change(visit);
    send(response, 405, "text/plain", "");
  }

  async #show(visit: Visit): Promise<void> {
    const { path, response, query, language, say } = visit;
    const style = STYLES[path];
    if (style !== undefined) return send(response, 200, "text/css; charset=utf-8", readFileSync(style));
    const session = this.#sessionOf(visit);
    if (!session) return sendPage(response, 200, signInPage(language, say, this.#domain));
    const text = await this.#pageAt(path, this.#frame(visit, session), query);
    if (text !== undefined) sendPage(response, 200, text);
    else sendPage(response, 404, plainPage(language, "Hallway", say("notFound")));
  }

  async #change(visit: Visit): Promise<void> {
    const { request, response, path, language, say } = visit;
    const form = this.#gate.isFromUs(request) ? await readForm(request) : undefined;
    if (!form) return this.#refuse(visit);
    if (path === "/login") return this.#signIn(visit, form);
    const session = this.#sessionOf(visit);
    if (!session) return sendPage(response, 403, signInPage(language, say, this.#domain, say("staleForm")));
    if (!session.pages.has(form.get("secret") ?? "")) return this.#refuse(visit);
    if (path === "/logout") {
      this.#sessions.end(this.#gate.cookieOf(request));
      response.setHeader("Set-Cookie", this.#gate.setCookie(""));
      return redirect(response, "/");
    }
    if (path === "/backup") return this.#backup(visit, session);
    const done = await performChange(this.#office, path, form, session.aor);
    if (!done) return sendPage(response, 404, plainPage(language, "Hallway", say("notFound")));
    if (done.fault === undefined) return redirect(response, `${done.page}?${noticeQuery(done.notice, done.about)}`);
    const frame = this.#frame(visit, session, done.fault);
    sendPage(response, 422, (await this.#pageAt(done.page, frame, new URLSearchParams(), done.given)) ?? "");
  }

  #signIn({ request, response, language, say }: Visit, form: URLSearchParams): void {
    const address = (form.get("address") ?? "").trim().toLowerCase().slice(0, MAX_ADDRESS);
    const aor = `sip:${address}`;
    const source = request.socket.remoteAddress ?? "";
    const verdict = this.#office.check(aor, form.get("password") ?? "", source);
    if (verdict.kind === "proven") {
      response.setHeader("Set-Cookie", this.#gate.setCookie(this.#sessions.begin(aor)));
      this.#office.note("An administrator signed in at the console.", { who: address, source });
      return redirect(response, "/");
    }
    this.#office.note("A sign-in at the console was refused.", { source });
    const fault = verdict.kind === "locked-out" ? say("lockedOut", { n: verdict.seconds }) : say("wrongPassword");
    sendPage(response, 403, signInPage(language, say, this.#domain, fault));
  }

  async #backup(visit: Visit, session: Session): Promise<void> {
    const { response, say } = visit;
    let file: string;
    try {
      file = await this.#office.backup();
    } catch {
      const fault = { code: "", text: say("backupFailed") };
      return sendPage(response, 500, await statusPage(this.#frame(visit, session, fault), this.#office));
    }
    this.#office.note("An administrator took a backup.", { who: bare(session.aor) });
    const name = `${this.#domain}-${new Date().toISOString().slice(0, 10)}.backup`;
    response.writeHead(200, {
      ...CONSOLE_HEADERS,
      "Content-Type": "application/octet-stream",
      "Content-Length": statSync(file).size,
      "Content-Disposition": `attachment; filename="${name}"`,
    });
    response.once("close", () => rmSync(file, { force: true }));
    createReadStream(file).pipe(response);
  }

  /** The session of somebody who still is an administrator. */
  #sessionOf({ request }: Visit): Session | undefined {
    const cookie = this.#gate.cookieOf(request);
    const session = cookie === "" ? undefined : this.#sessions.find(cookie);
    if (!session) return undefined;
    const account = this.#office.administration.accounts().find(({ address }) => address === bare(session.aor));
    if (account?.administrator === true && !account.disabled) return session;
    this.#sessions.end(cookie);
    return undefined;
  }

  #frame(visit: Visit, session: Session, fault?: Fault): Frame {
    const { language, say, query } = visit;
    const word = query.get("done") ?? "";
    const about = { address: query.get("about") ?? "" };
    return {
      language,
      say,
      domain: this.#domain,
      address: bare(session.aor),
      secret: this.#sessions.openPage(session),
      ...(NOTICES.has(word) && { notice: say(word as Word, about) }),
      fault: fault?.code === "own-account" ? { ...fault, text: say("ownAccount") } : fault,
    };
  }

  async #pageAt(
    path: string,
    frame: Frame,
    query: URLSearchParams,
    given?: Readonly<Record<string, string>>,
  ): Promise<string | undefined> {
    switch (path) {
      case "/":
        return statusPage(frame, this.#office);
      case "/people":
        return peoplePage(frame, this.#office);
      case "/settings":
        return settingsPage(frame, this.#office, given);
      case "/log":
        return logPage(frame, this.#office, query);
      default:
        return undefined;
    }
  }

  #refuse({ response, language, say }: Visit): void {
    sendPage(response, 403, plainPage(language, "Hallway", say("refused")));
  }

  get #domain(): string {
    return this.#office.administration.domain;
  }
}

function bare(aor: string): string {
  return aor.replace(/^sip:/, "");
}

function noticeQuery(word: Word, about: string | undefined): string {
  return new URLSearchParams({ done: word, ...(about !== undefined && { about }) }).toString();
}

function redirect(response: ServerResponse, to: string): void {
  response.setHeader("Location", to);
  send(response, 303, "text/plain", "");
}

function sendPage(response: ServerResponse, status: number, text: string): void {
  send(response, status, "text/html; charset=utf-8", text);
}

function send(response: ServerResponse, status: number, type: string, body: string | Buffer): void {
  response.writeHead(status, { ...CONSOLE_HEADERS, "Content-Type": type, "Content-Length": Buffer.byteLength(body) });
  response.end(body);
}
