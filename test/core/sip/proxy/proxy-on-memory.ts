/** A proxy on a network in memory, between agents that have it as their way out. */
import type { ProxySettings, ProxyTarget, RouteQuestion, Routing } from "../../../../core/sip/proxy/proxy.ts";
import { alongRoute, Proxy } from "../../../../core/sip/proxy/proxy.ts";
import { RouteTokens } from "../../../../core/sip/proxy/route-token.ts";
import { StatelessProxy } from "../../../../core/sip/proxy/stateless-proxy.ts";
import type { Stack } from "../../../../core/sip/stack.ts";
import type { Endpoint } from "../../../../core/sip/transport/network.ts";
import { seededRandom } from "../../../support/seeded-random.ts";
import type { Agent, World } from "../agents-on-memory.ts";

export const PROXY = "192.0.2.10";
export const AT_PROXY: Endpoint = { address: PROXY, port: 5_060 };
/** An address that the proxy is responsible for. */
export const SALES = "sip:sales@office.example";

const isHere = (host: string): boolean => host === PROXY || host === "office.example";

/** Where things are: what comes along a recorded route goes on, everything else to `targets`. */
export function toTargets(targets: () => readonly ProxyTarget[]): (question: RouteQuestion) => Routing {
  return (question) => {
    const along = question.isRecorded ? alongRoute(question) : undefined;
    return { targets: along ? [along] : targets() };
  };
}

export interface ProxyOnMemory {
  readonly stack: Stack;
  readonly proxy: Proxy;
}

export async function proxyOnMemory(
  world: World,
  route: ProxySettings["route"],
  settings: Partial<ProxySettings> = {},
): Promise<ProxyOnMemory> {
  const stack = await world.stack(PROXY, ["udp", "tcp", "tls"]);
  const proxy = new Proxy({
    stack,
    clock: world.clock,
    random: seededRandom(77),
    tokens: new RouteTokens(Buffer.from("key")),
    extensions: [],
    recordRoute: "always",
    mode: "forward",
    followRedirects: false,
    isOwn: ({ host }) => isHere(host),
    isOwnSentBy: isHere,
    route,
    ...settings,
  });
  stack.use({
    request: (transaction) => void proxy.request(transaction).catch(() => undefined),
    acknowledged: (ack, flow) => void proxy.acknowledged(ack, flow),
    cancelled: (invite) => proxy.cancelled(invite),
  });
  return { stack, proxy };
}

export async function statelessProxyOnMemory(
  world: World,
  route: (question: RouteQuestion) => Routing,
): Promise<Stack> {
  const stack = await world.stack(PROXY, ["udp", "tcp", "tls"]);
  const proxy = new StatelessProxy({
    stack,
    key: Buffer.from("key"),
    extensions: [],
    isOwn: ({ host }) => isHere(host),
    isOwnSentBy: isHere,
    route,
  });
  stack.use({
    request: () => undefined,
    screen: (request, flow) => proxy.screen(request, flow),
    acknowledged: (ack, flow) => proxy.acknowledged(ack, flow),
    stray: (response) => void proxy.stray(response),
  });
  return stack;
}

/** From here on the agent's first requests go to the proxy. */
export function behindProxy(agent: Agent, transport: "udp" | "tcp" | "tls"): Agent {
  agent.outbound = { transport, address: PROXY, port: transport === "tls" ? 5_061 : 5_060 };
  return agent;
}
