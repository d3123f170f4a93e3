import type { ReactNode } from "react";
import type { SignState } from "../state/presence.ts";

export type SignSize = 10 | 14 | 32;
type Drawings = Readonly<Record<SignSize, ReactNode>>;

/** A hollow circle; `inset` leaves room so that the line ends on whole pixels. */
function ring(size: SignSize, radius: number, width: number): ReactNode {
  return <circle cx={size / 2} cy={size / 2} r={radius} fill="none" stroke="currentColor" strokeWidth={width} />;
}

function disc(size: SignSize, radius: number): ReactNode {
  return <circle cx={size / 2} cy={size / 2} r={radius} />;
}

/** Lines with round ends, for the cross, the stroke and the question mark. */
function line(path: string, width: number): ReactNode {
  return (
    <path d={path} fill="none" stroke="currentColor" strokeWidth={width} strokeLinecap="round" strokeLinejoin="round" />
  );
}

/** Dots on a circle, the first at the top. */
function dots(size: SignSize, count: number, radius: number, dot: number): ReactNode {
  return Array.from({ length: count }, (_, index) => {
    const angle = (index / count) * 2 * Math.PI;
    const x = size / 2 + radius * Math.sin(angle);
    const y = size / 2 - radius * Math.cos(angle);
    return <circle key={index} cx={x.toFixed(2)} cy={y.toFixed(2)} r={dot} />;
  });
}

/** A receiver, drawn lying with both ears down and turned so that it hangs across the field. */
function receiver(x: number, y: number, scale: number): ReactNode {
  return (
    <path
      transform={`translate(${x} ${y}) rotate(-135) scale(${scale})`}
      d="M-5 2.2V0.8C-5-2.2-2.7-3.6 0-3.6S5-2.2 5 0.8V2.2Q5 3.2 4 3.2H2.7Q1.8 3.2 1.8 2.2V0.9Q0 0.2-1.8 0.9V2.2Q-1.8 3.2-2.7 3.2H-4Q-5 3.2-5 2.2Z"
    />
  );
}

