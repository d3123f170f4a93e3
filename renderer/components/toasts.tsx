import type { ReactElement } from "react";
import { useActions, useWindow, useWords } from "../state/context.tsx";
import { Icon } from "./icons.tsx";

/** Notices of what was done a moment ago, with "Undo" where that is possible. They are spoken by the polite region. */
export function Toasts(): ReactElement | null {
  const toasts = useWindow((state) => state.toasts);
  const { closeToast } = useActions();
  const words = useWords();
  if (toasts.length === 0) return null;
  return (
    <section className="toasts" aria-label={words.say("notice.label")}>
      {toasts.map((toast) => (
        <div key={toast.id} className="toast">
          <span className="grow" dir="auto">
            {toast.text}
          </span>
          {toast.undo === undefined ? null : (
            <button type="button" className="button small" onClick={toast.undo}>
              {words.say("toast.undo")}
            </button>
          )}
          <button
            type="button"
            className="icon-button"
            aria-label={words.say("toast.close")}
            onClick={() => closeToast(toast.id)}
          >
            <Icon name="close" size={16} />
          </button>
        </div>
      ))}
    </section>
  );
}
