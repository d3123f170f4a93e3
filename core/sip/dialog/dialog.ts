/** Dialogs (RFC 3261 §12): what two user agents remember of each other. Pure. */
import { callId, contacts, cseq, from, fromTag, MAX_NUMBER, to, toTag } from "../message/fields.ts";
import type { SipRequest, SipResponse } from "../message/message.ts";
import { request as makeRequest } from "../message/message.ts";
import { indexOutside } from "../message/text.ts";
import { isSipUri, parseUri } from "../message/uri.ts";

/** Plain data, so that a dialog can be stored and taken up after a restart. */
export interface Dialog {
  readonly callId: string;
  readonly localTag: string;
  readonly remoteTag: string;
  /** From and To values without their tags, as written on the wire. */
  readonly local: string;
  readonly remote: string;
  /** Where requests go: the peer's Contact. */
  readonly remoteTarget: string;
  /** Route values in the order in which they are written into our requests. */
  readonly routeSet: readonly string[];
  readonly localSequence: number;
  readonly remoteSequence?: number;
  /** Begun by a request to a sips URI over TLS: everything in it stays on TLS (§12.1.1, §12.1.2). */
  readonly secure?: boolean;
}

/** Separates the tags of one dialog's identity from our own side (§12). */
export function dialogId(dialog: Pick<Dialog, "callId" | "localTag" | "remoteTag">): string {
  return `${dialog.callId}|${dialog.localTag}|${dialog.remoteTag}`;
}

/** The dialog that a request inside one belongs to, seen from the side that receives it. */
export function dialogIdOf(request: SipRequest): string {
  return dialogId({ callId: callId(request), localTag: toTag(request) ?? "", remoteTag: fromTag(request) ?? "" });
}

/** The server's side, from the request that it answers with `localTag` (§12.1.1). Undefined without a usable Contact. */
export function dialogOfServer(request: SipRequest, localTag: string, localSequence = 0): Dialog | undefined {
  const target = contactUri(request);
  const remote = from(request);
  if (target === undefined || !remote) return undefined;
  const sequence = cseq(request)?.number;
  return {
    callId: callId(request),
    localTag,
    remoteTag: fromTag(request) ?? "",
    local: withoutTag(request.headers.get("to") ?? ""),
    remote: withoutTag(request.headers.get("from") ?? ""),
    remoteTarget: target,
    routeSet: request.headers.values("record-route"),
    localSequence,
    ...(sequence !== undefined && { remoteSequence: sequence }),
    ...(isSips(request) && { secure: true }),
  };
}

function isSips(request: SipRequest): boolean {
  return /^sips:/i.test(request.uri);
}

/** The client's side, from its request and the response that made the dialog (§12.1.2); NOTIFY makes one too. */
export function dialogOfClient(request: SipRequest, response: SipResponse): Dialog | undefined {
  const target = contactUri(response);
  if (target === undefined || !to(response)) return undefined;
  return {
    callId: callId(request),
    localTag: fromTag(request) ?? "",
    remoteTag: toTag(response) ?? "",
    local: withoutTag(request.headers.get("from") ?? ""),
    remote: withoutTag(request.headers.get("to") ?? ""),
    remoteTarget: target,
    routeSet: [...response.headers.values("record-route")].reverse(),
    localSequence: cseq(request)?.number ?? 1,
    ...(isSips(request) && { secure: true }),
  };
}

/** The next request inside the dialog (§12.2.1.1), and the dialog with its sequence number advanced. */
export function requestInDialog(
  dialog: Dialog,
  method: string,
  headers: Iterable<readonly [string, string]>,
  body?: Buffer | string,
): readonly [Dialog, SipRequest] {
  const next = { ...dialog, localSequence: following(dialog.localSequence) };
  return [next, written(dialog, method, next.localSequence, headers, body)];
}

/** The ACK for a 2xx: it has the number of its INVITE (§13.2.2.4). Credentials go along where they were needed. */
export function ackInDialog(
  dialog: Dialog,
  sequence: number,
  headers: Iterable<readonly [string, string]>,
): SipRequest {
  return written(dialog, "ACK", sequence, headers);
}

function written(
  dialog: Dialog,
  method: string,
  sequence: number,
  headers: Iterable<readonly [string, string]>,
  body?: Buffer | string,
): SipRequest {
  const { uri, routes } = nextHop(dialog);
  return makeRequest(
    method,
    uri,
    [
      ["Max-Forwards", "70"],
      ...routes.map((value) => ["Route", value] as const),
      ["From", `${dialog.local};tag=${dialog.localTag}`],
      ["To", dialog.remoteTag === "" ? dialog.remote : `${dialog.remote};tag=${dialog.remoteTag}`],
      ["Call-ID", dialog.callId],
      ["CSeq", `${sequence} ${method}`],
      ...headers,
    ],
    body,
  );
}

/** Numbers below 2**31 are chosen first (§8.1.1.5); who comes to the end of 32 bits begins anew. */
function following(sequence: number): number {
  return sequence >= MAX_NUMBER ? 1 : sequence + 1;
}

/** Requests whose Contact moves the dialog's target (§12.2, RFC 3311 §5.1, RFC 6665 §4.4.1, RFC 3515). */
const REFRESHING: ReadonlySet<string> = new Set(["INVITE", "UPDATE", "SUBSCRIBE", "NOTIFY", "REFER"]);

/**
 * Takes a request of the peer into the dialog (§12.2.2): `undefined` when it is older than one already seen, which is
 * answered 500. Numbers may have gaps. A new Contact replaces the target where the method may move it.
 */
export function receiveInDialog(dialog: Dialog, request: SipRequest): Dialog | undefined {
  const sequence = cseq(request)?.number ?? 0;
  if (dialog.remoteSequence !== undefined && sequence <= dialog.remoteSequence) return undefined;
  const target = REFRESHING.has(request.method) ? contactUri(request) : undefined;
  return { ...dialog, remoteSequence: sequence, ...(target !== undefined && { remoteTarget: target }) };
}

/** Takes the peer's answer to a request of ours inside the dialog: its Contact is where it is reached now (§12.2.1.2). */
export function receiveAnswer(dialog: Dialog, response: SipResponse): Dialog {
  const target = response.status < 300 ? contactUri(response) : undefined;
  return target === undefined ? dialog : { ...dialog, remoteTarget: target };
}

/** A strict router at the head of the route set takes the Request-URI's place (§12.2.1.1). */
function nextHop(dialog: Dialog): { uri: string; routes: readonly string[] } {
  const [first, ...rest] = dialog.routeSet;
  const uri = first === undefined ? undefined : /<([^>]*)>/.exec(first)?.[1];
  const parsed = uri === undefined ? undefined : parseUri(uri);
  if (uri === undefined || !parsed?.ok || !isSipUri(parsed.value) || parsed.value.params.has("lr"))
    return { uri: dialog.remoteTarget, routes: dialog.routeSet };
  return { uri, routes: [...rest, `<${dialog.remoteTarget}>`] };
}

function contactUri(message: SipRequest | SipResponse): string | undefined {
  const list = contacts(message);
  return list === "*" ? undefined : list[0]?.uriText;
}

/** Cuts the tag off a From or To value and leaves everything else as it was written. */
export function withoutTag(value: string): string {
  const parts: string[] = [];
  for (let start = 0; start <= value.length;) {
    const end = indexOutside(value, ";", start);
    parts.push(value.slice(start, end));
    start = end + 1;
  }
  return parts.filter((part, place) => place === 0 || !/^\s*tag\s*(=|$)/i.test(part)).join(";");
}
