import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { findBridge } from "./bridge.ts";
import { createActions } from "./state/actions.ts";
import { PartsContext } from "./state/context.tsx";
import { follow } from "./state/follow.ts";
import { createSession } from "./state/session.ts";
import { createWindowStore } from "./state/window.ts";
import { chooseLanguage, createWords } from "./strings/words.ts";
import { App } from "./views/shell/app.tsx";
import { NoHost } from "./views/shell/no-host.tsx";

const CLOCK_STEP_MS = 30_000;
const HIDDEN_FRAME_MS = 250;

/** A hidden window draws no frames, but it must go on following: whichever comes first. */
function nextFrame(callback: () => void): void {
  const run = (): void => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
    callback();
  };
  const frame = requestAnimationFrame(run);
  const timer = setTimeout(run, HIDDEN_FRAME_MS);
}

function later(callback: () => void, ms: number): () => void {
  const timer = setTimeout(callback, ms);
  return () => clearTimeout(timer);
}

function start(root: HTMLElement): void {
  const bridge = findBridge();
  if (bridge === undefined) {
    createRoot(root).render(<NoHost language={chooseLanguage("system", navigator.languages)} />);
    return;
  }
  const session = createSession(bridge, nextFrame);
  const windowStore = createWindowStore(Date.now());
  const words = () => createWords(chooseLanguage(session.store.getState().settings.language, navigator.languages));
  const actions = createActions({ bridge, model: session.store, window: windowStore, words, later });
  const attended = (): boolean => document.visibilityState === "visible" && document.hasFocus();
  session.onApplied((events, before) =>
    follow({ model: session.store, window: windowStore, actions, words, attended }, events, before),
  );
  window.addEventListener("focus", () => {
    const { open, page } = windowStore.getState();
    if (open === undefined || page !== "people") return;
    if ((session.store.getState().conversations.get(open)?.unread ?? 0) > 0) actions.markRead(open);
  });
  setInterval(() => windowStore.setState({ now: Date.now() }), CLOCK_STEP_MS);
  void session.open();
  createRoot(root).render(
    <StrictMode>
      <PartsContext value={{ model: session.store, window: windowStore, actions, reopen: () => void session.open() }}>
        <App />
      </PartsContext>
    </StrictMode>,
  );
}

const root = document.getElementById("root");
if (root !== null) start(root);
