/** Two ways to work in a window: with a pointer, and with a keyboard alone. */
import type { Locator, Page } from "playwright-core";

export interface Hands {
  readonly name: string;
  /** Does what the button, link or choice is for. */
  press(what: Locator): Promise<void>;
  /** Replaces what stands in the field. */
  write(field: Locator, text: string): Promise<void>;
}

/** Presses of the Tab key after which something counts as out of reach: more stops than any page has. */
const MOST_STOPS = 60;

export function pointer(): Hands {
  return {
    name: "pointer",
    press: (what) => what.click(),
    write: (field, text) => field.fill(text),
  };
}

/** Reaches everything by Tab, and inside lists that are one stop by the arrows. Knows nothing that is not in the page. */
export function keyboard(page: Page): Hands {
  const { keyboard: keys } = page;
  return {
    name: "keyboard",
    async press(what) {
      await reach(page, what);
      await keys.press((await what.getAttribute("type")) === "checkbox" ? "Space" : "Enter");
    },
    async write(field, text) {
      await reach(page, field);
      await keys.press("ControlOrMeta+a");
      await keys.press("Delete");
      await keys.type(text);
    },
  };
}

async function reach(page: Page, what: Locator): Promise<void> {
  await what.waitFor();
  for (let stop = 0; stop < MOST_STOPS; stop++) {
    const place = await what.evaluate(placeOfFocus);
    if (place === "there") return;
    await page.keyboard.press(place === "same list" ? "ArrowDown" : "Tab");
  }
  throw new Error(`The Tab key does not reach ${what.toString()}`);
}

/** What is used of an element of the page. */
interface Part {
  readonly ownerDocument: { readonly activeElement: Part | null };
  closest(selector: string): Part | null;
  contains(other: Part | null): boolean;
  getAttribute(name: string): string | null;
}

/** Runs in the page: where the focus is, as seen from the element that it should be on. */
function placeOfFocus(element: unknown): "there" | "same list" | "elsewhere" {
  const wanted = element as Part;
  const focused = wanted.ownerDocument.activeElement;
  if (focused === wanted) return "there";
  const list = wanted.closest("[role=tablist], [role=menu], [role=radiogroup], nav");
  const isOneStop = wanted.getAttribute("tabindex") === "-1";
  return isOneStop && list !== null && list.contains(focused) ? "same list" : "elsewhere";
}
