/**
 * Figures 5 to 8 of RFC 3261 with the changes of RFC 6026 and RFC 4320: each arrow is a test of that name, on a whole
 * stack and a peer without one.
 */
import { describe, expect, test } from "vitest";
import { request } from "../../../../core/sip/message/message.ts";
import type { SipMessage, SipRequest } from "../../../../core/sip/message/message.ts";
import { ScriptedPeer } from "../../../support/scripted-peer.ts";
import { written } from "../../../support/sip-lines.ts";
import { HERE, stackOnMemory } from "../stack-on-memory.ts";

const PEER = { address: "127.0.0.1", port: 5090 };

/**
 * The arrow's name; the transport; what happens, one step after another; the state then; what the peer was sent in all;
 * what the user heard in all.
 */
type Arrow = readonly [
  name: string,
  transport: "udp" | "tcp",
  steps: string,
  state: string,
  sent: string,
  heard: string,
];

/** One transaction: `wait 500`, `break` the network, `peer 180`, `user 486`, and what else the two sides may do. */
abstract class Scene {
  readonly heard: string[] = [];
  readonly here: ReturnType<typeof stackOnMemory>;
  readonly #transport: "udp" | "tcp";
  #isBroken = false;
  #peer: ScriptedPeer | undefined;

  constructor(transport: "udp" | "tcp") {
    this.#transport = transport;
    this.here = stackOnMemory({
      fate: (_bytes, from) => {
        if (this.#isBroken && from.port === HERE.port) throw new Error("the network is down");
        return "deliver";
      },
    });
  }

  get peer(): ScriptedPeer {
    if (!this.#peer) throw new Error("nobody is connected");
    return this.#peer;
  }

  get isStream(): boolean {
    return this.#transport === "tcp";
  }

  async run(steps: string): Promise<void> {
    this.#peer = await this.connect();
    await this.here.clock.advance(0);
    for (const step of steps.split(", ")) {
      const [word = "", argument = ""] = step.split(" ");
      if (word === "wait") await this.here.clock.advance(Number(argument));
      else if (word === "break" && this.isStream) this.peer.close();
      else if (word === "break") this.#isBroken = true;
      else await this.act(word, argument);
      await this.here.clock.advance(0);
    }
  }

  get state(): string {
    return this.here.stack.transactions.inspect(1)[0]?.state ?? "terminated";
  }

  get sent(): string {
    return this.peer.messages.map(word).join(" ");
  }

  protected abstract connect(): Promise<ScriptedPeer>;
  protected abstract act(word: string, argument: string): Promise<void>;
}

function word(message: SipMessage): string {
  return message.kind === "request" ? message.method : String(message.status);
}

class ClientScene extends Scene {
  readonly #method: string;

  constructor(method: string, transport: "udp" | "tcp") {
    super(transport);
    this.#method = method;
  }

  protected async connect(): Promise<ScriptedPeer> {
    const { stack, network, clock } = this.here;
    await stack.listen("udp", HERE);
    const listener = this.isStream ? await ScriptedPeer.listen(network, PEER) : undefined;
    const peer = listener ? undefined : await ScriptedPeer.datagram(network, PEER, HERE);
    const sent = request(this.#method, "sip:bob@127.0.0.1:5090", [
      ["From", "<sip:alice@office.example>;tag=a"],
      ["To", "<sip:bob@office.example>"],
      ["Call-ID", "out"],
      ["CSeq", `1 ${this.#method}`],
    ]);
    const hear = ({ status }: { readonly status: number }): void => void this.heard.push(String(status));
    const transport = this.isStream ? "tcp" : "udp";
    const targets = [{ transport, ...PEER, serverName: "peer" }] as const;
    void stack.send(sent, { targets, provisional: hear, accepted: hear }).then((outcome) => {
      this.heard.push(outcome.kind === "response" ? String(outcome.response.status) : outcome.kind);
    });
    await clock.advance(0);
    const found = peer ?? listener?.peers[0];
    if (!found) throw new Error("nobody was called");
    return found;
  }

  protected act(who: string, status: string): Promise<void> {
    if (who !== "peer") throw new Error(`${who} does nothing here`);
    return this.peer.answer(this.#request, Number(status));
  }

  get #request(): SipRequest {
    const first = this.peer.messages.find((message) => message.kind === "request");
    if (!first) throw new Error("no request came");
    return first;
  }
}

class ServerScene extends Scene {
  readonly #method: string;

