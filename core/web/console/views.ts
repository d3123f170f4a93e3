/** The pages of the console. Plain HTML without a script: what works everywhere, and nothing to take over. */
import type { LogLine } from "../../index.ts";
import { GERMAN_FAULTS, GERMAN_MEANINGS } from "./german-facts.ts";
import type { Html } from "./html.ts";
import { html } from "./html.ts";
import type { ConsoleOffice } from "./office.ts";
import type { Language, Say, Word } from "./words.ts";

/** What every page knows. */
export interface Frame {
  readonly language: Language;
  readonly say: Say;
  readonly domain: string;
  /** Who is signed in, and the secret of this page. */
  readonly address: string;
  readonly secret: string;
  readonly notice?: string | undefined;
  readonly fault?: Fault | undefined;
}

/** A refusal as the core says it. */
export interface Fault {
  readonly code: string;
  readonly text: string;
}

const PARTS: readonly (readonly [path: string, word: Word])[] = [
  ["/", "status"],
  ["/people", "people"],
  ["/settings", "settings"],
  ["/log", "log"],
];

export function signInPage(language: Language, say: Say, domain: string, fault?: string): string {
  return documentOf(
    language,
    `${say("signInTitle")} – ${domain}`,
    html`<main class="sign-in">
      <div>
        <h1>${say("title")}</h1>
        <p class="hint">${say("signInLead", { domain })}</p>
      </div>
      ${fault !== undefined && html`<p class="notice bad" role="alert">${fault}</p>`}
      <form method="post" action="/login">
        ${field("address", say("address"), { type: "email", autocomplete: "username", required: true })}
        ${field("password", say("password"), { type: "password", autocomplete: "current-password", required: true })}
        <button class="button primary">${say("signIn")}</button>
      </form>
    </main>`,
  );
}

/** A page that says one sentence: that something is not there, or is refused. */
export function plainPage(language: Language, title: string, sentence: string): string {
  return documentOf(
    language,
    title,
    html`<main class="sign-in">
      <h1>${title}</h1>
      <p>${sentence}</p>
      <p><a href="/">Hallway</a></p>
    </main>`,
  );
}

export async function statusPage(frame: Frame, office: ConsoleOffice): Promise<string> {
  const { say } = frame;
  const problems = await office.problems();
  const people = office.people();
  const online = people.filter((one) => one.online);
  return page(
    frame,
    "/",
    html` ${problems.length === 0 && html`<p class="notice ok">${say("allWell")}</p>`}
      ${problems.map(
        (one) =>
          html`<p class="notice ${one.verdict === "wrong" ? "bad" : "warn"}">
            ${spoken(frame, GERMAN_FAULTS[one.code], one.text)}
          </p>`,
      )}
      <dl class="facts">
        <div>
          <dt>${say("online")}</dt>
          <dd>
            ${say("onlineCount", { n: online.length, all: people.length })}
            ${
              online.length === 0
                ? html`<p class="hint">${say("nobodyOnline")}</p>`
                : html`<ul>
                    ${online.map(({ address }) => html`<li>${address}</li>`)}
                  </ul>`
            }
          </dd>
        </div>
        <div>
          <dt>${say("waiting")}</dt>
          <dd>${office.messagesWaiting()}</dd>
        </div>
        <div>
          <dt>${say("listeners")}</dt>
          <dd>
            <ul>
              ${office.listening.map((one) => html`<li><code>${one}</code></li>`)}
            </ul>
          </dd>
        </div>
        <div>
          <dt>${say("fingerprint")}</dt>
          <dd>
            <code class="long">${office.fingerprint}</code>
            <p class="hint">${say("fingerprintLead")}</p>
          </dd>
        </div>
        <div>
          <dt>${say("running")}</dt>
          <dd>${timeOf(office.runningSince)}</dd>
        </div>
        <div>
          <dt>${say("version")}</dt>
          <dd>${office.product}</dd>
        </div>
      </dl>
      <section>
        <h2>${say("backup")}</h2>
        <p>${say("backupLead")}</p>
        ${form(frame, "/backup", html`<button class="button">${say("backupButton")}</button>`)}
      </section>`,
  );
}

