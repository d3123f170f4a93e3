/**
 * Cuts a fingerprint where eyes and voices can rest: four signs at a time, pairs with colons by four pairs. The name of the
 * algorithm before it says nothing that could be compared and is left out.
 */
export function fingerprintBlocks(fingerprint: string): readonly string[] {
  const value = fingerprint.replace(/^sha-?256[:/]/iu, "");
  const pairs = value.split(":");
  if (pairs.length === 1) return value.match(/.{1,4}/gu) ?? [];
  return Array.from({ length: Math.ceil(pairs.length / 4) }, (_, at) => pairs.slice(at * 4, at * 4 + 4).join(":"));
}