  constructor(method: string, transport: "udp" | "tcp") {
    super(transport);
    this.#method = method;
  }

  protected async connect(): Promise<ScriptedPeer> {
    const { stack, network } = this.here;
    const transport = this.isStream ? "tcp" : "udp";
    await stack.listen(transport, HERE);
    const peer = this.isStream
      ? await ScriptedPeer.connect(network, HERE)
      : await ScriptedPeer.datagram(network, PEER, HERE);
    await peer.send(this.#written(this.#method));
    return peer;
  }

  protected async act(who: string, what: string): Promise<void> {
    const { stack, requests, acknowledged } = this.here;
    const before = acknowledged.length;
    if (who === "user" && requests[0]) stack.respond(requests[0], Number(what), { toTag: "t" });
    else if (who === "peer") await this.peer.send(this.#written(what === "again" ? this.#method : what));
    else throw new Error(`${who} does nothing here`);
    await this.here.clock.advance(0);
    if (acknowledged.length > before) this.heard.push("ACK");
  }

  #written(method: string): string {
    const transport = this.isStream ? "TCP" : "UDP";
    const to = method === "ACK" ? { to: "<sip:bob@office.example>;tag=t" } : {};
    return written({ method, via: `${transport} 127.0.0.1:5090;branch=z9hG4bKone;rport`, ...to });
  }
}

function draw(figure: string, scene: (transport: "udp" | "tcp") => Scene, arrows: readonly Arrow[]): void {
  describe(figure, () => {
    test.each(arrows)("%s (%s)", async (_name, transport, steps, state, sent, heard) => {
      const run = scene(transport);
      await run.run(steps);
      expect({ state: run.state, sent: run.sent, heard: run.heard.join(" ") }).toEqual({ state, sent, heard });
      run.here.stack.close();
      expect(run.here.stack.transactions.counts).toEqual({ client: 0, server: 0 });
    });
  });
}

draw("figure 5, the INVITE client", (transport) => new ClientScene("INVITE", transport), [
  ["INVITE from the user → Calling", "udp", "wait 0", "calling", "INVITE", ""],
  ["Calling: timer A fires → Calling, INVITE again", "udp", "wait 1500", "calling", "INVITE INVITE INVITE", ""],
  ["Calling: no timer A over a reliable transport", "tcp", "wait 31999", "calling", "INVITE", ""],
  ["Calling: timer B fires → Terminated", "tcp", "wait 32000", "terminated", "INVITE", "timeout"],
  ["Calling: transport error → Terminated", "udp", "break, wait 500", "terminated", "INVITE", "unreachable"],
  ["Calling: the connection breaks → Terminated", "tcp", "break, wait 0", "terminated", "INVITE", "unreachable"],
  ["Calling: 1xx → Proceeding", "udp", "peer 180, wait 60000", "proceeding", "INVITE", "180"],
  ["Calling: 2xx → Accepted", "udp", "peer 200", "accepted", "INVITE", "200"],
  ["Calling: 300–699 → Completed, ACK sent", "udp", "peer 486", "completed", "INVITE ACK", "486"],
  ["Proceeding: 1xx → Proceeding", "udp", "peer 180, peer 183", "proceeding", "INVITE", "180 183"],
  ["Proceeding: 2xx → Accepted", "udp", "peer 180, peer 200", "accepted", "INVITE", "180 200"],
  ["Proceeding: 300–699 → Completed, ACK sent", "udp", "peer 180, peer 486", "completed", "INVITE ACK", "180 486"],
  ["Proceeding: transport error → Terminated", "tcp", "peer 180, break", "terminated", "INVITE", "180 unreachable"],
  ["Completed: 300–699 → Completed, ACK sent", "udp", "peer 486, peer 486", "completed", "INVITE ACK ACK", "486"],
  ["Completed: transport error → Terminated", "udp", "peer 486, break, peer 486", "terminated", "INVITE ACK", "486"],
  ["Completed: timer D fires → Terminated", "udp", "peer 486, wait 32000", "terminated", "INVITE ACK", "486"],
  ["Completed: timer D is 0 over a reliable transport", "tcp", "peer 486", "terminated", "INVITE ACK", "486"],
  ["Accepted: 2xx → Accepted, passed on", "udp", "peer 200, peer 200", "accepted", "INVITE", "200 200"],
  ["Accepted: other responses change nothing", "udp", "peer 200, peer 180, peer 486", "accepted", "INVITE", "200"],
  ["Accepted: timer M fires → Terminated", "udp", "peer 200, wait 32000", "terminated", "INVITE", "200"],
]);

draw("figure 6, other clients", (transport) => new ClientScene("MESSAGE", transport), [
  ["request from the user → Trying", "udp", "wait 0", "trying", "MESSAGE", ""],
  ["Trying: timer E fires → Trying, request again", "udp", "wait 1500", "trying", "MESSAGE MESSAGE MESSAGE", ""],
  ["Trying: no timer E over a reliable transport", "tcp", "wait 31999", "trying", "MESSAGE", ""],
  ["Trying: timer F fires → Terminated", "tcp", "wait 32000", "terminated", "MESSAGE", "timeout"],
  ["Trying: transport error → Terminated", "udp", "break, wait 500", "terminated", "MESSAGE", "unreachable"],
  ["Trying: 1xx → Proceeding", "udp", "peer 100", "proceeding", "MESSAGE", "100"],
  ["Trying: 200–699 → Completed", "udp", "peer 404", "completed", "MESSAGE", "404"],
  [
    "Proceeding: timer E fires → Proceeding, at T2",
    "udp",
    "peer 100, wait 4500",
    "proceeding",
    "MESSAGE MESSAGE MESSAGE",
    "100",
  ],
  ["Proceeding: timer F fires → Terminated", "tcp", "peer 100, wait 32000", "terminated", "MESSAGE", "100 timeout"],
  ["Proceeding: transport error → Terminated", "tcp", "peer 100, break", "terminated", "MESSAGE", "100 unreachable"],
  ["Proceeding: 1xx → Proceeding", "udp", "peer 100, peer 100", "proceeding", "MESSAGE", "100 100"],
  ["Proceeding: 200–699 → Completed", "udp", "peer 100, peer 200", "completed", "MESSAGE", "100 200"],
  ["Completed: responses change nothing", "udp", "peer 200, peer 200", "completed", "MESSAGE", "200"],
  ["Completed: timer K fires → Terminated", "udp", "peer 200, wait 5000", "terminated", "MESSAGE", "200"],
  ["Completed: timer K is 0 over a reliable transport", "tcp", "peer 200", "terminated", "MESSAGE", "200"],
]);

draw("figure 7, the INVITE server", (transport) => new ServerScene("INVITE", transport), [
  ["INVITE → Proceeding", "udp", "wait 199", "proceeding", "", ""],
  ["Proceeding: a silent user → Proceeding, 100 sent", "udp", "wait 200", "proceeding", "100", ""],
  ["Proceeding: INVITE → Proceeding, last 1xx sent", "udp", "user 180, peer again", "proceeding", "180 180", ""],
  ["Proceeding: 1xx from the user → Proceeding, sent", "udp", "user 180, user 183", "proceeding", "180 183", ""],
  ["Proceeding: 2xx from the user → Accepted, sent", "udp", "user 200", "accepted", "200", ""],
  ["Proceeding: 300–699 from the user → Completed, sent", "udp", "user 486", "completed", "486", ""],
  ["Proceeding: transport error → Terminated", "udp", "wait 0, break, user 180", "terminated", "", ""],
  ["Completed: INVITE → Completed, response sent", "udp", "user 486, peer again", "completed", "486 486", ""],
  ["Completed: timer G fires → Completed, response sent", "udp", "user 486, wait 1500", "completed", "486 486 486", ""],
  ["Completed: no timer G over a reliable transport", "tcp", "user 486, wait 31999", "completed", "486", ""],
  ["Completed: timer H fires → Terminated", "tcp", "user 486, wait 32000", "terminated", "486", ""],
  ["Completed: transport error → Terminated", "udp", "user 486, break, wait 500", "terminated", "486", ""],
  ["Completed: ACK → Confirmed", "udp", "user 486, peer ACK, wait 4999", "confirmed", "486", ""],
  ["Confirmed: ACK changes nothing", "udp", "user 486, peer ACK, peer ACK", "confirmed", "486", ""],
  ["Confirmed: timer I fires → Terminated", "udp", "user 486, peer ACK, wait 5000", "terminated", "486", ""],
  ["Confirmed: timer I is 0 over a reliable transport", "tcp", "user 486, peer ACK", "terminated", "486", ""],
  ["Accepted: INVITE changes nothing", "udp", "user 200, peer again", "accepted", "200", ""],
  ["Accepted: 2xx from the user → Accepted, sent", "udp", "user 200, user 200", "accepted", "200 200", ""],
  ["Accepted: ACK → Accepted, passed on", "udp", "user 200, peer ACK", "accepted", "200", "ACK"],
  ["Accepted: transport error → Accepted", "udp", "user 200, break, user 200", "accepted", "200", ""],
  ["Accepted: timer L fires → Terminated", "udp", "user 200, wait 32000", "terminated", "200", ""],
]);

draw("figure 8, other servers", (transport) => new ServerScene("MESSAGE", transport), [
  ["request → Trying", "udp", "wait 0", "trying", "", ""],
  ["Trying: request again changes nothing", "udp", "peer again", "trying", "", ""],
  ["Trying: 1xx from the user → Proceeding, sent", "tcp", "user 100", "proceeding", "100", ""],
  ["Trying: no 100 over an unreliable transport so early", "udp", "user 100, wait 3499", "trying", "", ""],
  ["Trying: a silent user → Proceeding, 100 sent", "udp", "wait 3500", "proceeding", "100", ""],
  ["Trying: 200–699 from the user → Completed, sent", "udp", "user 404", "completed", "404", ""],
  ["Trying: never 408, never any 1xx but 100", "tcp", "user 408, user 180", "trying", "", ""],
  ["Trying: nobody answers in time → Terminated, in silence", "tcp", "wait 32000", "terminated", "100", ""],
  ["Proceeding: request again → Proceeding, 100 sent", "udp", "wait 3500, peer again", "proceeding", "100 100", ""],
  ["Proceeding: 1xx from the user → Proceeding, sent", "udp", "wait 3500, user 100", "proceeding", "100 100", ""],
  ["Proceeding: 200–699 from the user → Completed, sent", "udp", "wait 3500, user 200", "completed", "100 200", ""],
  ["Proceeding: transport error → Terminated", "udp", "wait 3500, break, peer again", "terminated", "100", ""],
  ["Completed: request again → Completed, response sent", "udp", "user 200, peer again", "completed", "200 200", ""],
  ["Completed: responses from the user change nothing", "udp", "user 200, user 404", "completed", "200", ""],
  ["Completed: timer J fires → Terminated", "udp", "user 200, wait 32000", "terminated", "200", ""],
  ["Completed: timer J is 0 over a reliable transport", "tcp", "user 200", "terminated", "200", ""],
]);
