/** The cases of the PROTOS c07-sip suite: malformed INVITEs with their teardowns, and the same aimed at other methods. */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { hasProgram } from "../support/programs.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const ARCHIVE = fileURLToPath(
  new URL("../../../shared/suites/protos/c07-sip-r2-testcases-dev.tar.xz", import.meta.url),
);

/** Why the suite cannot be played here; undefined when it can. */
export const missing: string | undefined = !existsSync(ARCHIVE)
  ? "the PROTOS suite is not beside the repository"
  : hasProgram("tar") && hasProgram("xz")
    ? undefined
    : "tar or xz is not installed";

/** Methods that header cases are aimed at besides INVITE. */
const OTHER_METHODS = ["MESSAGE", "SUBSCRIBE", "PUBLISH", "REGISTER"] as const;
/** What stands behind the head where the case is about the head. */
const USUAL_BODY =
  /^v=0\r\no=(\d+) \1 \1 IN IP4 <From-Address>\r\ns=Session SDP\r\nc=IN IP4 <From-IP>\r\nt=0 0\r\nm=audio 9876 RTP\/AVP 0\r\na=rtpmap:0 PCMU\/8000\r\n$/;

export interface Attack {
  /** The number of the case, and the method that it is aimed at. */
  readonly name: string;
  /** Messages to send one after the other. */
  messages(aim: Aim): readonly Buffer[];
}

export interface Aim {
  readonly transport: "udp" | "tcp";
  /** Where answers are to come. */
  readonly port: number;
  readonly from: string;
  readonly to: string;
}

/** Reads the suite; it is unpacked into a folder that goes with the test. */
export function attacks(): readonly Attack[] {
  const folder = temporaryFolder();
  execFileSync("tar", ["-xJf", ARCHIVE, "-C", folder]);
  const cases = join(folder, "c07-sip-r2");
  return readdirSync(cases)
    .sort()
    .flatMap((number) => variants(number, parts(readFileSync(join(cases, number)))));
}

/** `<decimal length><space><that many bytes>`, twice: the INVITE and its teardown. Bytes become characters one by one. */
function parts(file: Buffer): readonly string[] {
  const found: string[] = [];
  for (let at = 0; at < file.length;) {
    const space = file.indexOf(0x20, at);
    const length = Number.parseInt(file.toString("latin1", at, space), 10);
    if (!(length > 0)) break;
    found.push(file.toString("latin1", space + 1, space + 1 + length));
    at = space + 1 + length;
  }
  return found;
}

function variants(number: string, [invite = "", teardown = ""]: readonly string[]): readonly Attack[] {
  const original: Attack = {
    name: `${number} INVITE`,
    messages: (aim) => [
      filled(invite, number, aim),
      filled(teardown.replaceAll("<Teardown-Method>", "CANCEL"), number, aim),
      filled(teardown.replaceAll("<Teardown-Method>", "ACK"), number, aim),
    ],
  };
  const isAboutHead = USUAL_BODY.test(invite.slice(invite.indexOf("\r\n\r\n") + 4));
  if (!isAboutHead) return [original];
  const others = OTHER_METHODS.map((method): Attack => {
    const aimed = invite.replace(/^INVITE /, `${method} `).replace(/^(CSeq:.*)INVITE/m, `$1${method}`);
    return { name: `${number} ${method}`, messages: (aim) => [filled(aimed, `${number}${method}`, aim)] };
  });
  return [original, ...others];
}

function filled(template: string, number: string, { transport, port, from, to }: Aim): Buffer {
  const text = template
    .replaceAll("SIP/2.0/UDP <", `SIP/2.0/${transport.toUpperCase()} <`)
    .replaceAll(/<From-(?:Address|IP)>/g, "127.0.0.1")
    .replaceAll("<Local-Port>", String(port))
    .replaceAll("<From>", from)
    .replaceAll("<To>", to)
    .replaceAll("<Call-ID>", `${number}-${transport}`)
    .replaceAll("<CSeq>", "1")
    .replaceAll("<Branch-ID>", `${number}-${transport}`);
  const end = text.indexOf("\r\n\r\n");
  const length = end < 0 ? 0 : text.length - end - 4;
  return Buffer.from(text.replaceAll("<Content-Length>", String(length)), "latin1");
}
