import { registerCustomProtocol, tokenize } from "linkifyjs";

export type TextPart =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "link"; readonly text: string; readonly href: string };

/** What may be opened from a message. Everything else stays text, however much it looks like a link. */
const openable: ReadonlySet<string> = new Set(["http:", "https:", "mailto:", "sip:"]);
/** Longer texts are shown without links: the tokens of a hostile one would cost more than they are worth. */
export const MAX_LINKED_LENGTH = 20_000;

let registered = false;

/** Cuts a message into plain text and links to http, https, mailto and sip. */
export function textParts(text: string): readonly TextPart[] {
  if (text.length > MAX_LINKED_LENGTH) return [{ kind: "text", text }];
  if (!registered) registerCustomProtocol("sip", true);
  registered = true;
  const parts: TextPart[] = [];
  for (const token of tokenize(text)) {
    const part = token.toString();
    const href = token.isLink ? safeHref(token.toHref("https")) : undefined;
    const before = parts.at(-1);
    if (href !== undefined) parts.push({ kind: "link", text: part, href });
    else if (before?.kind === "text") parts[parts.length - 1] = { kind: "text", text: before.text + part };
    else parts.push({ kind: "text", text: part });
  }
  return parts;
}

function safeHref(href: string): string | undefined {
  if (!URL.canParse(href)) return undefined;
  return openable.has(new URL(href).protocol) ? href : undefined;
}