/** Every state drawn three times, each for its size: one size scaled into another loses its edges. */
export const signShapes: Readonly<Record<SignState, Drawings>> = {
  available: { 10: disc(10, 4.7), 14: disc(14, 6.3), 32: disc(32, 14) },
  busy: {
    10: <rect x="0.8" y="0.8" width="8.4" height="8.4" rx="1.2" />,
    14: <rect x="1.2" y="1.2" width="11.6" height="11.6" rx="1.8" />,
    32: <rect x="3.4" y="3.4" width="25.2" height="25.2" rx="3.6" />,
  },
  "do-not-disturb": {
    10: <path fillRule="evenodd" d="M5 0.3A4.7 4.7 0 1 1 5 9.7A4.7 4.7 0 1 1 5 0.3ZM2 4V6H8V4Z" />,
    14: <path fillRule="evenodd" d="M7 0.7A6.3 6.3 0 1 1 7 13.3A6.3 6.3 0 1 1 7 0.7ZM3 5.8V8.2H11V5.8Z" />,
    32: <path fillRule="evenodd" d="M16 2A14 14 0 1 1 16 30A14 14 0 1 1 16 2ZM7 13.2V18.8H25V13.2Z" />,
  },
  "in-a-meeting": {
    10: (
      <path d="M2 0.6H8A1.2 1.2 0 0 1 9.2 1.8V3H0.8V1.8A1.2 1.2 0 0 1 2 0.6ZM0.8 4.5H9.2V8.2A1.2 1.2 0 0 1 8 9.4H2A1.2 1.2 0 0 1 0.8 8.2Z" />
    ),
    14: (
      <path d="M3 1H11A1.8 1.8 0 0 1 12.8 2.8V4.3H1.2V2.8A1.8 1.8 0 0 1 3 1ZM1.2 6H12.8V11.2A1.8 1.8 0 0 1 11 13H3A1.8 1.8 0 0 1 1.2 11.2Z" />
    ),
    32: (
      <path d="M7 3H25A3.6 3.6 0 0 1 28.6 6.6V10H3.4V6.6A3.6 3.6 0 0 1 7 3ZM3.4 13.6H28.6V25.4A3.6 3.6 0 0 1 25 29H7A3.6 3.6 0 0 1 3.4 25.4Z" />
    ),
  },
  "on-the-phone": {
    10: receiver(4.6, 5.4, 0.98),
    14: receiver(6.4, 7.6, 1.4),
    32: receiver(14.6, 17.4, 3.2),
  },
  away: {
    10: <path d="M9.5 6.6A4.8 4.8 0 1 1 4.2 0.5A4 4 0 0 0 9.5 6.6Z" />,
    14: <path d="M13.1 9A6.4 6.4 0 1 1 6 0.7A5.3 5.3 0 0 0 13.1 9Z" />,
    32: <path d="M29.4 20.4A14.2 14.2 0 1 1 13.8 1.9A11.7 11.7 0 0 0 29.4 20.4Z" />,
  },
  "be-right-back": {
    10: [<g key="r">{ring(10, 3.95, 1.5)}</g>, <path key="h" d="M5 1A4 4 0 0 0 5 9Z" />],
    14: [<g key="r">{ring(14, 5.4, 1.8)}</g>, <path key="h" d="M7 1.4A5.6 5.6 0 0 0 7 12.6Z" />],
    32: [<g key="r">{ring(32, 12.4, 3.2)}</g>, <path key="h" d="M16 3A13 13 0 0 0 16 29Z" />],
  },
  offline: { 10: ring(10, 3.9, 1.6), 14: ring(14, 5.3, 1.9), 32: ring(32, 12.2, 3.6) },
  invisible: { 10: dots(10, 6, 3.9, 0.95), 14: dots(14, 8, 5.3, 1.1), 32: dots(32, 8, 12.2, 2.3) },
  unknown: { 10: disc(10, 1.6), 14: disc(14, 2.2), 32: disc(32, 4.4) },
  pending: {
    10: <path d="M1.2 0.3H8.8V1.8L6 5L8.8 8.2V9.7H1.2V8.2L4 5L1.2 1.8Z" />,
    14: <path d="M1.8 0.7H12.2V2.8L8.3 7L12.2 11.2V13.3H1.8V11.2L5.7 7L1.8 2.8Z" />,
    32: <path d="M4.4 2H27.6V6.7L18.7 16L27.6 25.3V30H4.4V25.3L13.3 16L4.4 6.7Z" />,
  },
  unreachable: {
    10: [<g key="r">{ring(10, 3.1, 1.4)}</g>, <g key="s">{line("M0.9 9.1L9.1 0.9", 1.5)}</g>],
    14: [<g key="r">{ring(14, 4.5, 1.8)}</g>, <g key="s">{line("M1.2 12.8L12.8 1.2", 1.9)}</g>],
    32: [<g key="r">{ring(32, 10.4, 3.4)}</g>, <g key="s">{line("M3 29L29 3", 3.6)}</g>],
  },
  "unknown-address": {
    10: [
      <g key="q">{line("M2.6 3A2.4 2.3 0 1 1 6.2 5C5.3 5.5 5 5.9 5 6.6", 1.7)}</g>,
      <circle key="d" cx="5" cy="9" r="1" />,
    ],
    14: [
      <g key="q">{line("M3.8 4.1A3.2 3.1 0 1 1 8.6 6.8C7.4 7.5 7 8 7 9", 2)}</g>,
      <circle key="d" cx="7" cy="12.4" r="1.3" />,
    ],
    32: [
      <g key="q">{line("M9 9.4A7 6.8 0 1 1 19.6 15.4C17 16.9 16 18.1 16 20.4", 4)}</g>,
      <circle key="d" cx="16" cy="27.4" r="2.7" />,
    ],
  },
  "connection-lost": {
    10: line("M1.6 1.6L8.4 8.4M8.4 1.6L1.6 8.4", 2),
    14: line("M2.3 2.3L11.7 11.7M11.7 2.3L2.3 11.7", 2.5),
    32: line("M5.6 5.6L26.4 26.4M26.4 5.6L5.6 26.4", 5),
  },
};
