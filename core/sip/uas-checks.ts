/** What a user agent server looks at before it asks what a request wants (RFC 3261 §8.2.1 to §8.2.3, §11.2). Pure. */
import { contentType, optionTags } from "./message/fields.ts";
import type { SipRequest } from "./message/message.ts";
import { parseUri } from "./message/uri.ts";
import type { StatelessAnswer } from "./transaction/transaction.ts";

/** What a core can do. Lists of content types may have `*` behind the slash. */
export interface Abilities {
  readonly methods: readonly string[];
  /** Schemes of the Request-URI, in small letters. */
  readonly schemes: readonly string[];
  /** Option tags. */
  readonly extensions: readonly string[];
  /** Content types of bodies that are understood, and encodings besides `identity`. */
  readonly accept: readonly string[];
  readonly encodings?: readonly string[];
  /** Content types of bodies that are sent back; without them Accept is not looked at. */
  readonly produces?: readonly string[];
  readonly events?: readonly string[];
}

/** The methods of IANA's registry: of these a server knows what it refuses. */
const KNOWN: ReadonlySet<string> = new Set(
  "ACK BYE CANCEL INFO INVITE MESSAGE NOTIFY OPTIONS PRACK PUBLISH REFER REGISTER SUBSCRIBE UPDATE".split(" "),
);

/**
 * How the request is refused, in the order of §8.2; undefined when it may be looked at. Never for ACK, which has no
 * answer; a CANCEL is its transaction's business and passes (§9.2).
 */
export function uasRefusal(request: SipRequest, abilities: Abilities): StatelessAnswer | undefined {
  if (request.method === "ACK" || request.method === "CANCEL") return undefined;
  return (
    checkMethod(request, abilities) ??
    checkScheme(request, abilities) ??
    checkRequire(request, abilities) ??
    checkBody(request, abilities) ??
    checkAccept(request, abilities)
  );
}

/** Headers of the answer to OPTIONS (§11.2), and of others that tell what is possible here. */
export function abilityHeaders(abilities: Abilities): readonly (readonly [string, string])[] {
  const { extensions, encodings, events } = abilities;
  return [
    allow(abilities),
    ["Accept", abilities.accept.join(", ")],
    ...(encodings ? [["Accept-Encoding", ["identity", ...encodings].join(", ")] as const] : []),
    ["Supported", extensions.join(", ")],
    ...(events ? [["Allow-Events", events.join(", ")] as const] : []),
  ];
}

function checkMethod({ method }: SipRequest, abilities: Abilities): StatelessAnswer | undefined {
  if (abilities.methods.includes(method)) return undefined;
  return { status: KNOWN.has(method) ? 405 : 501, headers: [allow(abilities)] };
}

function allow({ methods }: Abilities): readonly [string, string] {
  return ["Allow", methods.join(", ")];
}

function checkScheme({ uri }: SipRequest, { schemes }: Abilities): StatelessAnswer | undefined {
  const parsed = parseUri(uri);
  if (!parsed.ok) return { status: 400, reason: "The Request-URI cannot be read" };
  return schemes.includes(parsed.value.scheme) ? undefined : { status: 416 };
}

function checkRequire(request: SipRequest, { extensions }: Abilities): StatelessAnswer | undefined {
  const unknown = optionTags(request, "require").filter((tag) => !extensions.includes(tag.toLowerCase()));
  return unknown.length > 0 ? { status: 420, headers: [["Unsupported", unknown.join(", ")]] } : undefined;
}

/** §8.2.3; a body that may be left alone is nobody's trouble. */
function checkBody(request: SipRequest, { accept, encodings = [] }: Abilities): StatelessAnswer | undefined {
  const isOptional = /;\s*handling\s*=\s*optional/i.test(request.headers.get("content-disposition") ?? "");
  if (request.body.length === 0 || isOptional) return undefined;
  const type = contentType(request)?.type;
  if (type === undefined || !accept.some((range) => matches(range, type)))
    return { status: 415, headers: [["Accept", accept.join(", ")]] };
  const unknown = request.headers
    .values("content-encoding")
    .filter((one) => one.toLowerCase() !== "identity" && !encodings.includes(one.toLowerCase()));
  if (unknown.length === 0) return undefined;
  return { status: 415, headers: [["Accept-Encoding", ["identity", ...encodings].join(", ")]] };
}

function checkAccept(request: SipRequest, { produces }: Abilities): StatelessAnswer | undefined {
  if (!produces || !request.headers.has("accept")) return undefined;
  const ranges = request.headers.values("accept").map((value) => (value.split(";", 1)[0] ?? "").trim().toLowerCase());
  return produces.some((type) => ranges.some((range) => matches(range, type))) ? undefined : { status: 406 };
}

function matches(range: string, type: string): boolean {
  return range === "*/*" || range === type || (range.endsWith("/*") && type.startsWith(range.slice(0, -1)));
}
