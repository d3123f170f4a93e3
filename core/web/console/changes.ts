/** What an administrator changes at the console: the same work as the command line's, and a line in the log for each. */
import { StoreError } from "../../index.ts";
import type { ConsoleOffice } from "./office.ts";
import type { Fault } from "./views.ts";
import type { Word } from "./words.ts";

interface Done {
  /** The page that shows the outcome. */
  readonly page: string;
  readonly notice: Word;
  readonly about?: string;
  readonly fault?: Fault;
  /** What was typed and refused, to be shown again. Never a password. */
  readonly given?: Readonly<Record<string, string>>;
}

type Change = (office: ConsoleOffice, form: URLSearchParams, who: string) => Promise<Omit<Done, "page">>;

const CHANGES: Readonly<Record<string, { readonly page: string; readonly change: Change }>> = {
  "/people/add": { page: "/people", change: addPerson },
  "/people/password": { page: "/people", change: setPassword },
  "/people/disable": { page: "/people", change: (office, form, who) => disable(office, form, who, true) },
  "/people/enable": { page: "/people", change: (office, form, who) => disable(office, form, who, false) },
  "/people/remove": { page: "/people", change: remove },
  "/settings": { page: "/settings", change: changeSettings },
  "/log": { page: "/log", change: sayMore },
};

/** Does what a form asks for; undefined when there is no such form. Refusals of the core become a fault. */
export async function performChange(
  office: ConsoleOffice,
  path: string,
  form: URLSearchParams,
  who: string,
): Promise<Done | undefined> {
  const found = Object.hasOwn(CHANGES, path) ? CHANGES[path] : undefined;
  if (!found) return undefined;
  try {
    return { page: found.page, ...(await found.change(office, form, who)) };
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    const given = path === "/settings" ? { given: Object.fromEntries(form) } : {};
    return { page: found.page, notice: "saved", fault: { code: error.code, text: error.message }, ...given };
  }
}

async function addPerson(office: ConsoleOffice, form: URLSearchParams, who: string): Promise<Omit<Done, "page">> {
  const address = text(form, "address").toLowerCase();
  await office.administration.add([
    {
      address,
      password: form.get("password") ?? "",
      name: text(form, "name"),
      administrator: form.has("administrator"),
      md5: form.has("md5"),
    },
  ]);
  office.note("An administrator added a person.", { who, address });
  return { notice: "added", about: address };
}

async function setPassword(office: ConsoleOffice, form: URLSearchParams, who: string): Promise<Omit<Done, "page">> {
  const address = text(form, "address");
  await office.administration.setPassword(address, form.get("password") ?? "");
  office.note("An administrator set a password.", { who, address });
  return { notice: "passwordSet" };
}

async function disable(
  office: ConsoleOffice,
  form: URLSearchParams,
  who: string,
  disabled: boolean,
): Promise<Omit<Done, "page">> {
  const address = text(form, "address");
  if (disabled) refuseOwn(address, who);
  await office.administration.disable(address, disabled);
  office.note(`An administrator switched an account ${disabled ? "off" : "on"}.`, { who, address });
  return { notice: disabled ? "disabledDone" : "enabledDone" };
}

async function remove(office: ConsoleOffice, form: URLSearchParams, who: string): Promise<Omit<Done, "page">> {
  const address = text(form, "address");
  refuseOwn(address, who);
  await office.administration.remove(address);
  office.note("An administrator removed a person.", { who, address });
  return { notice: "removed" };
}

/** Only what is different is set: a default that was left alone stays a default. */
async function changeSettings(office: ConsoleOffice, form: URLSearchParams, who: string): Promise<Omit<Done, "page">> {
  const changed = office.administration.settings().flatMap(({ name, value }) => {
    const given = form.get(name)?.trim();
    return given === undefined || given === value ? [] : [[name, given] as const];
  });
  if (changed.length === 0) return { notice: "nothingChanged" };
  await office.administration.set(Object.fromEntries(changed));
  office.note("An administrator changed settings.", { who, settings: changed.map(([name]) => name).join(", ") });
  return { notice: "saved" };
}

async function sayMore(office: ConsoleOffice, _form: URLSearchParams, who: string): Promise<Omit<Done, "page">> {
  office.sayMore();
  office.note("An administrator asked for more in the log.", { who });
  return { notice: "sayingMore" };
}

/** Whoever locks themselves out can undo nothing any more. */
function refuseOwn(address: string, who: string): void {
  if (`sip:${address.toLowerCase()}` === who) throw new StoreError("own-account", "This is your own account.");
}

function text(form: URLSearchParams, name: string): string {
  return (form.get(name) ?? "").trim();
}