export function peoplePage(frame: Frame, office: ConsoleOffice): string {
  const { say, domain } = frame;
  const online = new Set(
    office
      .people()
      .filter((one) => one.online)
      .map(({ address }) => address),
  );
  const rows = office.administration.accounts().map((account) => {
    const { address, name, administrator, disabled, md5 } = account;
    const marks = [
      disabled ? say("disabled") : say(online.has(address) ? "isOnline" : "isOffline"),
      ...(administrator ? [say("administrator")] : []),
      ...(md5 ? [say("md5")] : []),
    ];
    return html`<tr>
      <th scope="row">${address}</th>
      <td>${name ?? ""}</td>
      <td class="${online.has(address) ? "on" : ""}">${marks.join(", ")}</td>
      <td>
        <details>
          <summary class="button small" aria-label="${say("change", { address })}">${say("changeShort")}</summary>
          <div class="panel">
            ${form(
              frame,
              "/people/password",
              html`${hidden("address", address)}
                ${field("password", say("newPassword"), { id: `password-${address}`, type: "password", autocomplete: "new-password", required: true })}
                <button class="button small">${say("setPassword")}</button>`,
            )}
            ${form(
              frame,
              disabled ? "/people/enable" : "/people/disable",
              html`${hidden("address", address)}
                <button class="button small">${say(disabled ? "enable" : "disable")}</button>`,
            )}
            <details>
              <summary class="button small bad">${say("remove")}</summary>
              ${form(
                frame,
                "/people/remove",
                html`${hidden("address", address)}
                  <p>${say("removeQuestion")}</p>
                  <button class="button small bad">${say("removeSure", { address })}</button>`,
              )}
            </details>
          </div>
        </details>
      </td>
    </tr>`;
  });
  return page(
    frame,
    "/people",
    html` <div class="wide" tabindex="0" role="region" aria-label="${say("people")}">
        <table>
          <thead>
            <tr>
              <th scope="col">${say("address")}</th>
              <th scope="col">${say("name")}</th>
              <th scope="col">${say("state")}</th>
              <th scope="col">${say("changeShort")}</th>
            </tr>
          </thead>
          <tbody>
            ${rows}
          </tbody>
        </table>
      </div>
      <section>
        <h2>${say("addPerson")}</h2>
        ${form(
          frame,
          "/people/add",
          html` ${field("address", say("address"), { id: "new-address", placeholder: `name@${domain}`, required: true, autocomplete: "off" })}
            ${field("name", say("name"), { id: "new-name", hint: say("nameHint"), autocomplete: "off" })}
            ${field("password", say("password"), { id: "new-password", type: "password", hint: say("passwordHint"), autocomplete: "new-password", required: true })}
            ${box("administrator", say("asAdministrator"))} ${box("md5", say("withMd5"))}
            <button class="button primary">${say("add")}</button>`,
        )}
      </section>`,
  );
}

/** `given` holds what was typed and refused. */
export function settingsPage(
  frame: Frame,
  office: ConsoleOffice,
  given: Readonly<Record<string, string>> = {},
): string {
  const { say } = frame;
  const rows = office.administration.settings().map(({ name, value, isDefault, meaning, problem }) => {
    const id = `setting-${name}`;
    const shown = given[name] ?? value;
    return html`<div class="setting">
      <label for="${id}"
        ><code>${name}</code>${isDefault && html` <span class="mark">${say("isDefault")}</span>`}</label
      >
      <p id="${id}-meaning" class="hint">${spoken(frame, GERMAN_MEANINGS[name], meaning)}</p>
      <input
        id="${id}"
        name="${name}"
        value="${shown}"
        aria-describedby="${id}-meaning"
        autocomplete="off"
        spellcheck="false"
      />
      ${problem !== undefined && html`<p class="notice warn" lang="en">${problem}</p>`}
    </div>`;
  });
  return page(
    frame,
    "/settings",
    html`<p>${say("settingsLead")}</p>
      ${form(
        frame,
        "/settings",
        html`${rows}
          <p class="save"><button class="button primary">${say("save")}</button></p>`,
      )}`,
  );
}

const LEVELS = [
  ["error", "levelError"],
  ["warn", "levelWarn"],
  ["info", "levelInfo"],
  ["debug", "levelDebug"],
] as const;
/** Lines on one page. */
const LINES_SHOWN = 200;

