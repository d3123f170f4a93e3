/** What a watcher does after its subscription ended or was refused (RFC 6665 §4.1.2 and §4.1.3). Pure. */

/** Milliseconds before asking again where nothing else is said. */
export const RETRY_AFTER_GIVEUP = 60_000;
/** First and longest wait after failures that may pass by themselves. */
export const FIRST_RETRY = 2_000;
export const LONGEST_RETRY = 300_000;

export interface Retry {
  /** Milliseconds until the next try; absent when trying again makes no sense until somebody changes something. */
  readonly delay?: number;
  /** Why nothing is known of the resource meanwhile. */
  readonly meaning: "again" | "rejected" | "no-such-resource" | "not-supported" | "unreachable";
}

/** After NOTIFY with `Subscription-State: terminated`. `retryAfter` is in seconds, as the header says. */
export function afterTermination(reason: string | undefined, retryAfter: number | undefined): Retry {
  const asked = retryAfter === undefined ? undefined : retryAfter * 1_000;
  switch (reason?.toLowerCase()) {
    case "deactivated":
    case "timeout":
      return { delay: 0, meaning: "again" };
    case "probation":
    case "giveup":
      return { delay: asked ?? RETRY_AFTER_GIVEUP, meaning: "unreachable" };
    case "rejected":
      return { meaning: "rejected" };
    case "noresource":
      return { meaning: "no-such-resource" };
    case "invariant":
      return { meaning: "again" };
    default:
      return { delay: asked ?? FIRST_RETRY, meaning: "again" };
  }
}

/** After a failure of the SUBSCRIBE itself; `status` is absent when nobody answered. `failures` counts those in a row. */
export function afterFailure(status: number | undefined, retryAfter: number | undefined, failures: number): Retry {
  const backOff = Math.min(FIRST_RETRY * 2 ** Math.min(failures, 10), LONGEST_RETRY);
  const delay = retryAfter === undefined ? backOff : retryAfter * 1_000;
  switch (status) {
    case 404:
    case 410:
    case 604:
      return { meaning: "no-such-resource" };
    case 403:
    case 603:
      return { meaning: "rejected" };
    case 405:
    case 406:
    case 489:
    case 501:
      return { meaning: "not-supported" };
    case 481:
      return { delay: 0, meaning: "again" };
    case undefined:
    default:
      return { delay, meaning: "unreachable" };
  }
}
