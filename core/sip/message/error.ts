/** What is wrong with a message or a part of it. */
export interface SipError {
  /** Stable, for programs: `SIP_…`. */
  readonly code: string;
  /** One plain ASCII phrase of our own, never text of the peer: it may stand as the reason phrase of an answer. */
  readonly message: string;
  /** The status with which a request that has this fault may be answered. */
  readonly status?: number;
}

export function sipError(code: string, message: string, status?: number): SipError {
  return status === undefined ? { code, message } : { code, message, status };
}
