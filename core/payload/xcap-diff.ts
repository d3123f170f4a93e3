/** Which XCAP documents changed (RFC 5874), by their entity tags. */
import { NAMESPACE } from "./namespaces.ts";
import { element, formatXml } from "./xml.ts";

export const XCAP_DIFF_TYPE = "application/xcap-diff+xml";

/** One document: without a tag before it is new to the watcher, without a tag after it is gone. */
export interface DocumentNews {
  /** Below the XCAP root: `pres-rules/users/sip:alice@acme.example/index`. */
  readonly path: string;
  readonly previous?: string;
  readonly etag?: string;
}

/** `root` is the XCAP root as a URI. */
export function formatXcapDiff(root: string, documents: readonly DocumentNews[]): string {
  const nodes = documents.map(({ path, previous, etag }) =>
    element(NAMESPACE.xcapDiff, "document", { sel: path, "new-etag": etag, "previous-etag": previous }),
  );
  return formatXml(element(NAMESPACE.xcapDiff, "xcap-diff", { "xcap-root": root }, ...nodes), {
    "": NAMESPACE.xcapDiff,
  });
}
