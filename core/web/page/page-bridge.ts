/** In the browser: offers `window.hallway` over a WebSocket to the host that served the page. */
import type { Answer, Bridge, CommandName, CommandValues, EventMessage } from "../../bridge/contract.ts";

type Listener = (message: EventMessage) => void;
interface Waiting {
  readonly call: string;
  settle(answer: Answer<never>): void;
}

const SECRET_KEY = "hallway-tab";
const FIRST_WAIT = 250;
const LONGEST_WAIT = 10_000;
const GONE: Answer<never> = {
  ok: false,
  code: "host-gone",
  message: "Hallway on this computer has ended. Start it again; what you wrote is kept.",
};

const secret = takeSecret();
const listeners = new Set<Listener>();
const waiting = new Map<number, Waiting>();
let socket: WebSocket | undefined;
let nextId = 1;
let wait = FIRST_WAIT;

/** The tab's secret comes behind the # once and survives a reload; it must not stay in the address bar. */
function takeSecret(): string {
  const given = location.hash.slice(1);
  if (given !== "") {
    sessionStorage.setItem(SECRET_KEY, given);
    history.replaceState(null, "", "/");
  }
  return sessionStorage.getItem(SECRET_KEY) ?? "";
}

function connect(): void {
  const opened = new WebSocket(`ws://${location.host}/bridge`, ["hallway", secret]);
  socket = opened;
  opened.onopen = () => {
    wait = FIRST_WAIT;
    for (const { call } of waiting.values()) opened.send(call);
  };
  opened.onmessage = ({ data }) =>
    receive(JSON.parse(String(data)) as { id: number; answer: Answer<never> } | EventMessage);
  opened.onclose = () => {
    socket = undefined;
    // Whether an answer got lost with the connection cannot be known: saying so beats doing it twice.
    for (const [id, { settle }] of waiting) {
      waiting.delete(id);
      settle(GONE);
    }
    setTimeout(connect, wait);
    wait = Math.min(wait * 2, LONGEST_WAIT);
  };
}

function receive(message: { id: number; answer: Answer<never> } | EventMessage): void {
  if ("event" in message) {
    for (const listener of listeners) listener(message);
    return;
  }
  const one = waiting.get(message.id);
  waiting.delete(message.id);
  one?.settle(message.answer);
}

const bridge: Bridge = {
  invoke<Name extends CommandName>(command: Name, args: unknown): Promise<Answer<CommandValues[Name]>> {
    return new Promise((settle) => {
      const id = nextId++;
      const call = JSON.stringify({ id, command, args });
      waiting.set(id, { call, settle });
      if (socket?.readyState === WebSocket.OPEN) socket.send(call);
    });
  },
  subscribe(listener) {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  },
};

Object.defineProperty(window, "hallway", { value: Object.freeze(bridge) });
connect();
