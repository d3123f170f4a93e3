/** XML with namespaces: a tree, its parser with limits, its writer. The door of the three files that do it. */

export {
  MAX_XML_ATTRIBUTES,
  MAX_XML_DEPTH,
  MAX_XML_ELEMENTS,
  MAX_XML_SIZE,
  parseXml,
  unexpectedDocument,
  type XmlError,
} from "./xml-parse.ts";
export { formatXml, type Prefixes } from "./xml-format.ts";
export {
  child,
  children,
  childText,
  element,
  elements,
  is,
  text,
  textElement,
  type XmlAttributes,
  type XmlElement,
  type XmlNode,
} from "./xml-tree.ts";
