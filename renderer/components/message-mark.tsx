import type { ReactElement, ReactNode } from "react";
import type { MessageStatus } from "../../core/bridge/contract.ts";

const shapes: Readonly<Record<MessageStatus, ReactNode>> = {
  queued: (
    <>
      <circle cx="7" cy="7" r="5.2" />
      <path d="M7 4V7L9.2 8.4" />
    </>
  ),
  sent: <path d="M2.5 7.4L5.5 10.4L11.5 3.8" />,
  stored: <path d="M3 5.6L5.7 8.3L11 2.5M2.2 11.9H11.8" />,
  delivered: <path d="M1 7.6L3.7 10.4L9.2 4M6.6 10.1L7.1 10.5L12.8 4" />,
  displayed: (
    <>
      <path d="M0.9 7C2.3 4.7 4.3 3 7 3S11.7 4.7 13.1 7C11.7 9.3 9.7 11 7 11S2.3 9.3 0.9 7Z" />
      <circle cx="7" cy="7" r="1.7" fill="currentColor" stroke="none" />
    </>
  ),
  failed: (
    <path
      fill="currentColor"
      stroke="none"
      fillRule="evenodd"
      d="M7 0.6A6.4 6.4 0 1 1 7 13.4A6.4 6.4 0 1 1 7 0.6ZM6.1 3.2V7.9H7.9V3.2ZM7 8.9A1.05 1.05 0 1 0 7 11A1.05 1.05 0 1 0 7 8.9Z"
    />
  ),
};

/** How far a message has come. Hidden from screen readers: the message's name says it in words. */
export function MessageMark({ status }: { readonly status: MessageStatus }): ReactElement {
  return (
    <svg className="mark-shape" width="14" height="14" viewBox="0 0 14 14" aria-hidden="true">
      {shapes[status]}
    </svg>
  );
}
