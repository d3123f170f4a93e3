const DEFAULT_PORTS = { tls: 5061, tcp: 5060, udp: 5060 } as const;

/**
 * Turns what a person types as the server's name into the form of the contract, `tls:host:port`. A bare name means TLS on
 * its usual port; a bare IPv6 address is put in brackets. Undefined when nothing was typed.
 */
export function serverArgument(typed: string): string | undefined {
  const text = typed.trim();
  if (text === "") return undefined;
  const match = /^(?:(tls|tcp|udp):)?(.*)$/iu.exec(text);
  const transport = (match?.[1]?.toLowerCase() ?? "tls") as keyof typeof DEFAULT_PORTS;
  const rest = match?.[2] ?? text;
  const isBareIpv6 = !rest.startsWith("[") && rest.split(":").length > 2;
  const host = isBareIpv6 ? `[${rest}]` : rest;
  const hasPort = /:\d+$/u.test(host.replace(/^\[[^\]]*\]/u, ""));
  return `${transport}:${host}${hasPort ? "" : `:${String(DEFAULT_PORTS[transport])}`}`;
}

export interface ListeningAddress {
  readonly transport: string;
  readonly host: string;
  readonly port: string;
  /** Listening on every address of the computer, so the host says nothing about how others reach it. */
  readonly everywhere: boolean;
}

/** Reads `tls:0.0.0.0:5061` as a gateway reports it. */
export function parseListening(text: string): ListeningAddress | undefined {
  const match = /^(\w+):(\[[^\]]*\]|[^:]*):(\d+)$/u.exec(text);
  const [, transport, host, port] = match ?? [];
  if (transport === undefined || host === undefined || port === undefined) return undefined;
  return { transport, host, port, everywhere: host === "0.0.0.0" || host === "[::]" || host === "" };
}

/** How this computer itself reaches the office that it serves: TLS when there is one, over the loopback address. */
export function localServer(listening: readonly string[]): string | undefined {
  const all = listening.map(parseListening).filter((item) => item !== undefined);
  const best = all.find((item) => item.transport === "tls") ?? all.find((item) => item.transport === "tcp") ?? all[0];
  if (best === undefined) return undefined;
  const host = best.everywhere ? (best.host === "[::]" ? "[::1]" : "127.0.0.1") : best.host;
  return `${best.transport}:${host}:${best.port}`;
}
