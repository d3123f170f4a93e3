/** Whether a server's certificate is accepted, before a password leaves (RFC 5922; trust on first use pins the authority). */
import { rootCertificates } from "node:tls";
import { authorityFingerprint, checkChain } from "../certificates/trust.ts";
import type { Trust } from "../certificates/trust.ts";
import type { Clock } from "../platform/clock.ts";
import type { SipError } from "../sip/message/error.ts";

/** `pem` text or a key fingerprint (`sha256:…`), as a person gave it; nothing means the machine's authorities. */
export function parseTrust(text: string | undefined): Trust {
  if (text === undefined || text.trim() === "") return { system: true, roots: rootCertificates };
  if (text.includes("-----BEGIN")) return { pem: text };
  return {
    keyFingerprint: text
      .trim()
      .toLowerCase()
      .replace(/^(?!sha256:)/, "sha256:")
      .replaceAll(/\s/g, ""),
  };
}

export interface ServerTrustSettings {
  readonly clock: Clock;
  readonly domain: string;
  readonly trust: string | undefined;
  /** Hears of an authority that is not trusted, so that a person can compare its fingerprint. */
  untrusted(fingerprint: string): void;
}

/** The judgement that `TransportSettings.verifyServer` asks for. */
export function serverTrust(
  settings: ServerTrustSettings,
): (chain: readonly Buffer[], host: string) => SipError | undefined {
  const trust = parseTrust(settings.trust);
  return (chain, host) => {
    const shared = { chain, trust, now: settings.clock.now() };
    let judged = checkChain({ ...shared, expected: settings.domain });
    // A server given by hand may show its own name instead of the domain's (design: a fixed next hop's host).
    if (!judged.ok && judged.error.code === "certificate-wrong-name")
      judged = checkChain({ ...shared, expected: host });
    if (judged.ok) return undefined;
    if (judged.error.code !== "certificate-not-trusted") return judged.error;
    const shown = authorityFingerprint(chain);
    if (shown.ok) settings.untrusted(shown.value);
    return "system" in trust
      ? {
          code: "certificate-not-trusted",
          message: `Nobody this computer knows vouches for ${settings.domain}. Compare the fingerprint with your administrator before you trust it.`,
        }
      : {
          code: "certificate-changed",
          message: `${settings.domain} shows a certificate of another authority than the one you trust. Nothing was sent. Ask your administrator before you accept it.`,
        };
  };
}
