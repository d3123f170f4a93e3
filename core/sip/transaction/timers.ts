/** Timer values of RFC 3261 table 4 as amended by RFC 6026, in milliseconds. */
export const T1 = 500;
export const T2 = 4_000;
export const T4 = 5_000;
/** 64·T1: how long a transaction waits for its end (timers B, F, H, J, L, M). */
export const TRANSACTION_TIMEOUT = 64 * T1;
/** Timer D: how long a client keeps answering repeated failures of an INVITE over UDP. */
export const TIMER_D = 32_000;
/** A 100 is sent for an INVITE when its user is silent for this long (§17.2.1). */
export const TRYING_AFTER = 200;
/** The same for other requests: when a client's timer E has grown to T2, at T1 + 2·T1 + 4·T1 (RFC 4320 §4.1). */
export const NON_INVITE_TRYING_AFTER = 7 * T1;
