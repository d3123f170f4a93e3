import type { ReactElement } from "react";
import type { SignState } from "../state/presence.ts";
import { familyOf } from "../state/presence.ts";
import type { SignSize } from "./sign-shapes.tsx";
import { signShapes } from "./sign-shapes.tsx";

interface SignProps {
  readonly state: SignState;
  readonly size: SignSize;
  /** While our own link is lost, what is known of others is old: all their signs are grey. */
  readonly old?: boolean;
}

/** A presence sign. It is hidden from screen readers, because the word always stands beside it. */
export function Sign({ state, size, old = false }: SignProps): ReactElement {
  const family = old ? "gone" : familyOf(state);
  return (
    <svg
      className={`sign sign-${family}`}
      width={size}
      height={size}
      viewBox={`0 0 ${size} ${size}`}
      aria-hidden="true"
    >
      {signShapes[state][size]}
    </svg>
  );
}

/** Two walls and a person between them. */
export function HallwayMark({ state, size }: { readonly state: SignState; readonly size: number }): ReactElement {
  return (
    <svg width={size} height={size} viewBox="0 0 26 26" aria-hidden="true">
      <rect x="1" y="1.4" width="4.6" height="23.2" rx="1.1" fill="currentColor" />
      <rect x="20.4" y="1.4" width="4.6" height="23.2" rx="1.1" fill="currentColor" />
      <g className={`sign sign-${familyOf(state)}`} transform="translate(8 8)">
        {signShapes[state][10]}
      </g>
    </svg>
  );
}
