import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Whether the `openssl` program is on this machine: it makes certificates that nobody here wrote code for. */
export const hasOpenssl: boolean = answers();

/** One certificate and its key on disk and as text. */
export interface Made {
  readonly certificate: string;
  readonly privateKey: string;
  readonly certificateFile: string;
  readonly keyFile: string;
}

export interface Wish {
  readonly subject: string;
  /** Lines of an OpenSSL extension section, for example `subjectAltName=DNS:example.com`. */
  readonly extensions: readonly string[];
  readonly issuer?: Made;
  readonly digest?: string;
  readonly days?: number;
}

/** A certificate made by OpenSSL: self-signed, or signed by `issuer`. */
export function opensslCertificate({ subject, extensions, issuer, digest = "sha256", days = 30 }: Wish): Made {
  const folder = mkdtempSync(join(tmpdir(), "hallway-certificates-"));
  const file = (name: string): string => join(folder, name);
  writeFileSync(
    file("config"),
    ["[req]", "distinguished_name=name", "[name]", "[extensions]", ...extensions, ""].join("\n"),
  );
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", file("key.pem")];
  const signer = issuer === undefined ? [] : ["-CA", issuer.certificateFile, "-CAkey", issuer.keyFile];
  openssl(
    "req",
    "-x509",
    "-config",
    file("config"),
    "-extensions",
    "extensions",
    "-subj",
    subject,
    "-days",
    `${days}`,
    `-${digest}`,
    ...key,
    ...signer,
    "-out",
    file("certificate.pem"),
  );
  return {
    certificate: readFileSync(file("certificate.pem"), "utf8"),
    privateKey: readFileSync(file("key.pem"), "utf8"),
    certificateFile: file("certificate.pem"),
    keyFile: file("key.pem"),
  };
}

/** The standard output of an `openssl` command. */
export function openssl(...arguments_: readonly string[]): Buffer {
  return execFileSync("openssl", arguments_, { stdio: ["ignore", "pipe", "pipe"] });
}

function answers(): boolean {
  try {
    return openssl("version").length > 0;
  } catch {
    return false;
  }
}
