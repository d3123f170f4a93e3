import { rootCertificates } from "node:tls";
import { describe, expect, test } from "vitest";
import {
  AUTHORITY_LIFETIME,
  makeAuthority,
  makeServerCertificate,
  SERVER_LIFETIME,
} from "../../../core/certificates/authority.ts";
import { fromPem } from "../../../core/certificates/pem.ts";
import { readCertificate } from "../../../core/certificates/read.ts";
import { authorityFingerprint, checkChain, MAX_CHAIN_LENGTH, type Trust } from "../../../core/certificates/trust.ts";
import { hasOpenssl, type Made, opensslCertificate } from "./openssl.ts";

const NOW = Date.UTC(2026, 10, 21, 12);
const expected = "example.com";
const der = (pem: string): readonly Buffer[] => fromPem("CERTIFICATE", pem);
const keyOf = (pem: string): string => {
  const facts = readCertificate(pem);
  return facts.ok ? facts.value.keyFingerprint : "";
};
const verdict = (chain: readonly Uint8Array[], trust: Trust, now = NOW, name = expected): string => {
  const result = checkChain({ chain, trust, expected: name, now });
  return result.ok ? result.value.keyFingerprint : result.error.code;
};

async function office(now = NOW) {
  const authority = await makeAuthority({ name: "Example Office", now });
  const server = await makeServerCertificate({ authority, domain: expected, now });
  return { authority, server, chain: der(server.chain), key: keyOf(authority.certificate) };
}

describe("a chain that ends where it should", () => {
  test("is accepted by the authority's certificate, its key, and as a system root", async () => {
    const { authority, chain, key } = await office();
    expect(verdict(chain, { pem: authority.certificate })).toBe(key);
    expect(verdict(chain, { keyFingerprint: key })).toBe(key);
    expect(verdict(chain, { system: true, roots: [...rootCertificates, authority.certificate] })).toBe(key);
  });

  test("need not carry the authority when we hold it", async () => {
    const { authority, chain, key } = await office();
    expect(verdict(chain.slice(0, 1), { pem: authority.certificate })).toBe(key);
  });

  test("may end at the peer's own certificate or key", async () => {
    const { server, chain } = await office();
    const own = keyOf(server.certificate);
    expect(verdict(chain, { pem: server.certificate })).toBe(own);
    expect(verdict(chain, { keyFingerprint: own })).toBe(own);
  });

  test("stays accepted by key after the server's certificate was renewed", async () => {
    const { authority, key } = await office();
    const later = NOW + SERVER_LIFETIME;
    const renewed = await makeServerCertificate({ authority, domain: expected, now: later });
    expect(verdict(der(renewed.chain), { keyFingerprint: key }, later)).toBe(key);
  });

  test("may come in disorder and with strangers in it", async () => {
    const { chain, key } = await office();
    const [leaf, root] = chain;
    const stranger = await makeAuthority({ name: "Stranger", now: NOW });
    const mixed = [leaf, ...der(stranger.certificate), root].filter((one) => one !== undefined);
    expect(verdict(mixed, { keyFingerprint: key })).toBe(key);
  });
});

describe("a chain that is refused", () => {
  test("ends at another authority, though of the same name", async () => {
    const [ours, theirs] = [await office(), await office()];
    expect(verdict(theirs.chain, { pem: ours.authority.certificate })).toBe("certificate-not-trusted");
    expect(verdict(theirs.chain, { keyFingerprint: ours.key })).toBe("certificate-not-trusted");
    expect(verdict(theirs.chain, { system: true, roots: rootCertificates })).toBe("certificate-not-trusted");
  });

  test("carries the trusted authority, which signed nothing in it", async () => {
    const [ours, theirs] = [await office(), await office()];
    const forged = [...theirs.chain.slice(0, 1), ...ours.chain.slice(1)];
    expect(verdict(forged, { keyFingerprint: ours.key })).toBe("certificate-broken-chain");
  });

  test("was altered on the way", async () => {
    const { chain, key } = await office();
    const [leaf = Buffer.alloc(0), ...rest] = chain;
    const altered = Buffer.from(leaf);
    altered[altered.length - 1] = (altered.at(-1) ?? 0) ^ 1;
    expect(verdict([altered, ...rest], { keyFingerprint: key })).toBe("certificate-broken-chain");
  });

  test("is empty, unreadable or longer than any real one", async () => {
    const { chain, key } = await office();
    const trust = { keyFingerprint: key };
    expect(verdict([], trust)).toBe("certificate-broken-chain");
    expect(verdict([Buffer.from("rubbish"), ...chain], trust)).toBe("certificate-broken-chain");
    const long = [...chain, ...Array.from({ length: MAX_CHAIN_LENGTH - 1 }, () => chain[1] ?? Buffer.alloc(0))];
    expect(verdict(long, trust)).toBe("certificate-broken-chain");
    expect(verdict(long.slice(0, MAX_CHAIN_LENGTH), trust)).toBe(key);
  });

  test("is out of its time, the authority's included", async () => {
    const { chain, key, authority, server } = await office();
    expect(verdict(chain, { keyFingerprint: key }, NOW + SERVER_LIFETIME + 1000)).toBe("certificate-expired");
    expect(verdict(chain, { keyFingerprint: key }, NOW - AUTHORITY_LIFETIME)).toBe("certificate-not-yet-valid");
    expect(verdict(chain, { pem: authority.certificate }, NOW + SERVER_LIFETIME)).toBe(key);
    expect(verdict(chain, { pem: server.certificate }, NOW + SERVER_LIFETIME + 1000)).toBe("certificate-expired");
  });

  test("is for another name", async () => {
    const { chain, key } = await office();
    expect(verdict(chain, { keyFingerprint: key }, NOW, "sub.example.com")).toBe("certificate-wrong-name");
  });

  test("meets trusted text that holds no certificate", async () => {
    const { chain } = await office();
    expect(verdict(chain, { pem: "" })).toBe("certificate-not-trusted");
    expect(verdict(chain, { keyFingerprint: "" })).toBe("certificate-not-trusted");
  });

  test("says in one sentence what happened and what to do", async () => {
    const { chain, key } = await office();
    const result = checkChain({ chain, trust: { keyFingerprint: key }, expected: "other.example", now: NOW });
    expect(result).toMatchObject({
      error: {
        message:
          "The certificate is for example.com, not for other.example: check the address, or ask the other side's administrator for a certificate with that name.",
      },
    });
  });
});

