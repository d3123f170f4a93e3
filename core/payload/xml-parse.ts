import { type SaxesAttributeNS, SaxesParser } from "saxes";
import { failure, type Result, success } from "../platform/result.ts";
import type { XmlElement, XmlNode } from "./xml-tree.ts";

/** The longest document that is read, in bytes. */
export const MAX_XML_SIZE = 256 * 1024;

/** How deep elements may stand inside each other; the root is at depth 1. */
export const MAX_XML_DEPTH = 64;

/** How many elements a document may have. */
export const MAX_XML_ELEMENTS = 20_000;

/** How many attributes one element may have, namespace declarations included. */
export const MAX_XML_ATTRIBUTES = 64;

export interface XmlError {
  readonly code:
    | "xml-too-large"
    | "xml-too-deep"
    | "xml-too-many-elements"
    | "xml-too-many-attributes"
    | "xml-doctype"
    | "xml-malformed"
    /** Well-formed, but not the document that was asked for. */
    | "xml-unexpected";
  readonly message: string;
}

/** Stops the parser, which has no other way to be stopped. Never leaves this file. */
class Refusal extends Error {
  readonly code: XmlError["code"];

  constructor(code: XmlError["code"], message: string) {
    super(message);
    this.code = code;
  }
}

interface OpenElement {
  readonly name: string;
  readonly namespace: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: XmlNode[];
}

/**
 * Parses a document of XML 1.0 with namespaces.
 *
 * Bytes are UTF-8, UTF-16 with a byte order mark, or Latin-1 where the declaration says so; a string is taken as it is.
 * Comments and processing instructions are dropped. A DOCTYPE is refused, so only XML's own five entities exist.
 * Errors: one for each limit of this file, `xml-doctype`, and `xml-malformed`.
 */
export function parseXml(source: string | Uint8Array): Result<XmlElement, XmlError> {
  try {
    return success(new TreeBuilder().build(decode(source)));
  } catch (error) {
    if (error instanceof Refusal) return failure({ code: error.code, message: error.message });
    return failure({ code: "xml-malformed", message: error instanceof Error ? error.message : "unreadable" });
  }
}

/** A refusal for documents that are well-formed but something else than expected. */
export function unexpectedDocument(message: string): Result<never, XmlError> {
  return failure({ code: "xml-unexpected", message });
}

class TreeBuilder {
  readonly #open: OpenElement[] = [];
  #elements = 0;
  #attributes = 0;
  #root: XmlElement | undefined;

  build(source: string): XmlElement {
    const parser = new SaxesParser({ xmlns: true, position: false });
    parser.on("error", (error) => {
      throw new Refusal("xml-malformed", error.message);
    });
    parser.on("doctype", () => {
      throw new Refusal("xml-doctype", "A DOCTYPE is not accepted.");
    });
    parser.on("opentagstart", () => this.#enter());
    parser.on("attribute", () => this.#countAttribute());
    parser.on("opentag", ({ local, uri, attributes }) => {
      this.#open.push({ name: local, namespace: uri, attributes: attributesOf(attributes), children: [] });
    });
    parser.on("text", (text) => this.#text(text));
    parser.on("cdata", (text) => this.#text(text));
    parser.on("closetag", () => this.#leave());
    parser.write(source).close();
    if (this.#root === undefined) throw new Refusal("xml-malformed", "There is no element.");
    return this.#root;
  }

  #enter(): void {
    this.#attributes = 0;
    this.#elements += 1;
    if (this.#elements > MAX_XML_ELEMENTS) throw new Refusal("xml-too-many-elements", "Too many elements.");
    if (this.#open.length >= MAX_XML_DEPTH) throw new Refusal("xml-too-deep", "Elements stand too deep.");
  }

  #countAttribute(): void {
    this.#attributes += 1;
    if (this.#attributes > MAX_XML_ATTRIBUTES) throw new Refusal("xml-too-many-attributes", "Too many attributes.");
  }

  /** Comments and CDATA cut text into pieces; readers want one. */
  #text(text: string): void {
    const siblings = this.#open.at(-1)?.children;
    const last = siblings?.at(-1);
    if (typeof last === "string") siblings?.splice(-1, 1, last + text);
    else if (text !== "") siblings?.push(text);
  }

  #leave(): void {
    const closed = this.#open.pop();
    const parent = this.#open.at(-1);
    if (closed !== undefined && parent !== undefined) parent.children.push(closed);
    else this.#root = closed;
  }
}

function attributesOf(attributes: Readonly<Record<string, SaxesAttributeNS>>): ReadonlyMap<string, string> {
  const own = Object.values(attributes).filter(({ prefix, name }) => prefix !== "xmlns" && name !== "xmlns");
  return new Map(own.map(({ local, uri, value }) => [uri === "" ? local : `{${uri}}${local}`, value]));
}

const LATIN_1 = /^<\?xml[^>]{0,60}encoding=["'](?:iso-8859-1|latin-?1|windows-1252|us-ascii)["']/i;

function decode(source: string | Uint8Array): string {
  const size = typeof source === "string" ? Buffer.byteLength(source) : source.length;
  if (size > MAX_XML_SIZE) throw new Refusal("xml-too-large", "The document is too large.");
  return typeof source === "string" ? source : new TextDecoder(encodingOf(source), { fatal: true }).decode(source);
}

function encodingOf(bytes: Uint8Array): string {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return "utf-16le";
  if (first === 0xfe && second === 0xff) return "utf-16be";
  return LATIN_1.test(Buffer.from(bytes.subarray(0, 100)).toString("latin1")) ? "latin1" : "utf-8";
}
