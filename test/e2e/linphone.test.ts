/**
 * Ines at the window of the browser host, which runs the office; Bob at Linphone's console.
 *
 *   window (ines)        gateway         linphone (bob)
 *     | adds bob           |<----REGISTER-----|
 *     |<-----presence------|<----PUBLISH------|
 *     |------presence----->|-----NOTIFY------>|
 *     |<-----message-------|<----MESSAGE------|
 *     |------message------>|-----MESSAGE----->|
 */
import { expect, test } from "vitest";
import { Linphone } from "../interop/linphone.ts";
import { hasChromium } from "../support/chromium.ts";
import { Desk } from "../support/desk.ts";
import { addressOf, passwordOf } from "../support/gateway-process.ts";
import { pointer } from "../support/hands.ts";
import { launchHost, newProfile } from "../support/host.ts";
import { breaches } from "../support/inspect.ts";
import { invoke, tlsServer } from "../support/page-bridge.ts";
import { hasProgram } from "../support/programs.ts";

const missing = !hasProgram("linphonec") ? "linphonec is not installed" : hasChromium ? "" : "there is no Chromium";

test.skipIf(missing !== "")(
  `a person at the window and one at Linphone see and write to each other${missing === "" ? "" : ` (skipped: ${missing})`}`,
  { timeout: 60_000 },
  async () => {
    const { page, complaints } = await launchHost("browser", await newProfile());
    const people = ["ines", "bob"].map((name) => ({ address: addressOf(name), password: passwordOf(name) }));
    const office = await invoke(page, "gateway.start", { domain: "acme.example", people });
    const { fingerprint: trust = "", listening = [] } = office;
    await invoke(page, "account.signIn", {
      address: addressOf("ines"),
      password: passwordOf("ines"),
      server: tlsServer(office),
      trust,
    });
    const ines = new Desk(page, pointer());
    await ines.addPerson(addressOf("bob"), "Bob");
    await ines.row(/Bob, offline/iu).waitFor();

    const port = (transport: string): number =>
      Number(
        listening
          .find((one) => one.startsWith(`${transport}:`))
          ?.split(":")
          .at(-1),
      );
    const ports = { udp: port("udp"), tcp: port("tcp"), tls: port("tls") };
    const bob = await Linphone.start({
      name: "bob",
      friend: "ines",
      gateway: { ports },
      transport: "udp",
      algorithm: "SHA-256",
    });
    await ines.row(/Bob, available/iu).waitFor();
    await bob.shows(/Friend "ines" .* is Online/u);
    await ines.setState("busy", "");
    await bob.shows(/Friend "ines" .* is Busy/u);

    bob.type("chat sip:ines@acme.example Grüße <b>aus</b> der Küche");
    await ines.message("Grüße <b>aus</b> der Küche").waitFor();
    await ines.send("Schöne Grüße zurück");
    await bob.shows(/Message received from sip:ines@acme\.example: Schöne Grüße zurück/u);
    await ines.message(/Schöne Grüße zurück, Delivered/u).waitFor();

    await bob.quit();
    await ines.row(/Bob, offline/iu).waitFor();
    await ines.send("für später");
    await ines.message(/für später, Stored/u).waitFor();
    bob.restart();
    await bob.shows(/Message received from sip:ines@acme\.example: für später/u);
    expect(await breaches(page)).toEqual([]);
    expect(complaints).toEqual([]);
  },
);
