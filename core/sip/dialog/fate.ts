/** What a failure of a request inside a dialog means for the rest of it (RFC 5057 §5.1, table 2). Pure. */

/** They say that the peer is not where the dialog says, or that the way there is wrong. */
const DIALOG_IS_OVER: ReadonlySet<number> = new Set([404, 410, 416, 482, 483, 484, 485, 502, 604]);
/** They say that the peer has no such session or subscription. */
const USAGE_IS_OVER: ReadonlySet<number> = new Set([405, 480, 481, 489, 501]);

/** Whether everything in the dialog ends with this answer. */
export function endsDialog(status: number): boolean {
  return DIALOG_IS_OVER.has(status);
}

/** Whether the session or subscription ends in whose name a request was sent that belongs to it, as NOTIFY and BYE do. */
export function endsUsage(status: number): boolean {
  return USAGE_IS_OVER.has(status) || DIALOG_IS_OVER.has(status);
}
