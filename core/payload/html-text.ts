/** The plain text in a piece of HTML: for reading what others sent, never for showing markup. */

const BLOCKS = new Set(
  "address article blockquote br dd div dl dt h1 h2 h3 h4 h5 h6 hr li ol p pre table tr ul".split(" "),
);

/** Elements whose content nobody is meant to read. */
const HIDDEN = new Set(["head", "script", "style", "template", "title"]);

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ["amp", "&"],
  ["lt", "<"],
  ["gt", ">"],
  ["quot", '"'],
  ["apos", "'"],
  ["nbsp", " "],
]);

/** A tag, a comment or a declaration begins; any other "<" is text, as in "a < b". */
const MARKUP = /^<(?:[!?]|\/?([a-z][a-z0-9]*))/i;

/** Tags are dropped, blocks become lines, entities characters. Linear in the length, whatever the markup. */
export function htmlToText(html: string): string {
  const parts: string[] = [];
  for (let at = 0; at < html.length;) {
    const open = html.indexOf("<", at);
    parts.push(collapse(html.slice(at, open < 0 ? html.length : open)));
    if (open < 0) break;
    const markup = MARKUP.exec(html.slice(open, open + 32));
    const name = markup?.[1]?.toLowerCase() ?? "";
    if (BLOCKS.has(name)) parts.push("\n");
    if (markup === null) {
      parts.push("<");
      at = open + 1;
    } else at = HIDDEN.has(name) && html[open + 1] !== "/" ? afterHidden(html, open, name) : endOfTag(html, open);
  }
  return tidy(parts.join(""));
}

/** The position of the end tag of a hidden element: what is inside it need not look like markup. */
function afterHidden(html: string, open: number, name: string): number {
  const endTag = new RegExp(`</${name}`, "gi");
  endTag.lastIndex = open;
  return endTag.exec(html)?.index ?? html.length;
}

/** The position after a tag or comment; an open one runs to the end. */
function endOfTag(html: string, open: number): number {
  const marker = html.startsWith("<!--", open) ? "-->" : ">";
  const close = html.indexOf(marker, open);
  return close < 0 ? html.length : close + marker.length;
}

function collapse(text: string): string {
  return decodeEntities(text.replace(/[ \t\r\n]+/g, " "));
}

function decodeEntities(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,6}));/gi, (whole, decimal, hexadecimal, name) => {
    if (name !== undefined) return ENTITIES.get(String(name).toLowerCase()) ?? whole;
    const code = decimal === undefined ? Number.parseInt(String(hexadecimal), 16) : Number(decimal);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code).toWellFormed() : "";
  });
}

/** No spaces at the ends of lines, and not more than one empty line in a row. */
function tidy(text: string): string {
  const lines = text.split("\n").map((line) => line.trim());
  return lines
    .join("\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}
