/** Whether two tel URIs mean the same number (RFC 3966 §5). */

interface Tel {
  /** Without visual separators. */
  readonly number: string;
  /** Values without visual separators where they are numbers; an empty one for a flag. */
  readonly params: ReadonlyMap<string, string>;
}

const SEPARATORS = /[-.()]/g;
const GLOBAL = /^\+[-.()]*\d[\d\-.()]*$/;
const LOCAL = /^[\d\-.()a-f*#]+$/;

/** Takes what stands behind `tel:` in both. Undefined when one of them is malformed: then only bytes can be compared. */
export function telEquals(a: string, b: string): boolean | undefined {
  const [left, right] = [readTel(a), readTel(b)];
  if (!left || !right) return undefined;
  if (left.number !== right.number || left.params.size !== right.params.size) return false;
  for (const [name, value] of left.params) if (right.params.get(name) !== value) return false;
  return true;
}

/** RFC 3966 §5: all is compared without regard to case, parameters in any order. */
function readTel(text: string): Tel | undefined {
  const [number = "", ...rest] = text.toLowerCase().split(";");
  const isGlobal = GLOBAL.test(number);
  if (!isGlobal && !LOCAL.test(number)) return undefined;
  const params = new Map<string, string>();
  for (const param of rest) {
    const equals = param.indexOf("=");
    const name = equals < 0 ? param : param.slice(0, equals);
    const value = equals < 0 ? "" : param.slice(equals + 1);
    if (name === "" || params.has(name)) return undefined;
    params.set(name, isNumber(name, value) ? value.replace(SEPARATORS, "") : value);
  }
  // A local number means something only where its context is said.
  return isGlobal || params.has("phone-context") ? { number: number.replace(SEPARATORS, ""), params } : undefined;
}

function isNumber(name: string, value: string): boolean {
  return name === "ext" || (name === "phone-context" && value.startsWith("+"));
}
