/** Longest method name that is still waited for before a stream counts as SIP. */
const LONGEST_METHOD = 32;

/**
 * Whether a stream that begins with these bytes speaks HTTP: the target after the method starts with `/`,
 * where every SIP Request-URI starts with the letter of a scheme. Undefined while too little was read.
 */
export function looksLikeHttp(first: Buffer): boolean | undefined {
  const space = first.indexOf(0x20);
  if (space < 0) return first.length > LONGEST_METHOD || first.includes(0x0a) ? false : undefined;
  const target = first[space + 1];
  return target === undefined ? undefined : target === 0x2f;
}
