/** Locating servers (RFC 3263) through dnsmasq, a DNS server that nobody here wrote. */
import { describe, expect, test } from "vitest";
import { isSipUri, parseUri } from "../../core/sip/message/uri.ts";
import { systemDns } from "../../core/sip/transport/dns.ts";
import type { TransportName } from "../../core/sip/transport/flow.ts";
import { locate } from "../../core/sip/transport/resolve.ts";
import { end } from "../support/command.ts";
import { startDns } from "../support/dns-server.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { hasProgram } from "../support/programs.ts";
import { seededRandom } from "../support/seeded-random.ts";
import { needing } from "./programs.ts";

const ZONE = [
  "--naptr-record=b.example,10,1,s,SIPS+D2T,,_sips._tcp.b.example",
  "--naptr-record=b.example,20,1,s,SIP+D2U,,_sip._udp.b.example",
  "--naptr-record=b.example,1,1,u,E2U+email,!^.*$!mailto:info@b.example!",
  "--naptr-record=b.example,2,1,s,SIP+D2S,,_sip._sctp.b.example",
  "--srv-host=_sips._tcp.b.example,two.b.example,5071,2,0",
  "--srv-host=_sips._tcp.b.example,one.b.example,5061,1,0",
  "--srv-host=_sips._tcp.b.example,gone.b.example,5061,0,0",
  "--srv-host=_sip._udp.b.example,two.b.example,5070,1,0",
  "--srv-host=_sip._tcp.c.example,two.b.example,5080,1,0",
  "--srv-host=_sip._udp.c.example",
  "--host-record=one.b.example,192.0.2.1,2001:db8::1,77",
  "--host-record=two.b.example,192.0.2.2,5",
  "--host-record=d.example,192.0.2.4,5",
];

describe.skipIf(!hasProgram("dnsmasq"))("with dnsmasq", () => {
  async function served() {
    const { server, address } = await startDns(ZONE);
    const clock = new ManualClock();
    const dns = systemDns(address, clock);
    const targets = async (text: string, transports: readonly TransportName[] = ["tls", "tcp", "udp"]) => {
      const uri = parseUri(text);
      if (!uri.ok || !isSipUri(uri.value)) throw new Error("not a SIP URI");
      const found = await locate(uri.value, { dns, random: seededRandom(), transports });
      if (!found.ok) return found.error.code;
      return found.value.map(({ transport, address, port: to, alternative }) =>
        [transport, address, to, alternative].filter((part) => part !== undefined).join(" "),
      );
    };
    return { server, clock, dns, targets };
  }

  test(
    needing("dnsmasq", "NAPTR, SRV and addresses lead to the targets, foreign and dead records to nothing"),
    async () => {
      const { targets } = await served();
      expect(await targets("sip:b.example")).toEqual([
        "tls 192.0.2.1 5061 2001:db8::1",
        "tls 192.0.2.2 5071",
        "udp 192.0.2.2 5070",
      ]);
      expect(await targets("sip:b.example", ["udp"])).toEqual(["udp 192.0.2.2 5070"]);
      expect(await targets("sip:one.b.example:5099;transport=udp")).toEqual([
        "udp 192.0.2.1 5099",
        "udp 2001:db8::1 5099",
      ]);
    },
  );

  test(needing("dnsmasq", "SRV alone, and addresses alone, are followed"), async () => {
    const { targets } = await served();
    expect(await targets("sip:c.example", ["udp", "tcp"])).toEqual(["tcp 192.0.2.2 5080"]);
    expect(await targets("sip:d.example", ["udp"])).toEqual(["udp 192.0.2.4 5060"]);
    expect(await targets("sip:nowhere.example")).toBe("SIP_NAME_UNKNOWN");
  });

  test(needing("dnsmasq", "answers outlive the server for as long as they may be kept"), async () => {
    const { server, clock, dns, targets } = await served();
    await targets("sip:one.b.example:5060");
    expect(dns.inspect?.()).toContainEqual({ kind: "addresses", name: "one.b.example", records: 2, left: 77_000 });
    await end(server, "SIGKILL");
    await clock.advance(76_999);
    expect(await targets("sip:one.b.example:5060")).toHaveLength(2);
    await clock.advance(1);
    expect(await targets("sip:one.b.example:5060")).toBe("SIP_DNS_FAILED");
  });
});
