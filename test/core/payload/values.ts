import type { Result } from "../../../core/platform/result.ts";

/** The value of a result that a test expects to be a success. */
export function valueOf<T>(result: Result<T, { readonly code: string; readonly message: string }>): T {
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`);
  return result.value;
}
