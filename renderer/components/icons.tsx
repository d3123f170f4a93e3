import type { ReactElement, ReactNode } from "react";

/** Line drawings of 20 by 20, in the colour of the text around them. */
const drawings = {
  people: (
    <>
      <circle cx="7.3" cy="6.7" r="2.9" />
      <path d="M1.9 16.3C2.3 13.4 4.5 11.8 7.3 11.8S12.3 13.4 12.7 16.3M12.8 4A2.9 2.9 0 0 1 12.8 9.3M14.9 12.2C16.8 12.9 18 14.3 18.3 16.3" />
    </>
  ),
  request: (
    <>
      <circle cx="8" cy="6.8" r="3" />
      <path d="M2.4 16.6C2.9 13.6 5.1 12 8 12C9.3 12 10.4 12.3 11.3 12.9M15.2 11.6V17.4M12.3 14.5H18.1" />
    </>
  ),
  eye: (
    <>
      <path d="M1.8 10C3.4 7 6.3 4.7 10 4.7S16.6 7 18.2 10C16.6 13 13.7 15.3 10 15.3S3.4 13 1.8 10Z" />
      <circle cx="10" cy="10" r="2.5" />
    </>
  ),
  settings: (
    <>
      <path d="M2.8 6.2H11.2M15.6 6.2H17.2M2.8 13.8H4.4M8.8 13.8H17.2" />
      <circle cx="13.4" cy="6.2" r="2.1" />
      <circle cx="6.6" cy="13.8" r="2.1" />
    </>
  ),
  office: <path d="M4.4 2.8V17.2M15.6 2.8V17.2M7.2 10H12.8M10.5 7.6L12.9 10L10.5 12.4" />,
  search: (
    <>
      <circle cx="8.8" cy="8.8" r="5.3" />
      <path d="M12.8 12.8L17 17" />
    </>
  ),
  down: <path d="M6 8.2L10 12.2L14 8.2" />,
  right: <path d="M8.2 6L12.2 10L8.2 14" />,
  back: <path d="M16.8 10H4.2M9.2 4.8L4 10L9.2 15.2" />,
  send: <path d="M3.2 10H15.8M10.8 4.8L16 10L10.8 15.2" />,
  close: <path d="M5 5L15 15M15 5L5 15" />,
  plus: <path d="M10 4V16M4 10H16" />,
  copy: (
    <>
      <rect x="7" y="7" width="9.5" height="9.5" rx="1.5" />
      <path d="M13 4.5V4A1.5 1.5 0 0 0 11.5 2.5H4A1.5 1.5 0 0 0 2.5 4V11.5A1.5 1.5 0 0 0 4 13H4.5" />
    </>
  ),
  more: (
    <>
      <circle cx="4.5" cy="10" r="1" fill="currentColor" />
      <circle cx="10" cy="10" r="1" fill="currentColor" />
      <circle cx="15.5" cy="10" r="1" fill="currentColor" />
    </>
  ),
} satisfies Record<string, ReactNode>;

export type IconName = keyof typeof drawings;

export function Icon({
  name,
  size = 20,
  flips = false,
}: {
  readonly name: IconName;
  readonly size?: number;
  readonly flips?: boolean;
}): ReactElement {
  return (
    <svg className={flips ? "icon flips" : "icon"} width={size} height={size} viewBox="0 0 20 20" aria-hidden="true">
      {drawings[name]}
    </svg>
  );
}

export type Verdict = "ok" | "warn" | "bad" | "open" | "now";

const verdicts: Readonly<Record<Verdict, ReactNode>> = {
  ok: (
    <path
      fillRule="evenodd"
      d="M8 0.8A7.2 7.2 0 1 1 8 15.2A7.2 7.2 0 1 1 8 0.8ZM11.2 4.6L6.9 9.3L4.8 7.3L3.5 8.6L7 11.9L12.5 5.9Z"
    />
  ),
  warn: (
    <path
      fillRule="evenodd"
      d="M8 0.9Q8.6 0.9 8.9 1.4L15.5 13.4Q15.9 14.8 14.6 14.9H1.4Q0.1 14.8 0.5 13.4L7.1 1.4Q7.4 0.9 8 0.9ZM7.1 5.3V10.1H8.9V5.3ZM8 11.1A1 1 0 1 0 8 13.1A1 1 0 1 0 8 11.1Z"
    />
  ),
  bad: (
    <path
      fillRule="evenodd"
      d="M5 0.8H11L15.2 5V11L11 15.2H5L0.8 11V5ZM5.6 4.4L4.4 5.6L6.8 8L4.4 10.4L5.6 11.6L8 9.2L10.4 11.6L11.6 10.4L9.2 8L11.6 5.6L10.4 4.4L8 6.8Z"
    />
  ),
  open: <circle cx="8" cy="8" r="2.4" />,
  now: (
    <path d="M8 2.4A5.6 5.6 0 1 1 2.4 8" fill="none" stroke="currentColor" strokeWidth="1.8" strokeLinecap="round" />
  ),
};

/** In order, look at it, broken, not checked, at work. With a label it speaks, without one the words beside it do. */
export function VerdictSign({
  verdict,
  label,
  size = 16,
}: {
  readonly verdict: Verdict;
  readonly label?: string;
  readonly size?: number;
}): ReactElement {
  const spoken = label === undefined ? { "aria-hidden": true } : { role: "img", "aria-label": label };
  return (
    <svg className={`verdict verdict-${verdict}`} width={size} height={size} viewBox="0 0 16 16" {...spoken}>
      {verdicts[verdict]}
    </svg>
  );
}
