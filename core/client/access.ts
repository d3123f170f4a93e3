/** How a person gets in: the password, the devices that are signed in, and the invitation by which it began. */
import type { Device } from "../bridge/contract.ts";
import type { InvitationLink } from "../payload/invitation-link.ts";
import { parseInvitationLink } from "../payload/invitation-link.ts";
import { isoTime } from "../platform/clock.ts";
import { MIN_PASSWORD_LENGTH } from "../platform/passwords.ts";
import type { Result } from "../platform/result.ts";
import type { OfficeClient, OfficeFault } from "../xcap-client/office-client.ts";
import { CommandFailure } from "./failure.ts";

export interface AccessSettings {
  readonly account: string;
  /** This installation: `urn:uuid:…`. */
  readonly instance: string;
  /** The office, asked with the password that is kept or with one that is to be tried; nothing without a connection. */
  office(tried?: string): Pick<OfficeClient, "setPassword" | "devices" | "signOut"> | undefined;
}

export class Access {
  readonly #settings: AccessSettings;

  constructor(settings: AccessSettings) {
    this.#settings = settings;
  }

  /** Sets another password at the office. Throws `CommandFailure`; then the old one holds. */
  async setPassword(old: string, wanted: string): Promise<void> {
    refuseWeak(wanted);
    this.#value(await this.#office(old).setPassword(wanted, this.#settings.instance));
  }

  /** Where we are signed in, this device first. Throws `CommandFailure`. */
  async devices(): Promise<readonly Device[]> {
    const { account, instance: own } = this.#settings;
    const devices = this.#value(await this.#office().devices()).map(
      ({ instance, until, device, program, from }): Device => ({
        account,
        device,
        program,
        from,
        until: isoTime(until),
        isThis: instance === own,
      }),
    );
    return devices.sort((one, other) => Number(other.isThis) - Number(one.isThis));
  }

  /** Signs one of our devices out. Throws `CommandFailure`. */
  async signOut(device: string): Promise<void> {
    this.#value(await this.#office().signOut(device));
  }

  #office(tried?: string): ReturnType<AccessSettings["office"]> & {} {
    const office = this.#settings.office(tried);
    if (!office)
      throw new CommandFailure("not-connected", "There is no connection to your server now. Try again when there is.");
    return office;
  }

  #value<T>(result: Result<T, OfficeFault>): T {
    if (result.ok) return result.value;
    throw accessFailure(result.error, this.#settings.account.split("@")[1] ?? "");
  }
}

/** Throws `CommandFailure` when a password is too short to be taken. */
export function refuseWeak(password: string): void {
  if (password.length < MIN_PASSWORD_LENGTH)
    throw new CommandFailure(
      "password-too-short",
      `The password needs at least ${MIN_PASSWORD_LENGTH} characters. Choose a longer one.`,
    );
}

/** The invitation in a text that somebody pasted. Throws `CommandFailure` when there is none. */
export function readInvitation(text: string): InvitationLink {
  const link = parseInvitationLink(text);
  if (!link)
    throw new CommandFailure(
      "invitation-unreadable",
      "This is no whole invitation. Copy the line that begins with hallway:invite? to its very end.",
    );
  return link;
}

/** What the office's refusal means, as a sentence with the next thing to do. */
export function accessFailure(fault: OfficeFault, domain: string): CommandFailure {
  return new CommandFailure(fault, sentenceOf(fault, domain));
}

function sentenceOf(fault: OfficeFault, domain: string): string {
  switch (fault) {
    case "wrong-password":
      return "The old password is not right. Type it again.";
    case "not-confidential":
      return "A password is changed over an encrypted connection only. Sign in with a tls: server first.";
    case "no-such-device":
      return "This device is not signed in any more.";
    case "invitation-unknown":
      return `${domain} does not know this invitation. It was withdrawn, or not copied whole. Ask for a new one.`;
    case "invitation-used":
      return "This invitation was used already. If it was not you, tell your administrator at once; else sign in with your password.";
    case "invitation-expired":
      return "This invitation has ended. Ask your administrator for a new one.";
    case "invitation-foreign":
      return `The server that this invitation names is not the office that made it. Nothing was sent. Ask the administrator of ${domain} for a new one.`;
    case "too-many-tries":
      return "There were too many wrong invitations from here. Wait a minute, then try again.";
    case "unreachable":
      return `The server of ${domain} cannot be reached. Check the network, then try again.`;
    case "unsupported":
      return `The server of ${domain} cannot do this. Ask your administrator.`;
    default:
      return `${domain} refuses this. Ask your administrator.`;
  }
}
