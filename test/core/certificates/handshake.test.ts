import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { connect, createServer, type TLSSocket } from "node:tls";
import { afterEach, describe, expect, test } from "vitest";
import { makeAuthority, makeServerCertificate } from "../../../core/certificates/authority.ts";
import { presentedChain } from "../../../core/certificates/handshake.ts";
import { readCertificate } from "../../../core/certificates/read.ts";
import { authorityFingerprint, checkChain } from "../../../core/certificates/trust.ts";

const closing: (() => void)[] = [];
afterEach(() => closing.splice(0).forEach((close) => close()));

async function office(domain: string) {
  const now = Date.now();
  const authority = await makeAuthority({ name: `Office of ${domain}`, now });
  const server = await makeServerCertificate({ authority, domain, hosts: ["localhost", "127.0.0.1"], now });
  const facts = readCertificate(authority.certificate);
  return {
    authority,
    identity: { cert: server.chain, key: server.privateKey },
    key: facts.ok ? facts.value.keyFingerprint : "",
  };
}

/** Both ends of a TLS connection on which each side has shown `identity`. */
async function handshake(
  here: { cert: string; key: string } | object,
  there: { cert: string; key: string },
): Promise<[TLSSocket, TLSSocket]> {
  const server = createServer({ ...there, requestCert: true, rejectUnauthorized: false });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const accepted = once(server, "secureConnection") as Promise<[TLSSocket]>;
  // The chain is judged afterwards, by RFC 5922 instead of by the rules of the Web.
  const client = connect({ ...here, port, host: "127.0.0.1", rejectUnauthorized: false });
  await once(client, "secureConnect");
  const [peer] = await accepted;
  closing.push(
    () => client.destroy(),
    () => peer.destroy(),
    () => server.close(),
  );
  return [client, peer];
}

describe("a mutual handshake between two offices", () => {
  test("shows each side the other's whole chain, and each trusts the other's authority by key", async () => {
    const [alice, bob] = [await office("alice.example"), await office("bob.example")];
    const [client, peer] = await handshake(alice.identity, bob.identity);
    const seen = [
      { chain: presentedChain(client), key: bob.key, expected: "bob.example" },
      { chain: presentedChain(peer), key: alice.key, expected: "alice.example" },
    ];
    for (const { chain, key, expected } of seen) {
      expect(authorityFingerprint(chain)).toEqual({ ok: true, value: key });
      const checked = checkChain({ chain, trust: { keyFingerprint: key }, expected, now: Date.now() });
      expect(checked).toEqual({ ok: true, value: { keyFingerprint: key } });
    }
  });

  test("lets the one who dialled a host or an address expect exactly that", async () => {
    const bob = await office("bob.example");
    const [client] = await handshake({}, bob.identity);
    const chain = presentedChain(client);
    const check = (expected: string) =>
      checkChain({ chain, trust: { pem: bob.authority.certificate }, expected, now: Date.now() });
    expect(["bob.example", "localhost", "127.0.0.1"].map((expected) => check(expected).ok)).toEqual([true, true, true]);
    expect(check("127.0.0.2")).toMatchObject({ error: { code: "certificate-wrong-name" } });
  });

  test("shows no chain when the client has none", async () => {
    const bob = await office("bob.example");
    const [, peer] = await handshake({}, bob.identity);
    expect(presentedChain(peer)).toEqual([]);
  });

  test("also satisfies the TLS library's own verification", async () => {
    const bob = await office("bob.example");
    const [client] = await handshake({ ca: bob.authority.certificate, servername: "bob.example" }, bob.identity);
    expect(client.authorizationError).toBeNull();
    expect(client.authorized).toBe(true);
  });
});
