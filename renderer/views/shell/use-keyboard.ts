import { useEffect } from "react";
import type { Actions } from "../../state/actions.ts";
import { useActions, useModelNow, useWindow } from "../../state/context.tsx";
import type { Model, PersonKey } from "../../state/model.ts";

/** The keys that work anywhere in the window. Those of the tree, the log and the composer live there. */
export function useKeyboard(): void {
  const actions = useActions();
  const model = useModelNow();
  const open = useWindow((state) => state.open);
  const order = useWindow((state) => state.order);
  const stateMenu = useWindow((state) => state.stateMenu);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.isComposing) return;
      if (actOn(event, { actions, model: model(), open, order, stateMenu })) event.preventDefault();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [actions, model, open, order, stateMenu]);
}

interface Context {
  readonly actions: Actions;
  readonly model: Model;
  readonly open: PersonKey | undefined;
  readonly order: readonly PersonKey[];
  readonly stateMenu: boolean;
}

/** Returns whether the key was one of ours. */
function actOn(event: KeyboardEvent, context: Context): boolean {
  const inDialog = document.querySelector("dialog[open]") !== null;
  if (event.key === "F6") return !inDialog && moveArea(event.shiftKey ? -1 : 1);
  const isOpen = context.model.phase === "open";
  const command = event.ctrlKey || event.metaKey;
  if (command && event.key === "/" && isOpen) return done(context.actions.openDialog({ kind: "keys" }));
  if (inDialog || !isOpen || context.model.accounts.length === 0) return false;
  if (command && !event.altKey) return actOnCommand(event, context);
  if (event.altKey && event.code === "KeyN")
    return done(context.actions.openDialog({ kind: "add-person", address: "" }));
  if (event.altKey && (event.key === "ArrowDown" || event.key === "ArrowUp")) return moveToPerson(event, context);
  if (event.key === "Escape") return focusOn("[data-composer]");
  return false;
}

function actOnCommand(event: KeyboardEvent, { actions, stateMenu }: Context): boolean {
  const key = event.key.toLowerCase();
  if (event.shiftKey) return key === "s" ? done((actions.show("people"), actions.setStateMenu(!stateMenu))) : false;
  if (key === "k") return done((actions.show("people"), actions.backToList(), focusSoon("[data-find]")));
  if (key === "n") return done(actions.openDialog({ kind: "add-person", address: "" }));
  if (key === ",") return done(actions.show("settings"));
  if (key === "z" && !isEditing(event.target)) return actions.undoLast();
  return false;
}

function moveToPerson(event: KeyboardEvent, { actions, model, open, order }: Context): boolean {
  const step = event.key === "ArrowDown" ? 1 : -1;
  const people = event.shiftKey ? order.filter((key) => (model.conversations.get(key)?.unread ?? 0) > 0) : order;
  const at = open === undefined ? -1 : people.indexOf(open);
  const next = at < 0 && step < 0 ? people.at(-1) : people[(at + step + people.length) % people.length];
  if (next !== undefined) actions.openConversation(next);
  return true;
}

/** Areas in the order of the page; those that are not drawn are passed over. */
const areas = ["notice", "rail", "contacts", "conversation", "composer"];

function moveArea(step: 1 | -1): boolean {
  const present = areas
    .map((area) => document.querySelector<HTMLElement>(`[data-area="${area}"]`))
    .filter((area) => area !== null);
  const at = present.findLastIndex((area) => area.contains(document.activeElement));
  const next = present[(at + step + present.length) % present.length];
  const stop =
    next?.querySelector<HTMLElement>("[data-first-stop]") ??
    next?.querySelector<HTMLElement>('[tabindex="0"], textarea, input, button:not([tabindex="-1"]), a[href]');
  stop?.focus();
  return stop !== undefined && stop !== null;
}

function focusOn(selector: string): boolean {
  const element = document.querySelector<HTMLElement>(selector);
  element?.focus();
  return element !== null;
}

/** At once, so that no letter is lost; or when the page that has the field is drawn. */
function focusSoon(selector: string): void {
  if (focusOn(selector)) return;
  requestAnimationFrame(() => requestAnimationFrame(() => focusOn(selector)));
}

function isEditing(target: EventTarget | null): boolean {
  return target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;
}

function done(_effect: unknown): true {
  return true;
}
