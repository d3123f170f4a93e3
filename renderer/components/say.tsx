import type { ReactElement, ReactNode } from "react";
import { Icon, VerdictSign } from "./icons.tsx";

interface SayProps {
  readonly tone: "bad" | "warn" | "ok" | "info";
  /** What happened; stands first and is bold. */
  readonly bold: string;
  /** What it means. */
  readonly rest?: string | undefined;
  /** What to do, as buttons; also details. */
  readonly children?: ReactNode;
}

/** What happened, what it means, what to do: one block for all three. */
export function Say({ tone, bold, rest, children }: SayProps): ReactElement {
  return (
    <div className={`say say-${tone}`}>
      {tone === "info" ? <Icon name="search" size={14} /> : <VerdictSign verdict={tone} size={14} />}
      <div className="grow">
        <p>
          <b>{bold}</b> {rest}
        </p>
        {children}
      </div>
    </div>
  );
}

interface EmptyProps {
  readonly sign: ReactNode;
  readonly title: string;
  readonly text: string;
  readonly children?: ReactNode;
}

/** Nothing here: one sign, one bold line, one sentence, at most two buttons. */
export function Empty({ sign, title, text, children }: EmptyProps): ReactElement {
  return (
    <div className="empty">
      {sign}
      <p className="empty-title">{title}</p>
      <p className="empty-text">{text}</p>
      {children === undefined ? null : <div className="empty-acts">{children}</div>}
    </div>
  );
}
