import type { DetailedPeerCertificate, TLSSocket } from "node:tls";
import { MAX_CHAIN_LENGTH } from "./trust.ts";

/**
 * The certificates that the other side showed in a finished handshake, DER, its own first; empty when it showed none.
 * At most one more than {@link MAX_CHAIN_LENGTH}, so that a longer chain is still refused as too long.
 */
export function presentedChain(socket: Pick<TLSSocket, "getPeerCertificate">): readonly Buffer[] {
  const chain: Buffer[] = [];
  let current: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
  while (current?.raw !== undefined && chain.length <= MAX_CHAIN_LENGTH) {
    chain.push(current.raw);
    // A self-signed certificate names itself as its issuer.
    current = current.issuerCertificate === current ? undefined : current.issuerCertificate;
  }
  return chain;
}
