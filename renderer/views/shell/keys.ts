import type { MessageId } from "../../strings/words.ts";

export interface KeyLine {
  readonly what: MessageId;
  /** Names of `key.*`, or the key itself. */
  readonly keys: readonly string[];
}

export interface KeySection {
  readonly title: MessageId;
  readonly lines: readonly KeyLine[];
}

const line = (what: MessageId, ...keys: readonly string[]): KeyLine => ({ what, keys });

/** What the sheet lists; the keys themselves act in use-keyboard.ts, the tree, the log and the composer. */
export const keySections: readonly KeySection[] = [
  {
    title: "keys.anywhere",
    lines: [
      line("keys.area", "F6"),
      line("keys.areaBack", "Shift", "F6"),
      line("keys.goTo", "Ctrl", "K"),
      line("keys.addPerson", "Ctrl", "N"),
      line("keys.addPersonAlt", "Alt", "N"),
      line("keys.settings", "Ctrl", ","),
      line("keys.sheet", "Ctrl", "/"),
      line("keys.close", "Esc"),
    ],
  },
  {
    title: "keys.mine",
    lines: [
      line("keys.state", "Ctrl", "Shift", "S"),
      line("keys.stateFirst", "1"),
      line("keys.stateThird", "3"),
      line("keys.stateLast", "8"),
    ],
  },
  {
    title: "keys.people",
    lines: [
      line("keys.move", "↑", "↓"),
      line("keys.fold", "←", "→"),
      line("keys.edges", "Home", "End"),
      line("keys.write", "Enter"),
      line("keys.rename", "F2"),
      line("keys.otherGroup", "Ctrl", "Shift", "↓"),
      line("keys.remove", "Del"),
      line("keys.undo", "Ctrl", "Z"),
    ],
  },
  {
    title: "keys.conversation",
    lines: [
      line("keys.otherPerson", "Alt", "↓"),
      line("keys.nextUnread", "Alt", "Shift", "↓"),
      line("keys.newest", "Ctrl", "End"),
      line("keys.scroll", "PageUp", "PageDown"),
    ],
  },
  {
    title: "keys.writing",
    lines: [line("keys.send", "Enter"), line("keys.line", "Shift", "Enter"), line("keys.lastMessage", "↑")],
  },
  {
    title: "keys.message",
    lines: [line("keys.move", "↑", "↓"), line("keys.copy", "C"), line("keys.again", "R"), line("keys.link", "Enter")],
  },
];
