import { expect, test } from "vitest";
import { html } from "../../../../core/web/console/html.ts";
import { languageOf, wordsOf } from "../../../../core/web/console/words.ts";

test.each([
  [undefined, "en"],
  ["de", "de"],
  ["de-AT,de;q=0.9,en;q=0.8", "de"],
  ["en-GB,en;q=0.9,de;q=0.8", "en"],
  ["fr, de;q=0.5, en;q=0.4", "de"],
  ["en;q=0.1, de;q=0.2", "de"],
  ["de;q=0, en", "en"],
  ["fr", "en"],
  [";;q=,", "en"],
] as const)("whoever asks for %s reads %s", (accepted, language) => {
  expect(languageOf(accepted)).toBe(language);
});

test("what stands in braces is filled in, and never a word of JavaScript's own", () => {
  expect(wordsOf("en")("onlineCount", { n: 1, all: 2 })).toBe("1 of 2 people");
  expect(wordsOf("de")("added", { address: "{toString}" })).toBe("{toString} wurde hinzugefügt.");
});

test("what is put into a page is text, unless it is a part of a page", () => {
  const hostile = `<script>alert("x")</script>'&`;
  expect(
    html`<p title="${hostile}">${html`<b>${hostile}</b>`}${[html`<i>1</i>`, 2]}${undefined}${false}</p>`.text,
  ).toBe(
    '<p title="&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&#39;&amp;"><b>&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&#39;&amp;</b><i>1</i>2</p>',
  );
});
