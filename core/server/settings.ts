/** Every setting of a gateway: its name, default, meaning, and what a value may be. */
import { BlockList, isIP } from "node:net";
import { isLogLevel } from "../platform/log.ts";
import type { DigestAlgorithm } from "../sip/digest.ts";
import { parseListening } from "../sip/transport/flow.ts";
import type { SettingTable } from "../store/store.ts";
import type { Rate } from "./operation/source-limit.ts";

interface SettingRule {
  readonly fallback: string;
  readonly meaning: string;
  /** What is wrong with the value, as a sentence; nothing when it is good. */
  check(value: string): string | undefined;
}

const ALGORITHMS: readonly DigestAlgorithm[] = ["SHA-256", "SHA-512-256", "MD5"];
/** Domains of one office besides the main one: each stands in its certificate. */
export const MAX_FURTHER_DOMAINS = 20;
const RECORD_ROUTE = ["needed", "always", "never"] as const;
const PROXY_MODES = ["forward", "redirect"] as const;
const DEFAULT_RULES = ["allow", "ask", "block"] as const;
export type DefaultRule = (typeof DEFAULT_RULES)[number] | "by-domain";

export const settingRules = {
  domain: {
    fallback: "",
    meaning: "The office's domain: the part of every address behind the @.",
    check: (value) => (isDomain(value) ? undefined : "A domain looks like acme.example, in small letters."),
  },
  domains: {
    fallback: "",
    meaning: "Further domains of the office, with commas between.",
    check: (value) =>
      list(value).every(isDomain) && list(value).length <= MAX_FURTHER_DOMAINS
        ? undefined
        : `Write up to ${MAX_FURTHER_DOMAINS} domains like acme.test, in small letters, with commas between.`,
  },
  listen: {
    fallback: "udp:0.0.0.0:5060,tcp:0.0.0.0:5060,tls:0.0.0.0:5061",
    meaning: "Where the gateway listens, as transport:address:port with commas between. From the next start on.",
    check: (value) =>
      list(value).every((one) => isIP(parseListening(one)?.host ?? "") !== 0)
        ? undefined
        : "Write each listener as udp:ADDRESS:PORT, tcp:ADDRESS:PORT or tls:ADDRESS:PORT with an IP address.",
  },
  "auth.exempt": {
    fallback: "",
    meaning: "Addresses whose requests are not asked for a password. For tests and closed networks.",
    check: (value) =>
      list(value).every((one) => isIP(one) !== 0) ? undefined : "Write IP addresses with commas between.",
  },
  "auth.algorithms": {
    fallback: "SHA-256,SHA-512-256,MD5",
    meaning: "Digest algorithms that are offered, most liked first. MD5 only ever to accounts made with --md5.",
    check: (value) =>
      value !== "" && list(value).every((one) => (ALGORITHMS as readonly string[]).includes(one))
        ? undefined
        : `Choose from ${ALGORITHMS.join(", ")}.`,
  },
  "presence.default-rule": {
    fallback: "by-domain",
    meaning: "Who may see a person that has set no rule: allow, ask, block, or by-domain (allow inside, ask outside).",
    check: (value) =>
      value === "by-domain" || (DEFAULT_RULES as readonly string[]).includes(value)
        ? undefined
        : "Choose allow, ask, block or by-domain.",
  },
  "directory.in-contacts": {
    fallback: "no",
    meaning: "Whether everybody in the office list stands in the contacts of new accounts: yes or no.",
    check: (value) => (value === "yes" || value === "no" ? undefined : "Choose yes or no."),
  },
  "invite.server": {
    fallback: "",
    meaning: "The server that invitations name, as tls:HOST:PORT. Empty: an address of this computer.",
    check: (value) =>
      value === "" || /^tls:[^\s:/@?&]+:\d{1,5}$/.test(value) || /^tls:\[[0-9a-f:.]+\]:\d{1,5}$/i.test(value)
        ? undefined
        : "Write the server as tls:HOST:PORT, such as tls:sip.acme.example:5061.",
  },
  "invite.days": {
    fallback: "7",
    meaning: "Days that an invitation holds.",
    check: (value) => wholeNumber(value, 1, 90),
  },
  "proxy.record-route": {
    fallback: "always",
    meaning:
      "Whether the gateway stays on the way of dialogs: always, needed (only where nothing else works), or never.",
    check: (value) => (isOneOf(RECORD_ROUTE, value) ? undefined : "Choose always, needed or never."),
  },
  "proxy.mode": {
    fallback: "forward",
    meaning:
      "Whether calls are forwarded to people's devices, or their callers told where those are: forward or redirect.",
    check: (value) => (isOneOf(PROXY_MODES, value) ? undefined : "Choose forward or redirect."),
  },
  "presence.probe": {
    fallback: "on",
    meaning: "Whether devices on UDP that are watched and answer are asked now and then if they are there: on or off.",
    check: (value) => (value === "on" || value === "off" ? undefined : "Write on or off."),
  },
  "registrar.min-expires": {
    fallback: "60",
    meaning: "Shortest life of a registration in seconds; a shorter wish is answered 423.",
    check: (value) => wholeNumber(value, 1, 86_400),
  },
  "registrar.max-expires": {
    fallback: "3600",
    meaning: "Longest life of a registration in seconds; a longer wish is shortened.",
    check: (value) => wholeNumber(value, 60, 604_800),
  },
  "registrar.service-route": {
    fallback: "off",
    meaning: "Whether devices are told to send everything through this gateway (RFC 3608): on or off.",
    check: (value) => (value === "on" || value === "off" ? undefined : "Write on or off."),
  },
  "message.keep-days": {
    fallback: "30",
    meaning: "Days that a message waits for its recipient.",
    check: (value) => wholeNumber(value, 1, 3_650),
  },
  "message.quota": {
    fallback: "1000",
    meaning: "Messages that may wait for one person; the next one is refused.",
    check: (value) => wholeNumber(value, 1, 1_000_000),
  },
  "limit.requests-per-second": {
    fallback: "500",
    meaning: "Requests that one source may send each second for good; more are answered 503 with the time to wait.",
    check: (value) => wholeNumber(value, 1, 1_000_000),
  },
  "limit.burst": {
    fallback: "5000",
    meaning:
      "Requests that one source may send at once after a pause: a whole office behind one address in the morning.",
    check: (value) => wholeNumber(value, 1, 1_000_000),
  },
  "limit.exempt": {
    fallback: "127.0.0.0/8,::1",
    meaning: "Addresses and networks whose requests are not counted, such as a proxy of your own.",
    check: checkNetworks,
  },
  "limit.watched-by-one": {
    fallback: "2000",
    meaning: "Subscriptions that one person may hold at once, over all devices; the next one is refused.",
    check: (value) => wholeNumber(value, 1, 1_000_000),
  },
  "limit.watchers-of-one": {
    fallback: "5000",
    meaning: "Subscriptions that may look at one person at once; the next one is asked to come again later.",
    check: (value) => wholeNumber(value, 1, 1_000_000),
  },
  "metrics.listen": {
    fallback: "",
    meaning:
      "Where /metrics and /health are served, as ADDRESS:PORT on this computer alone; empty is nowhere. From the next start on.",
    check: checkLoopback,
  },
  "log.level": {
    fallback: "info",
    meaning: "How much the log says: silent, error, warn, info or debug. From the next start on.",
    check: (value) => (isLogLevel(value) ? undefined : "Choose silent, error, warn, info or debug."),
  },
  "log.to": {
    fallback: "stderr",
    meaning: "Where the log goes: stderr, or file for hallway.log in the data folder. From the next start on.",
    check: (value) => (value === "stderr" || value === "file" ? undefined : "Choose stderr or file."),
  },
  "log.file-megabytes": {
    fallback: "10",
    meaning: "Size at which a new log file is begun. From the next start on.",
    check: (value) => wholeNumber(value, 1, 1_000),
  },
  "log.files": {
    fallback: "5",
    meaning: "Full log files that are kept. From the next start on.",
    check: (value) => wholeNumber(value, 0, 100),
  },
} as const satisfies Record<string, SettingRule>;

