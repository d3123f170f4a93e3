import { useEffect, useRef } from "react";
import type { ReactElement, ReactNode } from "react";

interface PopoverProps {
  readonly label: string;
  readonly className: string;
  readonly onClose: () => void;
  /** What opened it: clicks on it are left to it, and it gets the focus back. */
  readonly opener: () => HTMLElement | null;
  readonly children: ReactNode;
}

/** A panel over the window that is not modal: Esc, a click elsewhere, or leaving it by keyboard closes it. */
export function Popover({ label, className, onClose, opener, children }: PopoverProps): ReactElement {
  const panel = useRef<HTMLDivElement>(null);
  const close = useRef(onClose);
  const findOpener = useRef(opener);
  close.current = onClose;
  findOpener.current = opener;

  useEffect(() => {
    const element = panel.current;
    const first = element?.querySelector<HTMLElement>("input:checked, [role=menuitem], input, button");
    first?.focus();
    const onPointer = (event: PointerEvent): void => {
      const target = event.target instanceof Node ? event.target : null;
      if (element?.contains(target) === true || findOpener.current()?.contains(target) === true) return;
      close.current();
    };
    document.addEventListener("pointerdown", onPointer);
    return () => document.removeEventListener("pointerdown", onPointer);
  }, []);

  return (
    <div
      ref={panel}
      role="dialog"
      aria-label={label}
      className={`popover ${className}`}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        onClose();
        opener()?.focus();
      }}
      onBlur={(event) => {
        const next = event.relatedTarget;
        if (next instanceof Node && !event.currentTarget.contains(next)) onClose();
      }}
    >
      {children}
    </div>
  );
}
