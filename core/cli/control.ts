/**
 * One process owns an office's folder. Others reach it through a socket that only the owner's user may open,
 * and do the work themselves when nobody owns it.
 */
import { createHash } from "node:crypto";
import { rmSync, statSync } from "node:fs";
import type { Socket } from "node:net";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Interface } from "node:readline";
import { createInterface } from "node:readline";
import { officeDesk, openOffice, ownFolder, privateFiles, StoreError, systemClock, systemRandom } from "../index.ts";
import type {
  AccountChange,
  InvitationWish,
  LineFilter,
  LogLevel,
  LogLevels,
  NewAccount,
  NewCommunity,
  OfficeDesk,
  RecentLines,
} from "../index.ts";

/** What can be asked of an office from outside its process. */
export type OfficeRequest =
  | { readonly do: "settings" }
  | { readonly do: "set"; readonly assignments: Readonly<Record<string, string>> }
  | { readonly do: "accounts" }
  | { readonly do: "add"; readonly accounts: readonly NewAccount[] }
  | { readonly do: "password"; readonly address: string; readonly password: string; readonly md5?: boolean }
  | { readonly do: "disable"; readonly address: string; readonly disabled: boolean }
  | { readonly do: "remove"; readonly address: string }
  | { readonly do: "communities" }
  | { readonly do: "put-community"; readonly community: NewCommunity }
  | { readonly do: "enable-community"; readonly name: string; readonly enabled: boolean }
  | { readonly do: "remove-community"; readonly name: string }
  | { readonly do: "change"; readonly address: string; readonly change: AccountChange }
  | { readonly do: "aliases" }
  | { readonly do: "alias"; readonly address: string; readonly targets: readonly string[] }
  | { readonly do: "unalias"; readonly address: string }
  | { readonly do: "invite"; readonly wish: InvitationWish }
  | { readonly do: "uninvite"; readonly address: string }
  | { readonly do: "invitations" }
  | { readonly do: "devices"; readonly address: string }
  | { readonly do: "signOut"; readonly address: string; readonly device: string };

/** What only a running office can be asked. */
export type RunningRequest =
  | { readonly do: "problems" }
  | { readonly do: "listening" }
  | { readonly do: "log-levels" }
  /** `duration` in milliseconds. */
  | {
      readonly do: "log";
      readonly levels: readonly { readonly component: string; readonly level: LogLevel }[];
      readonly duration: number;
    }
  | { readonly do: "log-lines"; readonly filter: LineFilter };

/** The process that serves an office, as far as others may ask it. */
export interface Served extends OfficeDesk {
  readonly levels: LogLevels;
  readonly lines: RecentLines;
  readonly listening: readonly string[];
  problems(): Promise<unknown>;
}

type Reply =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly code: string; readonly message: string };

/** Longest path that every system takes for a socket. */
const MAX_SOCKET_PATH = 100;
/** Milliseconds in which a running office answers. */
const ANSWER_WITHIN = 10_000;

/** Does the request on the office, whatever process that takes. Throws `StoreError`. */
export async function administer(folder: string, request: OfficeRequest): Promise<unknown> {
  const reply = await ask(folder, request);
  if (reply?.ok) return reply.value;
  if (reply) throw new StoreError(reply.code, reply.message);
  const release = ownFolder(folder);
  try {
    const ports = { clock: systemClock(), random: systemRandom() };
    const store = openOffice(folder, ports);
    try {
      return await perform(officeDesk(ports, store, privateFiles(folder)), request);
    } finally {
      store.close();
    }
  } finally {
    release();
  }
}

/** Asks the office that runs in the folder; undefined when none runs. Throws `StoreError` when it refuses. */
export async function askRunning(
  folder: string,
  request: RunningRequest,
): Promise<{ readonly value: unknown } | undefined> {
  const reply = await ask(folder, request);
  if (!reply) return undefined;
  if (!reply.ok) throw new StoreError(reply.code, reply.message);
  return { value: reply.value };
}

/** Answers requests of other processes for as long as this one owns the folder; returns the way to stop. */
export async function serveControl(folder: string, served: Served): Promise<() => void> {
  const path = socketPath(folder);
  // We own the folder, so a socket that lies there is left from an owner that died.
  if (process.platform !== "win32") rmSync(path, { force: true });
  const server = createServer((connection) => {
    connection.on("error", () => undefined);
    linesOf(connection).on("line", (line) => {
      void answer(served, line).then((reply) => connection.end(`${JSON.stringify(reply)}\n`));
    });
  });
  await new Promise<void>((done, failed) => {
    server.once("error", failed);
    // Nobody else may open the socket, not even between its making and a change of its mode.
    const mask = process.umask(0o177);
    server.listen(path, done);
    process.umask(mask);
  });
  return () => void server.close();
}

