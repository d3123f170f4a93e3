import type { ReactElement, ReactNode } from "react";

/** One setting: what it is, what it means, and the control. */
export function Option({
  title,
  hint,
  children,
}: {
  readonly title: ReactNode;
  readonly hint?: string;
  readonly children: ReactNode;
}): ReactElement {
  return (
    <div className="option">
      <div>
        <b>{title}</b>
        {hint === undefined ? null : <p className="mid t13">{hint}</p>}
      </div>
      {children}
    </div>
  );
}