export type SettingName = keyof typeof settingRules;

/** Whether the name is one of ours. */
export function isSettingName(name: string): name is SettingName {
  return Object.hasOwn(settingRules, name);
}

/** The value in force: what was set, else the default. */
export function settingValue(table: SettingTable, name: SettingName): string {
  return table.get(name) ?? settingRules[name].fallback;
}

/** A comma-separated value as a list. */
export function list(value: string): readonly string[] {
  return value
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "");
}

/** Settings as the gateway's parts use them, read anew at each use so that a change is in force at once. */
export class GatewaySettings {
  readonly #table: SettingTable;
  #unlimited: { readonly text: string; readonly networks: BlockList } | undefined;

  constructor(table: SettingTable) {
    this.#table = table;
  }

  get domain(): string {
    return settingValue(this.#table, "domain");
  }

  /** Every domain of the office, the main one first. */
  get domains(): readonly string[] {
    return domainsOf(this.#table);
  }

  isOwnDomain(domain: string): boolean {
    return this.domains.includes(domain);
  }

  get algorithms(): readonly DigestAlgorithm[] {
    const wanted = list(settingValue(this.#table, "auth.algorithms"));
    return wanted.flatMap((name) => ALGORITHMS.filter((algorithm) => algorithm === name));
  }

  isExempt(address: string): boolean {
    return list(settingValue(this.#table, "auth.exempt")).includes(address);
  }

  /** What holds for a watcher about whom nothing else was said. */
  defaultRule(watcherIsInside: boolean): "allow" | "ask" | "block" {
    const value = settingValue(this.#table, "presence.default-rule");
    if (value === "allow" || value === "ask" || value === "block") return value;
    return watcherIsInside ? "allow" : "ask";
  }

  get recordRoute(): (typeof RECORD_ROUTE)[number] {
    const value = settingValue(this.#table, "proxy.record-route");
    return isOneOf(RECORD_ROUTE, value) ? value : "always";
  }

  get proxyMode(): (typeof PROXY_MODES)[number] {
    const value = settingValue(this.#table, "proxy.mode");
    return isOneOf(PROXY_MODES, value) ? value : "forward";
  }

  get minExpires(): number {
    return Number(settingValue(this.#table, "registrar.min-expires"));
  }

  get maxExpires(): number {
    return Number(settingValue(this.#table, "registrar.max-expires"));
  }

  get probesDevices(): boolean {
    return settingValue(this.#table, "presence.probe") === "on";
  }

  get wantsServiceRoute(): boolean {
    return settingValue(this.#table, "registrar.service-route") === "on";
  }

  get keepMessages(): number {
    return Number(settingValue(this.#table, "message.keep-days")) * 86_400_000;
  }

  get messageQuota(): number {
    return Number(settingValue(this.#table, "message.quota"));
  }

  /** What one source may send. */
  get sourceRate(): Rate {
    const number = (name: SettingName): number => Number(settingValue(this.#table, name));
    return { perSecond: number("limit.requests-per-second"), burst: number("limit.burst") };
  }

  /** Whether the requests of this address are not counted. */
  isUnlimited(address: string): boolean {
    const text = settingValue(this.#table, "limit.exempt");
    if (this.#unlimited?.text !== text) this.#unlimited = { text, networks: networksOf(text) ?? new BlockList() };
    return this.#unlimited.networks.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
  }

  get watchedByOne(): number {
    return Number(settingValue(this.#table, "limit.watched-by-one"));
  }

  get watchersOfOne(): number {
    return Number(settingValue(this.#table, "limit.watchers-of-one"));
  }
}

/** Addresses and networks as one list; undefined when one of them is neither. */
function networksOf(text: string): BlockList | undefined {
  const networks = new BlockList();
  for (const one of list(text)) {
    const [address = "", prefix, ...more] = one.split("/");
    const version = isIP(address);
    const longest = version === 6 ? 128 : 32;
    const bits = prefix === undefined ? longest : /^\d{1,3}$/.test(prefix) ? Number(prefix) : -1;
    if (version === 0 || more.length > 0 || bits < 0 || bits > longest) return undefined;
    networks.addSubnet(address, bits, version === 6 ? "ipv6" : "ipv4");
  }
  return networks;
}

function checkNetworks(value: string): string | undefined {
  return networksOf(value) ? undefined : "Write IP addresses or networks such as 10.0.0.0/8, with commas between.";
}

/** An address and port as `ADDRESS:PORT` or `[ADDRESS]:PORT`; undefined when it is not of that form. */
export function addressAndPort(text: string): { readonly address: string; readonly port: number } | undefined {
  const parsed = parseListening(`tcp:${text}`);
  return parsed && isIP(parsed.host) !== 0 ? { address: parsed.host, port: parsed.port } : undefined;
}

/** What is served there is not encrypted and asks nobody who he is: it must not leave the computer. */
function checkLoopback(value: string): string | undefined {
  if (value === "") return undefined;
  const endpoint = addressAndPort(value);
  if (!endpoint) return "Write it as 127.0.0.1:PORT, or leave it empty.";
  return endpoint.address === "::1" || endpoint.address.startsWith("127.")
    ? undefined
    : "The figures are served on this computer alone. Use 127.0.0.1:PORT, and let a proxy of your own pass them on.";
}

/** Every domain of an office, the main one first; none as long as the office has none. */
export function domainsOf(table: SettingTable): readonly string[] {
  const main = settingValue(table, "domain");
  return main === "" ? [] : [...new Set([main, ...list(settingValue(table, "domains"))])];
}

function isDomain(text: string): boolean {
  return /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/.test(text) && text.length <= 253;
}

function wholeNumber(value: string, least: number, most: number): string | undefined {
  const number = Number(value);
  return /^\d{1,9}$/.test(value) && number >= least && number <= most
    ? undefined
    : `Write a whole number from ${least} to ${most}.`;
}

function isOneOf<T extends string>(choices: readonly T[], value: string): value is T {
  return (choices as readonly string[]).includes(value);
}
