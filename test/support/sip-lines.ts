/** Requests as a peer without a stack writes them. */

export interface Written {
  readonly method?: string;
  readonly uri?: string;
  /** Everything of the Via behind `SIP/2.0/`. */
  readonly via?: string;
  readonly from?: string;
  readonly to?: string;
  readonly callId?: string;
  readonly sequence?: number;
  readonly headers?: readonly string[];
  readonly body?: string;
}

/** A whole request as text; MESSAGE from alice to bob where nothing else is said. */
export function written(parts: Written = {}): string {
  const { method = "MESSAGE", body = "" } = parts;
  return [
    `${method} ${parts.uri ?? "sip:bob@office.example"} SIP/2.0`,
    `Via: SIP/2.0/${parts.via ?? "UDP 127.0.0.1:5090;branch=z9hG4bKone;rport"}`,
    "Max-Forwards: 70",
    `From: ${parts.from ?? "<sip:alice@office.example>;tag=a"}`,
    `To: ${parts.to ?? "<sip:bob@office.example>"}`,
    `Call-ID: ${parts.callId ?? "call-one"}`,
    `CSeq: ${parts.sequence ?? 1} ${method}`,
    ...(parts.headers ?? []),
    `Content-Length: ${Buffer.byteLength(body)}`,
    "",
    body,
  ].join("\r\n");
}
