/** The machine's TLS (node:tls): which identity is shown to whom, and what is known of a handshake, good or failed. */
import { X509Certificate } from "node:crypto";
import type net from "node:net";
import tls from "node:tls";
import type { Endpoint, HandshakeFailure, StreamListenOptions, TlsIdentity, TlsPeer } from "./network.ts";
import { remoteOf } from "./system-address.ts";

/** Connections that wait for the end of a TLS handshake are dropped after this many milliseconds. */
const HANDSHAKE_TIMEOUT = 10_000;
/** Characters of a certificate's names that are passed on: enough to see what is wrong. */
const MAX_NAMES = 200;

interface Shown {
  readonly context: tls.SecureContext;
  readonly names: string;
}

/** A TLS listener and the identities that it shows. */
export class TlsListener {
  readonly server: tls.Server;
  #default: Shown;
  readonly #byName = new Map<string, Shown>();
  /** What clients asked for in handshakes that are under way. */
  readonly #asked = new WeakMap<tls.TLSSocket, string>();

  constructor(
    identity: TlsIdentity,
    options: StreamListenOptions,
    connected: (socket: tls.TLSSocket, peer: TlsPeer) => void,
  ) {
    this.#default = shown(identity);
    for (const [name, one] of options.identities ?? []) this.setIdentity(one, name);
    const asked = this.#asked;
    const choose = (name: string): tls.SecureContext | undefined => this.#byName.get(name.toLowerCase())?.context;
    this.server = tls.createServer({
      ...secureSettings(identity),
      // Node calls it on the socket whose handshake is under way.
      SNICallback(this: unknown, name, chosen) {
        if (this instanceof tls.TLSSocket) asked.set(this, name);
        chosen(null, choose(name));
      },
      requestCert: true,
      rejectUnauthorized: false,
      handshakeTimeout: HANDSHAKE_TIMEOUT,
    });
    // A socket whose handshake fails is gone, and its peer's address with it, before the failure is told.
    const peers = new WeakMap<net.Socket, Endpoint>();
    this.server.on("connection", (socket: net.Socket) => void peers.set(socket, remoteOf(socket)));
    this.server.on("secureConnection", (socket) => connected(socket, tlsPeer(socket)));
    this.server.on("tlsClientError", (error, socket) => {
      options.refused?.(peers.get(carrierOf(socket)) ?? remoteOf(socket), this.#failure(error, socket));
      socket.destroy();
    });
  }

  /** Shown to new clients that ask for the name, or to all whose name nobody has. */
  setIdentity(identity: TlsIdentity, name?: string): void {
    const made = shown(identity);
    if (name !== undefined) {
      this.#byName.set(name.toLowerCase(), made);
      return;
    }
    this.#default = made;
    this.server.setSecureContext(secureSettings(identity));
  }

  #failure(error: Error, socket: tls.TLSSocket): HandshakeFailure {
    const asked = this.#asked.get(socket);
    const { names } = (asked === undefined ? undefined : this.#byName.get(asked.toLowerCase())) ?? this.#default;
    return { reason: plainReason(error), ...(asked !== undefined && { asked }), shown: names };
  }
}

function shown(identity: TlsIdentity): Shown {
  const names = new X509Certificate(identity.certificate).subjectAltName ?? "";
  return { context: tls.createSecureContext(secureSettings(identity)), names: names.slice(0, MAX_NAMES) };
}

function secureSettings({ key, certificate }: TlsIdentity): tls.SecureContextOptions {
  return { key, cert: certificate, minVersion: "TLSv1.2" };
}

/** OpenSSL's own words, alerts included, without the file and line where it found them. */
export function plainReason(error: Error): string {
  return "reason" in error && typeof error.reason === "string" ? error.reason : error.message.trim();
}

/** What the other side showed in a finished handshake. */
export function tlsPeer(socket: tls.TLSSocket): TlsPeer {
  const chain: Buffer[] = [];
  const seen = new Set<string>();
  const own = socket.getPeerCertificate(true);
  let certificate: tls.DetailedPeerCertificate | undefined = own;
  while (certificate?.raw && !seen.has(certificate.fingerprint256)) {
    seen.add(certificate.fingerprint256);
    chain.push(certificate.raw);
    certificate = certificate.issuerCertificate;
  }
  const names = (own.subjectaltname ?? "").slice(0, MAX_NAMES);
  return { chain, names, protocol: socket.getProtocol() ?? "", cipher: socket.getCipher().name };
}

/** The TCP socket below a TLS socket, for which Node has no public name. */
function carrierOf(socket: tls.TLSSocket): net.Socket {
  return (socket as tls.TLSSocket & { readonly _parent?: net.Socket })._parent ?? socket;
}
