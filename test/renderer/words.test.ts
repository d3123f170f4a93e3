import { createIntl } from "react-intl";
import { describe, expect, test } from "vitest";
import { de } from "../../renderer/strings/de.ts";
import { en } from "../../renderer/strings/en.ts";
import type { MessageId } from "../../renderer/strings/words.ts";
import { compactLine, headLine, presenceLine } from "../../renderer/strings/presence-words.ts";
import { failureWords } from "../../renderer/strings/failure-words.ts";
import { chooseLanguage, createWords } from "../../renderer/strings/words.ts";
import { presence, SAMPLE_NOW } from "./samples.ts";

const english = createWords("en", "UTC");
const german = createWords("de", "UTC");
const now = Date.parse(SAMPLE_NOW);
const here = { now, lost: false };
const ids = Object.keys(en) as MessageId[];

/** Complaints about a sentence in one language, formatted with the values that its English form takes. */
function complaints(messages: Readonly<Record<MessageId, string>>, locale: string, id: MessageId): string[] {
  const heard: string[] = [];
  const intl = createIntl({ locale, messages, onError: (error) => heard.push(`${id}: ${error.message}`) });
  const names = [...en[id].matchAll(/\{(\w+)[,}]/gu)].map(([, name]) => [name ?? "", 2]);
  intl.formatMessage({ id }, { ...Object.fromEntries(names), inside: "no" });
  return heard;
}

describe("sentences", () => {
  test("German has every sentence, and none besides", () => {
    expect(Object.keys(de).sort()).toEqual([...ids].sort());
  });

  test("every sentence can be said in both languages with the values that English takes", () => {
    expect(ids.flatMap((id) => complaints(en, "en", id))).toEqual([]);
    expect(ids.flatMap((id) => complaints(de, "de", id))).toEqual([]);
  });

  test("nothing shouts, begs or is sorry", () => {
    expect(ids.filter((id) => /!|\bplease\b|\boops\b|\bsorry\b/iu.test(en[id]))).toEqual([]);
    expect(ids.filter((id) => /!|hoppla|leider/iu.test(de[id]))).toEqual([]);
  });

  test("words of the rail fit below an icon", () => {
    for (const id of ["rail.people", "rail.requests", "rail.privacy", "rail.settings"] as const) {
      expect(de[id].length).toBeLessThanOrEqual(13);
    }
  });
});

describe("lines of presence", () => {
  const quarter = "2026-11-19T13:41:00.000Z";

  test.each([
    [
      presence("in-a-meeting", { until: "2026-11-19T14:30:00Z", note: "calendar" }),
      "In a meeting until 14:30 · calendar",
      "In einer Besprechung bis 14:30 · calendar",
    ],
    [presence("away", { since: quarter }), "Away 25 min", "Seit 25 Min. abwesend"],
    [presence("on-the-phone", { since: "2026-11-19T14:00:00Z" }), "On the phone, 6 min", "Am Telefon, 6 Min."],
    [
      presence("pending", { since: "2026-11-19T09:40:00Z" }),
      "Not approved yet · asked 09:40",
      "Noch nicht bestätigt · gefragt 09:40",
    ],
    [
      presence("unreachable", { since: "2026-11-19T13:51:00Z" }),
      "Cannot be reached since 13:51",
      "Seit 13:51 nicht erreichbar",
    ],
    [
      presence("connection-lost", { since: "2026-11-19T14:04:00Z" }),
      "Connection lost 2 min ago",
      "Verbindung verloren vor 2 Min.",
    ],
    [presence("available", { since: quarter }), "Available", "Verfügbar"],
    [presence("offline", { note: "back on Monday" }), "Offline · back on Monday", "Offline · back on Monday"],
  ])("%o", (value, inEnglish, inGerman) => {
    expect(presenceLine(english, value, here)).toBe(inEnglish);
    expect(presenceLine(german, value, here)).toBe(inGerman);
  });

  test("while the own link is lost, everything is said of then", () => {
    const lost = { now, lost: true, lostAt: "2026-11-19T14:06:00Z" };
    expect(presenceLine(english, presence("available"), lost)).toBe("At 14:06: available");
    expect(presenceLine(german, presence("away", { since: quarter }), lost)).toBe("Um 14:06: seit 25 Min. abwesend");
  });

  test("nothing heard yet is neither offline nor a guess", () => {
    expect(presenceLine(english, undefined, here)).toBe("Not known yet");
  });

  test("the head says how long somebody is available, and on what", () => {
    const value = presence("available", { since: "2026-11-19T13:54:00Z", devices: ["laptop", "phone"] });
    expect(headLine(english, value, here)).toBe("Available for 12 min · laptop, phone");
  });

  test("a compact row drops the word of the state", () => {
    expect(compactLine(english, presence("busy", { until: "2026-11-19T15:00:00Z" }), here)).toBe("until 15:00");
    expect(compactLine(english, presence("away", { since: quarter }), here)).toBe("25 min");
    expect(compactLine(english, presence("available"), here)).toBe("");
  });
});

describe("times", () => {
  test("an age begins with the first minute and becomes a day after a day", () => {
    expect(english.age("2026-11-19T14:06:00Z", now)).toBe("");
    expect(english.age("2026-11-19T11:00:00Z", now)).toBe("3 h");
    expect(english.age("2026-11-17T14:00:00Z", now)).toBe("Tue 14:00");
    expect(english.age("2026-10-01T14:00:00Z", now)).toBe("1 Oct");
  });

  test("days are named as people do", () => {
    expect(english.day("2026-11-19T00:00:00Z", now)).toBe("Today");
    expect(german.day("2026-11-18T23:59:00Z", now)).toBe("Gestern");
    expect(german.day("2026-11-10T12:00:00Z", now)).toBe("Dienstag, 10. November");
  });

  test("midnight is 00, not 24", () => {
    expect(english.time("2026-11-19T00:05:00Z")).toBe("00:05");
  });
});

test("the setting wins over the system, and an unknown system speaks English", () => {
  expect(chooseLanguage("de", ["en-US"])).toBe("de");
  expect(chooseLanguage("system", ["fr-FR", "de-AT", "en"])).toBe("de");
  expect(chooseLanguage("system", ["fr-FR"])).toBe("en");
});

test("a known failure speaks the person's language, an unknown one the core's own sentence", () => {
  const failure = { code: "wrong-password", message: "acme.example refuses the password." };
  expect(failureWords(german, failure, "acme.example").bold).toBe("acme.example lehnt das Passwort ab.");
  const strange = { code: "solar-flare", message: "The sun is too active." };
  expect(failureWords(german, strange, "acme.example")).toEqual({ bold: "The sun is too active.", rest: "" });
});
