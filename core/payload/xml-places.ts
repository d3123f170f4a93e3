/** Where the elements of a document stand in its text, so that one can be changed and all others stay as they were written. */
import { SaxesParser } from "saxes";
import { failure, type Result, success } from "../platform/result.ts";
import { parseXml, type XmlError } from "./xml.ts";

/** An element and its places: indexes into the text. */
export interface PlacedElement {
  /** As written, with its prefix. */
  readonly qualifiedName: string;
  readonly name: string;
  readonly namespace: string;
  readonly attributes: readonly PlacedAttribute[];
  /** Prefixes in scope; the default namespace under the empty one. */
  readonly scope: ReadonlyMap<string, string>;
  readonly children: readonly PlacedElement[];
  /** From its `<` to behind its last `>`. */
  readonly start: number;
  readonly end: number;
  /** Behind the `>` of its start tag, and before the `<` of its end tag; the same place where it is written as empty. */
  readonly contentStart: number;
  readonly contentEnd: number;
  /** Whether it is written as `<name/>`. */
  readonly isEmptyTag: boolean;
}

export interface PlacedAttribute {
  readonly name: string;
  readonly namespace: string;
  readonly value: string;
  /** From the white space before it to behind its closing quote. */
  readonly start: number;
  readonly end: number;
  /** Between its quotes. */
  readonly valueStart: number;
  readonly valueEnd: number;
}

type Growing = { -readonly [Name in keyof PlacedElement]: PlacedElement[Name] } & { children: PlacedElement[] };

/** Reads a document with its places. Errors: those of {@link parseXml}, by the same limits. */
export function placeXml(source: string): Result<PlacedElement, XmlError> {
  const checked = parseXml(source);
  if (!checked.ok) return checked;
  const parser = new SaxesParser({ xmlns: true, position: true });
  const open: Growing[] = [];
  let root: PlacedElement | undefined;
  let start = 0;
  parser.on("opentagstart", () => {
    start = source.lastIndexOf("<", parser.position - 1);
  });
  parser.on("opentag", (tag) => {
    const contentStart = parser.position;
    const scope = new Map([...(open.at(-1)?.scope ?? []), ...Object.entries(tag.ns)]);
    open.push({
      qualifiedName: tag.name,
      name: tag.local,
      namespace: tag.uri,
      attributes: placeAttributes(source, start, contentStart, scope),
      scope,
      children: [],
      start,
      end: contentStart,
      contentStart,
      contentEnd: contentStart,
      isEmptyTag: tag.isSelfClosing,
    });
  });
  parser.on("closetag", () => {
    const closed = open.pop();
    if (!closed) return;
    closed.end = parser.position;
    if (!closed.isEmptyTag) closed.contentEnd = source.lastIndexOf("</", parser.position - 1);
    const parent = open.at(-1);
    if (parent) parent.children.push(closed);
    else root = closed;
  });
  parser.write(source).close();
  return root ? success(root) : failure({ code: "xml-malformed", message: "There is no element." });
}

const ATTRIBUTE = /\s+([^\s=/>]+)\s*=\s*("[^"]*"|'[^']*')/gy;

/** The attributes of a start tag that is known to be well-formed; namespace declarations are none. */
function placeAttributes(
  source: string,
  start: number,
  end: number,
  scope: ReadonlyMap<string, string>,
): readonly PlacedAttribute[] {
  const found: PlacedAttribute[] = [];
  ATTRIBUTE.lastIndex = start + (/^<[^\s/>]+/.exec(source.slice(start, end))?.[0].length ?? 0);
  for (let match = ATTRIBUTE.exec(source); match && match.index < end; match = ATTRIBUTE.exec(source)) {
    const [whole, qualifiedName = "", quoted = ""] = match;
    const colon = qualifiedName.indexOf(":");
    const prefix = colon < 0 ? "" : qualifiedName.slice(0, colon);
    const valueEnd = match.index + whole.length - 1;
    const valueStart = valueEnd - quoted.length + 2;
    if (qualifiedName === "xmlns" || prefix === "xmlns") continue;
    found.push({
      name: qualifiedName.slice(colon + 1),
      namespace: prefix === "" ? "" : (scope.get(prefix) ?? ""),
      value: plainText(source.slice(valueStart, valueEnd)),
      start: match.index,
      end: valueEnd + 1,
      valueStart,
      valueEnd,
    });
  }
  return found;
}

const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

/** Text with its references replaced: XML's own five, and characters by number. */
export function plainText(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|(lt|gt|amp|quot|apos));/g, (whole, decimal, hex, name) => {
    if (name !== undefined) return ENTITIES[String(name)] ?? whole;
    const code = decimal === undefined ? Number.parseInt(String(hex), 16) : Number(decimal);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
