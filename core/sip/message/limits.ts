/**
 * How much of a message is taken in. Each limit has its own error code, named beside it.
 * RFC 4475 §3.1.1.7 wants heads of several kilobytes accepted; a list notification (RFC 4662) has the largest bodies.
 */
export const limits = {
  /** Bytes of a whole message: `SIP_MESSAGE_TOO_LARGE`, 513. Streams reach it through the two parts below. */
  messageBytes: 320 * 1024,
  /** Bytes from the start line to the empty line: `SIP_HEAD_TOO_LARGE`, 513. */
  headBytes: 64 * 1024,
  /** Bytes of a body: `SIP_BODY_TOO_LARGE`, 413. */
  bodyBytes: 256 * 1024,
  /** Bytes of the request or status line: `SIP_START_LINE_TOO_LONG`, 414. */
  startLineBytes: 8 * 1024,
  /** Bytes of one header line with its folded rest: `SIP_HEADER_TOO_LONG`, 513. */
  headerLineBytes: 16 * 1024,
  /** Header lines in a message: `SIP_TOO_MANY_HEADERS`, 513. */
  headerCount: 512,
  /** Parameters of one address, Via or the like, or of one URI: with more it counts as malformed. */
  paramCount: 128,
  /** Via values in a message, more than Max-Forwards lets a request collect: `SIP_TOO_MANY_VIAS`, 483. */
  viaCount: 128,
} as const;
