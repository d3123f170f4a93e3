/** The gateway inside a person's own Hallway: switched on and off from the window, kept in `PROFILE/gateway`. */
import type { CheckedArgs, GatewayStatus, Invitation } from "./bridge/contract.ts";
import type { GatewayControl } from "./bridge/serve.ts";
import { CommandFailure } from "./client/failure.ts";
import type { Ports, RunningGateway } from "./compose-office.ts";
import { openOffice, ownFolder, reachableAs, startGateway } from "./compose-office.ts";
import type { PrivateFiles } from "./platform/files.ts";
import { qrPicture } from "./platform/qr-code.ts";
import { OfficeAdministration } from "./server/administration.ts";
import type { GatewayStore, SettingTable } from "./store/store.ts";

export interface EmbeddedGatewaySettings {
  readonly ports: Ports;
  readonly folder: string;
  readonly files: (folder: string) => PrivateFiles;
  /** The profile's settings: they remember whether the gateway is on. */
  readonly settings: SettingTable;
  changed(status: GatewayStatus): void;
}

const SWITCH = "gateway-on";

export class EmbeddedGateway implements GatewayControl {
  readonly #settings: EmbeddedGatewaySettings;
  #store: GatewayStore | undefined;
  #release: (() => void) | undefined;
  #running: RunningGateway | undefined;
  #reason: string | undefined;

  constructor(settings: EmbeddedGatewaySettings) {
    this.#settings = settings;
  }

  /** Starts again after the program was closed with the gateway on. A failure is told by the status. */
  async resume(): Promise<void> {
    if (this.#settings.settings.get(SWITCH) !== "yes") return;
    try {
      await this.#start();
    } catch (error) {
      this.#reason = error instanceof Error ? error.message : String(error);
      this.close();
    }
  }

  status(): GatewayStatus {
    const running = this.#running;
    if (!running) return { running: false, ...(this.#reason !== undefined && { reason: this.#reason }) };
    return {
      running: true,
      domain: running.administration.domain,
      listening: running.listening,
      reachableAs: reachableAs(running.listening),
      fingerprint: running.identity.fingerprint,
      people: running.gateway.people(),
    };
  }

  async start({ domain, people = [] }: CheckedArgs["gateway.start"]): Promise<GatewayStatus> {
    if (this.#running) throw new CommandFailure("gateway-runs", "The office on this computer runs already.");
    try {
      const administration = new OfficeAdministration(this.#open());
      if (administration.domain !== domain) await administration.set({ domain: domain.toLowerCase() });
      const known = new Set(administration.accounts().map(({ address }) => address));
      await administration.add(people.filter(({ address }) => !known.has(address.toLowerCase())).map(personOf));
      await this.#start();
    } catch (error) {
      this.close();
      throw startFailure(error);
    }
    this.#settings.settings.set(SWITCH, "yes");
    return this.#tell();
  }

  async stop(): Promise<GatewayStatus> {
    this.#settings.settings.set(SWITCH, "no");
    this.close();
    return this.#tell();
  }

  async addPerson(person: CheckedArgs["gateway.addPerson"]): Promise<GatewayStatus> {
    await this.#serving.administration.add([personOf(person)]);
    return this.#tell();
  }

  async invite({ address, name, administrator }: CheckedArgs["gateway.invite"]): Promise<Invitation> {
    const invitation = await this.#serving.invitations.invite({
      address,
      ...(name !== undefined && { name }),
      ...(administrator !== undefined && { administrator }),
    });
    this.#tell();
    return { ...invitation, qr: qrPicture(invitation.link) };
  }

  async uninvite(address: string): Promise<GatewayStatus> {
    await this.#serving.invitations.withdraw(address);
    return this.#tell();
  }

  /** Stops serving; whether it is switched on stays as it is. */
  close(): void {
    this.#running?.stop();
    this.#running = undefined;
    this.#store?.close();
    this.#store = undefined;
    this.#release?.();
    this.#release = undefined;
  }

  get #serving(): RunningGateway {
    if (!this.#running)
      throw new CommandFailure("gateway-off", "The office on this computer is switched off. Switch it on first.");
    return this.#running;
  }

  #open(): GatewayStore {
    const { folder, ports } = this.#settings;
    if (folder !== ":memory:") this.#release ??= ownFolder(folder);
    this.#store ??= openOffice(folder, ports);
    return this.#store;
  }

  async #start(): Promise<void> {
    const { ports, files, folder } = this.#settings;
    this.#running = await startGateway(ports, this.#open(), files(folder), undefined, folder);
    this.#reason = undefined;
  }

  #tell(): GatewayStatus {
    const status = this.status();
    this.#settings.changed(status);
    return status;
  }
}

function personOf({ address, password, name, administrator }: CheckedArgs["gateway.addPerson"]) {
  return {
    address,
    password,
    ...(name !== undefined && { name }),
    ...(administrator !== undefined && { administrator }),
  };
}

function startFailure(error: unknown): Error {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE")
    return new CommandFailure(
      "port-in-use",
      "Another program on this computer uses the port for SIP. End it, then start the office again.",
    );
  if (code === "EACCES")
    return new CommandFailure(
      "port-forbidden",
      "This computer does not let Hallway use the port for SIP. Choose a port above 1023.",
    );
  return error instanceof Error ? error : new Error(String(error));
}