describe("the authority shown to a person", () => {
  test("is the topmost certificate that signed, not the last in the list", async () => {
    const { chain, key } = await office();
    const stranger = await office();
    expect(authorityFingerprint([...chain, ...stranger.chain])).toEqual({ ok: true, value: key });
  });

  test("is the peer's own key when nothing stands above it", async () => {
    const { chain, server } = await office();
    expect(authorityFingerprint(chain.slice(0, 1))).toEqual({ ok: true, value: keyOf(server.certificate) });
    expect(authorityFingerprint([])).toMatchObject({ error: { code: "certificate-broken-chain" } });
  });
});

describe.skipIf(!hasOpenssl)("chains made by OpenSSL (skipped without openssl)", () => {
  // OpenSSL stamps the second in which it runs, which is after this line.
  const now = Date.now() + 60_000;
  const ca = ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign"];
  const san = "subjectAltName=URI:sip:example.com";
  const chainOf = (...made: readonly Made[]): readonly Buffer[] => made.flatMap(({ certificate }) => der(certificate));

  test("pass through an intermediate authority", () => {
    const root = opensslCertificate({ subject: "/CN=Root", extensions: ca });
    const middle = opensslCertificate({ subject: "/CN=Middle", extensions: ca, issuer: root });
    const leaf = opensslCertificate({ subject: "/CN=Leaf", extensions: [san], issuer: middle });
    const trust = { pem: root.certificate };
    expect(verdict(chainOf(leaf, middle), trust, now)).toBe(keyOf(root.certificate));
    expect(verdict(chainOf(leaf), trust, now)).toBe("certificate-not-trusted");
    expect(verdict(chainOf(leaf, middle), { keyFingerprint: keyOf(middle.certificate) }, now)).toBe(
      keyOf(middle.certificate),
    );
  });

  test("are refused where somebody without authority signed", () => {
    const root = opensslCertificate({ subject: "/CN=Root", extensions: ca });
    const person = opensslCertificate({
      subject: "/CN=Person",
      extensions: ["basicConstraints=CA:FALSE"],
      issuer: root,
    });
    const leaf = opensslCertificate({ subject: "/CN=Leaf", extensions: [san], issuer: person });
    expect(verdict(chainOf(leaf, person, root), { pem: root.certificate }, now)).toBe("certificate-broken-chain");
    expect(verdict(chainOf(leaf, person), { keyFingerprint: keyOf(person.certificate) }, now)).toBe(
      "certificate-broken-chain",
    );
  });

  test("are refused where more authorities stand than the one above allows", () => {
    const short = ["basicConstraints=critical,CA:TRUE,pathlen:0", "keyUsage=critical,keyCertSign"];
    const root = opensslCertificate({ subject: "/CN=Root", extensions: short });
    const middle = opensslCertificate({ subject: "/CN=Middle", extensions: ca, issuer: root });
    const leaf = opensslCertificate({ subject: "/CN=Leaf", extensions: [san], issuer: middle });
    expect(verdict(chainOf(leaf, middle), { pem: root.certificate }, now)).toBe("certificate-broken-chain");
  });

  test("are refused with forgeable signatures and with restrictions that we cannot check", () => {
    const root = opensslCertificate({ subject: "/CN=Root", extensions: ca });
    const weak = opensslCertificate({ subject: "/CN=Leaf", extensions: [san], issuer: root, digest: "sha1" });
    expect(verdict(chainOf(weak), { pem: root.certificate }, now)).toBe("certificate-not-trusted");
    const bound = opensslCertificate({
      subject: "/CN=Middle",
      extensions: [...ca, "nameConstraints=critical,permitted;DNS:a.example"],
      issuer: root,
    });
    const leaf = opensslCertificate({ subject: "/CN=Leaf", extensions: [san], issuer: bound });
    expect(verdict(chainOf(leaf, bound), { pem: root.certificate }, now)).toBe("certificate-not-trusted");
  });
});