async function answer(served: Served, line: string): Promise<Reply> {
  try {
    const request = JSON.parse(line) as OfficeRequest | RunningRequest;
    const value = isForRunning(request) ? await performRunning(served, request) : await perform(served, request);
    return { ok: true, value: value ?? null };
  } catch (error) {
    if (error instanceof StoreError) return { ok: false, code: error.code, message: error.message };
    return { ok: false, code: "internal", message: "The running office could not do this. Look into its log." };
  }
}

async function perform(desk: OfficeDesk, request: OfficeRequest): Promise<unknown> {
  const { administration: office, invitations, devices } = desk;
  switch (request.do) {
    case "settings":
      return office.settings();
    case "set":
      return office.set(request.assignments);
    case "accounts":
      return office.accounts();
    case "add":
      return office.add(request.accounts);
    case "password":
      return office.setPassword(request.address, request.password, request.md5);
    case "disable":
      return office.disable(request.address, request.disabled);
    case "remove":
      return office.remove(request.address);
    case "communities":
      return office.communities();
    case "put-community":
      return office.putCommunity(request.community);
    case "enable-community":
      return office.enableCommunity(request.name, request.enabled);
    case "remove-community":
      return office.removeCommunity(request.name);
    case "change":
      return office.change(request.address, request.change);
    case "aliases":
      return office.aliases();
    case "alias":
      return office.setAlias(request.address, request.targets);
    case "unalias":
      return office.removeAlias(request.address);
    case "invite":
      return invitations.invite(request.wish);
    case "uninvite":
      return invitations.withdraw(request.address);
    case "invitations":
      return invitations.list();
    case "devices":
      return devices.list(request.address);
    case "signOut":
      return devices.signOut(request.address, request.device);
  }
}

const FOR_RUNNING: ReadonlySet<string> = new Set<RunningRequest["do"]>([
  "problems",
  "listening",
  "log-levels",
  "log",
  "log-lines",
]);

function isForRunning(request: OfficeRequest | RunningRequest): request is RunningRequest {
  return FOR_RUNNING.has(request.do);
}

async function performRunning(served: Served, request: RunningRequest): Promise<unknown> {
  switch (request.do) {
    case "problems":
      return served.problems();
    case "listening":
      return served.listening;
    case "log-levels":
      return served.levels.current;
    case "log":
      for (const { component, level } of request.levels) served.levels.set(component, level, request.duration);
      return served.levels.current;
    case "log-lines":
      return served.lines.select(request.filter);
  }
}

/** Undefined when nobody listens there. */
function ask(folder: string, request: OfficeRequest | RunningRequest): Promise<Reply | undefined> {
  const path = socketPath(folder);
  if (process.platform !== "win32" && !isOfOwner(path, folder)) return Promise.resolve(undefined);
  return new Promise((done) => {
    const connection = connect(path);
    connection.setTimeout(ANSWER_WITHIN, () => connection.destroy());
    connection.once("error", () => done(undefined));
    connection.once("connect", () => connection.write(`${JSON.stringify(request)}\n`));
    linesOf(connection).once("line", (line) => {
      done(JSON.parse(line) as Reply);
      connection.destroy();
    });
    connection.once("close", () => done(undefined));
  });
}

/** The lines of a connection. Its errors are heard at the connection; here they would end the process. */
function linesOf(connection: Socket): Interface {
  return createInterface({ input: connection }).on("error", () => undefined);
}

/** Whether the socket is there and of whom the folder is: whoever else made it must not hear a password. */
function isOfOwner(path: string, folder: string): boolean {
  const socket = statSync(path, { throwIfNoEntry: false });
  return socket !== undefined && socket.uid === statSync(folder, { throwIfNoEntry: false })?.uid;
}

function socketPath(folder: string): string {
  const path = resolve(folder, "control");
  const name = `hallway-${createHash("sha256").update(path).digest("hex").slice(0, 16)}`;
  if (process.platform === "win32") return `\\\\.\\pipe\\${name}`;
  return Buffer.byteLength(path) <= MAX_SOCKET_PATH ? path : join(tmpdir(), name);
}
