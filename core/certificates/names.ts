import { canonicalIp } from "./ip-address.ts";
import { KEY_PURPOSE } from "./object-identifiers.ts";
import type { CertificateFacts, CertificateIdentities } from "./read.ts";

/**
 * The purposes with which a certificate may speak for a SIP domain.
 *
 * RFC 5924 §5 leaves `anyExtendedKeyUsage` to local policy and refuses every set without it or `sipDomain`. We tolerate
 * `serverAuth` too: public authorities issue nothing else, so the strict reading would shut out every partner who
 * bought a certificate. What that costs is the separation of a domain's web server from its SIP server; who owns the
 * name is proved all the same. Certificates for people or programs (`clientAuth`, mail, code) alone stay refused.
 */
const SPEAKING_PURPOSES: ReadonlySet<string> = new Set([
  KEY_PURPOSE.sipDomain,
  KEY_PURPOSE.anyExtendedKeyUsage,
  KEY_PURPOSE.serverAuth,
]);

const SIP_DOMAIN_URI = /^sip:([^@:;?[\]]+)(?::\d*)?(?:[;?][^@]*)?$/i;
const DNS_NAME = /^(?=.{1,253}$)(?:(?!-)[a-z0-9_-]{1,63}(?<!-)(?:\.(?!$)|$))+$/i;

/**
 * Whether a certificate speaks for a SIP domain, or for a host when that is what was dialled (RFC 5922 §7.1 and §7.2).
 *
 * Names are compared whole and without case; a wildcard stands for itself alone. An IP address needs an IP entry.
 * `domain` may be international text or an address with or without brackets. Time and trust are not looked at.
 */
export function certificateSpeaksFor(certificate: CertificateFacts, domain: string): boolean {
  if (!maySpeak(certificate.keyPurposes)) return false;
  const address = canonicalIp(domain);
  if (address !== undefined) return certificate.identities.ips.includes(address);
  const expected = asciiName(domain);
  return expected !== undefined && sipIdentities(certificate.identities).includes(expected);
}

/** The SIP domain identities of a certificate, in lower case (RFC 5922 §7.1); what a server grants them is its policy. */
export function sipIdentities({ uris, dns, commonName }: CertificateIdentities): readonly string[] {
  const domains = uris.map(sipDomainOf).filter((domain) => domain !== undefined);
  if (domains.length > 0) return domains;
  if (dns.length > 0) return dns.map(comparable);
  return commonName !== undefined && DNS_NAME.test(commonName) ? [comparable(commonName)] : [];
}

function maySpeak(purposes: readonly string[] | undefined): boolean {
  return purposes === undefined || purposes.some((purpose) => SPEAKING_PURPOSES.has(purpose));
}

/** The host part of a `sip:` URI without a user part; port and parameters do not count. */
function sipDomainOf(uri: string): string | undefined {
  const host = SIP_DOMAIN_URI.exec(uri)?.[1];
  return host === undefined ? undefined : comparable(host);
}

/** Certificates carry international names in their ASCII form (RFC 5280 §7.2). */
function asciiName(domain: string): string | undefined {
  const ascii = /^[\x20-\x7e]+$/.test(domain) ? domain : URL.parse(`http://${domain}/`)?.hostname;
  return ascii === undefined || ascii === "" ? undefined : comparable(ascii);
}

function comparable(name: string): string {
  return (name.endsWith(".") ? name.slice(0, -1) : name).toLowerCase();
}
