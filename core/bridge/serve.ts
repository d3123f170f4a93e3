/** Serves the contract: checks a call, lets the client or the gateway do it, and turns faults into answers. */
import type { Client } from "../client/client.ts";
import { CommandFailure } from "../client/failure.ts";
import { readAddress } from "../client/roster.ts";
import type { Log } from "../platform/log.ts";
import { checkArguments, isCommandName, mayCall } from "./check.ts";
import type {
  Answer,
  Caller,
  CheckedArgs,
  CommandName,
  CommandValues,
  EventMessage,
  GatewayStatus,
  Invitation,
} from "./contract.ts";

/** The embedded gateway, where the host has one. */
export interface GatewayControl {
  status(): GatewayStatus;
  start(wish: CheckedArgs["gateway.start"]): Promise<GatewayStatus>;
  stop(): Promise<GatewayStatus>;
  addPerson(person: CheckedArgs["gateway.addPerson"]): Promise<GatewayStatus>;
  invite(person: CheckedArgs["gateway.invite"]): Promise<Invitation>;
  uninvite(address: string): Promise<GatewayStatus>;
}

export interface ServeSettings {
  readonly client: Client;
  readonly gateway: GatewayControl;
  readonly log: Log;
}

export interface ServedBridge {
  /** Takes a call as it came over whatever wire; never rejects. */
  call(caller: Caller, name: unknown, args: unknown): Promise<Answer<unknown>>;
  subscribe(listener: (message: EventMessage) => void): () => void;
}

type Handlers = {
  [Name in CommandName]: (args: CheckedArgs[Name]) => Promise<CommandValues[Name]> | CommandValues[Name];
};

export function serve({ client, gateway, log }: ServeSettings): ServedBridge {
  const handlers = handlersOf(client, gateway);
  return {
    subscribe: (listener) => client.events.subscribe(listener),
    async call(caller, name, args) {
      if (typeof name !== "string" || !isCommandName(name))
        return { ok: false, code: "unknown-command", message: "This command does not exist." };
      if (!mayCall(caller, name))
        return { ok: false, code: "not-allowed", message: "You may not do this here. Ask who runs this computer." };
      const checked = checkArguments(name, args);
      if (!checked.ok) return { ok: false, ...checked.error };
      return run(handlers, name, checked.value, log);
    },
  };
}

async function run<Name extends CommandName>(
  handlers: Handlers,
  name: Name,
  args: CheckedArgs[Name],
  log: Log,
): Promise<Answer<CommandValues[Name]>> {
  try {
    return { ok: true, value: await handlers[name](args) };
  } catch (error) {
    if (error instanceof CommandFailure) {
      const { code, message, details } = error;
      return { ok: false, code, message, ...(details && { details }) };
    }
    if (error instanceof Error && "code" in error && error.name === "StoreError")
      return { ok: false, code: String(error.code), message: error.message };
    log.error("A command failed.", { command: name, reason: error instanceof Error ? error.message : String(error) });
    return {
      ok: false,
      code: "internal",
      message: "Hallway could not do this because of a fault of its own. Try again.",
    };
  }
}

function handlersOf(client: Client, gateway: GatewayControl): Handlers {
  return {
    "session.open": () => ({ snapshot: { ...client.snapshot(), gateway: gateway.status() }, seq: client.events.seq }),
    "account.signIn": async (args) => ({ account: await client.signIn(args) }),
    "account.signOut": ({ account }) => done(client.signOut(account)),
    "account.list": () => client.accounts(),
    "account.password": ({ account, old, new: wanted }) => done(client.changePassword(account, old, wanted)),
    "account.devices": ({ account }) => client.account(account).access.devices(),
    "account.signOutDevice": ({ account, device }) => done(client.account(account).access.signOut(device)),
    "invite.accept": async ({ link, password }) => ({ account: await client.acceptInvitation(link, password) }),
    "directory.search": async ({ account, text, limit }) => ({
      items: await client.account(account).directory.search(text, limit),
    }),
    "presence.set": ({ account, state, note, until }) =>
      done(client.account(account).own.set(state, note, until === undefined ? undefined : Date.parse(until))),
    "contact.add": ({ account, ...wish }) => client.account(account).addContact(wish),
    "contact.update": ({ account, ...wish }) => client.account(account).roster.update(wish),
    "contact.remove": ({ account, address }) => done(client.account(account).removeContact(address)),
    "contact.list": ({ account }) => {
      const { roster, presence } = client.account(account);
      return roster.list().map((contact) => {
        const known = presence.get(contact.address);
        return known ? { ...contact, presence: known } : contact;
      });
    },
    "privacy.set": ({ account, address, domain, rule }) => {
      const target = { ...(address !== undefined && { address }), ...(domain !== undefined && { domain }) };
      return done(client.account(account).privacy.set(target, rule));
    },
    "privacy.list": ({ account }) => client.account(account).privacy.rules(),
    "watcher.list": ({ account }) => client.account(account).privacy.watchers(),
    "conversation.list": ({ account }) => client.account(account).conversations.list(),
    "conversation.read": (args) => done(client.account(args.account).conversations.read(readAddress(args.with))),
    "conversation.draft": (args) =>
      done(client.account(args.account).conversations.draft(readAddress(args.with), args.text)),
    "message.send": async ({ account, to, text }) => ({
      messageId: await client.account(account).sendMessage(readAddress(to), text),
    }),
    "message.retry": async ({ account, messageId }) => {
      await client.account(account).outbox.retry(messageId);
      return { messageId };
    },
    "message.typing": ({ account, to, active }) => {
      client.account(account).typing.typed(readAddress(to), active);
      return null;
    },
    "history.page": (args) =>
      client.account(args.account).conversations.page(readAddress(args.with), args.cursor, args.direction, args.limit),
    "settings.set": (wish) => client.setSettings(wish),
    "gateway.status": () => gateway.status(),
    "gateway.start": (wish) => gateway.start(wish),
    "gateway.stop": () => gateway.stop(),
    "gateway.addPerson": (person) => gateway.addPerson(person),
    "gateway.invite": (person) => gateway.invite(person),
    "gateway.uninvite": ({ address }) => gateway.uninvite(address),
  };
}

async function done(work: Promise<unknown>): Promise<null> {
  await work;
  return null;
}
