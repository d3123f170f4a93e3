import { type Result, success } from "../platform/result.ts";
import { formatDateTime, parseDateTime } from "./date-time.ts";
import { NAMESPACE } from "./namespaces.ts";
import { childText, element, formatXml, is, parseXml, textElement, unexpectedDocument, type XmlError } from "./xml.ts";

/** The content type of typing notices. */
export const IS_COMPOSING_TYPE = "application/im-iscomposing+xml";

/** Seconds after which a notice without `refresh` is over (RFC 3994 §3.3). */
export const DEFAULT_REFRESH = 120;

/** A typing notice (RFC 3994). */
export interface IsComposing {
  readonly state: "active" | "idle";
  /** What is being composed, for example `text/plain`. */
  readonly contentType?: string;
  /** Seconds until the sender says so again, if still composing. */
  readonly refresh?: number;
  /** Milliseconds since 1970. */
  readonly lastActive?: number;
}

/**
 * Reads a typing notice. Every state other than `active` is `idle` (RFC 3994 §3.2).
 * Errors: those of {@link parseXml}, and `xml-unexpected` for another document.
 */
export function parseIsComposing(source: string | Uint8Array): Result<IsComposing, XmlError> {
  const parsed = parseXml(source);
  if (!parsed.ok) return parsed;
  const root = parsed.value;
  if (!is(root, NAMESPACE.isComposing, "isComposing")) return unexpectedDocument("This is no typing notice.");
  const contentType = childText(root, NAMESPACE.isComposing, "contenttype");
  const refresh = Number(childText(root, NAMESPACE.isComposing, "refresh"));
  const lastActive = parseDateTime(childText(root, NAMESPACE.isComposing, "lastactive"));
  return success({
    state: childText(root, NAMESPACE.isComposing, "state") === "active" ? "active" : "idle",
    ...(contentType !== undefined && { contentType }),
    ...(Number.isSafeInteger(refresh) && refresh > 0 && { refresh }),
    ...(lastActive !== undefined && { lastActive }),
  });
}

/** Writes a typing notice. */
export function formatIsComposing({ state, lastActive, contentType, refresh }: IsComposing): string {
  const part = (name: string, value: string | undefined) => textElement(NAMESPACE.isComposing, name, value);
  const root = element(
    NAMESPACE.isComposing,
    "isComposing",
    {},
    part("state", state),
    part("lastactive", formatDateTime(lastActive)),
    part("contenttype", contentType),
    part("refresh", refresh?.toFixed(0)),
  );
  return formatXml(root, { "": NAMESPACE.isComposing });
}