export function logPage(frame: Frame, office: ConsoleOffice, query: URLSearchParams): string {
  const { say } = frame;
  const level = LEVELS.find(([name]) => name === query.get("level"))?.[0] ?? "info";
  const callId = query.get("call-id")?.trim() ?? "";
  const lines = office
    .lines({ level, ...(callId !== "" && { callId }) })
    .slice(-LINES_SHOWN)
    .toReversed();
  return page(
    frame,
    "/log",
    html` <form class="filter" method="get" action="/log">
        <p class="field">
          <label for="level">${say("level")}</label>
          <select id="level" name="level">
            ${LEVELS.map(
              ([name, word]) =>
                html`<option value="${name}" ${name === level && html` selected`}>${say(word)}</option>`,
            )}
          </select>
        </p>
        ${field("call-id", say("callId"), { value: callId, autocomplete: "off" })}
        <button class="button">${say("show")}</button>
      </form>
      ${
        lines.length === 0
          ? html`<p>${say("noLines")}</p>`
          : html`<div class="wide" tabindex="0" role="region" aria-label="${say("log")}">
              <table class="log">
                <thead>
                  <tr>
                    <th scope="col">${say("time")}</th>
                    <th scope="col">${say("level")}</th>
                    <th scope="col">${say("part")}</th>
                    <th scope="col">${say("text")}</th>
                  </tr>
                </thead>
                <tbody>
                  ${lines.map(lineRow)}
                </tbody>
              </table>
            </div>`
      }
      ${form(frame, "/log", html`<button class="button">${say("sayMore")}</button>`)}`,
  );
}

function lineRow({ time, level, component, text, fields }: LogLine): Html {
  const facts = Object.entries(fields).map(
    ([name, value]) => html` <span class="fact">${name}=${String(value)}</span>`,
  );
  return html`<tr class="${level}">
    <td>${timeOf(time)}</td>
    <td>${level}</td>
    <td>${component ?? ""}</td>
    <td lang="en">${text}${facts}</td>
  </tr>`;
}

function page(frame: Frame, path: string, content: Html): string {
  const { say, domain, address, notice, fault } = frame;
  const word = PARTS.find(([at]) => at === path)?.[1] ?? "status";
  return documentOf(
    frame.language,
    `${say(word)} – ${domain}`,
    html`<a class="skip" href="#content">${say("skip")}</a>
      <header>
        <p class="office">${domain}</p>
        <nav aria-label="${say("navigation")}">
          <ul>
            ${PARTS.map(
              ([at, name]) =>
                html`<li><a href="${at}" ${at === path && html` aria-current="page"`}>${say(name)}</a></li>`,
            )}
          </ul>
        </nav>
        <div class="who">
          <span>${address}</span
          >${form(frame, "/logout", html`<button class="button small">${say("signOut")}</button>`)}
        </div>
      </header>
      <main id="content" tabindex="-1">
        <h1>${say(word)}</h1>
        ${notice !== undefined && html`<p class="notice ok" role="status">${notice}</p>`}
        ${fault && html`<p class="notice bad" role="alert">${spoken(frame, GERMAN_FAULTS[fault.code], fault.text)}</p>`}
        ${content}
      </main>`,
  );
}

function documentOf(language: Language, title: string, body: Html): string {
  return html`<!doctype html>
    <html lang="${language}">
      <head>
        <meta charset="utf-8" />
        <title>${title}</title>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="/tokens.css" />
        <link rel="stylesheet" href="/console.css" />
      </head>
      <body>
        ${body}
      </body>
    </html>`.text;
}

/** What the core says in English, in the page's language where that is known. */
function spoken(frame: Frame, german: string | undefined, english: string): Html {
  if (frame.language === "en") return html`${english}`;
  return german === undefined ? html`<span lang="en">${english}</span>` : html`${german}`;
}

function form({ secret }: Frame, action: string, content: Html): Html {
  return html`<form method="post" action="${action}">${hidden("secret", secret)}${content}</form>`;
}

function hidden(name: string, value: string): Html {
  return html`<input type="hidden" name="${name}" value="${value}" />`;
}

interface FieldOptions {
  readonly id?: string;
  readonly type?: string;
  readonly value?: string;
  readonly hint?: string;
  readonly placeholder?: string;
  readonly autocomplete?: string;
  readonly required?: boolean;
}

function field(name: string, label: string, options: FieldOptions = {}): Html {
  const { id = name, type = "text", value = "", hint, placeholder, autocomplete, required } = options;
  return html`<p class="field">
    <label for="${id}">${label}</label>
    <input
      id="${id}"
      name="${name}"
      type="${type}"
      value="${value}"
      ${placeholder !== undefined && html` placeholder="${placeholder}"`}${autocomplete !== undefined && html` autocomplete="${autocomplete}"`}${required === true && html` required`}${hint !== undefined && html` aria-describedby="${id}-hint"`}
    />
    ${hint !== undefined && html`<span id="${id}-hint" class="hint">${hint}</span>`}
  </p>`;
}

function box(name: string, label: string): Html {
  return html`<p class="box">
    <input id="new-${name}" name="${name}" type="checkbox" value="yes" /><label for="new-${name}">${label}</label>
  </p>`;
}

function timeOf(iso: string): Html {
  return html`<time datetime="${iso}">${iso.slice(0, 19).replace("T", " ")}</time>`;
}
