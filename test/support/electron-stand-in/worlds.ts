/**
 * The two worlds of a page and what passes between them. These functions run in the page, as text: they may use nothing
 * from outside themselves.
 *
 *   main process  <-- binding, evaluate -->  isolated world (preload script)  <-- DOM events with text -->  main world
 */

/** What both worlds share: the page. */
interface Page {
  addEventListener(name: string, hear: (event: CustomEvent<string>) => void, options?: { once: boolean }): void;
  dispatchEvent(event: CustomEvent<string>): void;
}

/** What the debugger puts into the isolated world, and what it calls there. */
interface IsolatedWorld {
  standInSend(text: string): void;
  standInReceive(message: FromMain): void;
}

/** An answer to what was invoked, or an event on a channel. */
export type FromMain =
  | { readonly settle: number; readonly value?: unknown; readonly error?: string }
  | { readonly channel: string; readonly args: readonly unknown[] };

export interface ToMain {
  readonly id: number;
  readonly channel: string;
  readonly args: readonly unknown[];
}

type Port = (name: string, value: unknown) => void;

/**
 * One end of the way between the worlds: values are copied; functions and promises stay where they are and are called from
 * there. Returns the way to offer something under a global name of the other world, frozen, as `contextBridge` does.
 */
export function openPort(mine: string, theirs: string): Port {
  type Coded = { f: number } | { p: number } | { l: Coded[] } | { o: [string, Coded][] } | { v?: unknown };
  type Ask =
    | { call: number; args: Coded[] }
    | { settle: number; ok: boolean; value: Coded }
    | { expose: string; value: Coded };
  const page = globalThis as unknown as Page;
  const functions = new Map<number, (...args: unknown[]) => unknown>();
  const promises = new Map<number, { resolve(value: unknown): void; reject(error: unknown): void }>();
  let last = 0;

  function encode(value: unknown): Coded {
    if (typeof value === "function") {
      functions.set(++last, value as () => unknown);
      return { f: last };
    }
    if (value instanceof Promise) {
      const p = ++last;
      value.then(
        (result) => ask({ settle: p, ok: true, value: encode(result) }),
        (error: unknown) => ask({ settle: p, ok: false, value: encode(String(error)) }),
      );
      return { p };
    }
    if (Array.isArray(value)) return { l: value.map(encode) };
    if (typeof value !== "object" || value === null) return { v: value };
    return { o: Object.entries(value).map(([key, one]) => [key, encode(one)]) };
  }

  function decode(coded: Coded): unknown {
    if ("f" in coded) return (...args: unknown[]) => ask({ call: coded.f, args: args.map(encode) });
    if ("p" in coded) return new Promise((resolve, reject) => promises.set(coded.p, { resolve, reject }));
    if ("l" in coded) return coded.l.map(decode);
    if ("o" in coded) return Object.freeze(Object.fromEntries(coded.o.map(([key, one]) => [key, decode(one)])));
    return coded.v;
  }

  /** Events of the DOM are heard before `dispatchEvent` returns, so the answer is there at once. */
  function ask(message: Ask): unknown {
    const reply = `${mine}-${String(++last)}`;
    let answer: Coded = {};
    page.addEventListener(reply, ({ detail }) => (answer = JSON.parse(detail) as Coded), { once: true });
    page.dispatchEvent(new CustomEvent(theirs, { detail: JSON.stringify({ ...message, reply }) }));
    return decode(answer);
  }

  function answerTo(message: Ask): Coded {
    if ("call" in message) return encode(functions.get(message.call)?.(...message.args.map(decode)));
    if ("settle" in message) promises.get(message.settle)?.[message.ok ? "resolve" : "reject"](decode(message.value));
    else Object.defineProperty(globalThis, message.expose, { value: decode(message.value), enumerable: true });
    return {};
  }

  page.addEventListener(mine, ({ detail }) => {
    const { reply, ...message } = JSON.parse(detail) as Ask & { reply: string };
    page.dispatchEvent(new CustomEvent(reply, { detail: JSON.stringify(answerTo(message)) }));
  });
  return (name, value) => void ask({ expose: name, value: encode(value) });
}

/** What `require("electron")` gives to a sandboxed preload script. */
export function preloadModules(expose: Port) {
  const world = globalThis as unknown as IsolatedWorld;
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  const listeners = new Map<string, Set<(event: unknown, ...args: unknown[]) => void>>();
  let last = 0;
  world.standInReceive = (message) => {
    if ("channel" in message) {
      for (const listener of [...(listeners.get(message.channel) ?? [])]) listener({}, ...message.args);
      return;
    }
    const call = waiting.get(message.settle);
    waiting.delete(message.settle);
    if (message.error === undefined) call?.resolve(message.value);
    else call?.reject(new Error(message.error));
  };
  const ipcRenderer = {
    invoke(channel: string, ...args: unknown[]): Promise<unknown> {
      const id = ++last;
      const answer = new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
      world.standInSend(JSON.stringify({ id, channel, args } satisfies ToMain));
      return answer;
    },
    on(channel: string, listener: (event: unknown, ...args: unknown[]) => void): void {
      listeners.set(channel, (listeners.get(channel) ?? new Set()).add(listener));
    },
    off(channel: string, listener: (event: unknown, ...args: unknown[]) => void): void {
      listeners.get(channel)?.delete(listener);
    },
  };
  return (name: string): unknown => {
    if (name === "electron") return { ipcRenderer, contextBridge: { exposeInMainWorld: expose } };
    throw new Error(`module not found: ${name}`);
  };
}

/** The script for the main world, which must be there first. */
export const MAIN_WORLD = `(${openPort.toString()})("hallway-main", "hallway-isolated");`;

/** The script for the isolated world: the preload script as a sandbox runs it, in the page's own frame alone. */
export function isolatedWorld(preload: string): string {
  return `if (window === top) ((require) => { const module = { exports: {} }; const exports = module.exports;
${preload}
})((${preloadModules.toString()})((${openPort.toString()})("hallway-isolated", "hallway-main")));`;
}
