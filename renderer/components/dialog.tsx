import { useEffect, useId, useRef, useState } from "react";
import type { ReactElement, ReactNode } from "react";
import { useWords } from "../state/context.tsx";
import { Icon } from "./icons.tsx";

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
  readonly beside?: ReactNode;
  readonly wide?: boolean;
}

/**
 * A modal dialog on the browser's own `dialog`: it keeps the focus inside, closes on Esc, and gives the focus back to what
 * opened it. The parent shows it by drawing it.
 */
export function Dialog({ title, onClose, children, beside, wide = false }: DialogProps): ReactElement {
  const words = useWords();
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  // Taken while drawing: once the dialog stands, its first field has the focus.
  const [opener] = useState(() => document.activeElement);
  useEffect(() => {
    const element = dialog.current;
    if (element !== null && !element.open) element.showModal();
    return () => {
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
    };
  }, [opener]);
  return (
    <dialog
      ref={dialog}
      className={wide ? "dialog wide" : "dialog"}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <header>
        <h2 id={titleId} dir="auto">
          {title}
        </h2>
        {beside}
        <button type="button" className="icon-button" aria-label={words.say("dialog.close")} onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      {children}
    </dialog>
  );
}
