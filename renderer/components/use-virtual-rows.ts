import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import type { RefObject } from "react";

/** Rows drawn above and below the visible ones, so that a fast wheel does not show holes. */
const OVERSCAN = 8;

export interface VirtualRows {
  readonly scroller: RefObject<HTMLDivElement | null>;
  /** Height of all rows, in pixels. */
  readonly total: number;
  /** Indexes to draw, in order; `always` is among them. */
  readonly indexes: readonly number[];
  topOf(index: number): number;
  /** Scrolls as little as needed. */
  reveal(index: number): void;
}

/** Draws only the visible part of a list whose row heights are known beforehand, in pixels. */
export function useVirtualRows(heights: readonly number[], always: number): VirtualRows {
  const scroller = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 800 });
  const tops = useMemo(() => {
    const sums = [0];
    for (const height of heights) sums.push((sums.at(-1) ?? 0) + height);
    return sums;
  }, [heights]);

  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return undefined;
    const measure = (): void => setView({ top: element.scrollTop, height: element.clientHeight });
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    element.addEventListener("scroll", measure, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener("scroll", measure);
    };
  }, []);

  const topOf = (index: number): number => tops[index] ?? 0;
  const first = Math.max(0, firstAtOrAfter(tops, view.top) - OVERSCAN);
  const last = Math.min(heights.length - 1, firstAtOrAfter(tops, view.top + view.height) + OVERSCAN);
  const indexes: number[] = [];
  if (always >= 0 && always < first) indexes.push(always);
  for (let index = first; index <= last; index += 1) indexes.push(index);
  if (always > last && always < heights.length) indexes.push(always);

  return {
    scroller,
    total: tops.at(-1) ?? 0,
    indexes,
    topOf,
    reveal(index) {
      const element = scroller.current;
      if (element === null || index < 0) return;
      const top = topOf(index);
      const bottom = topOf(index + 1);
      if (top < element.scrollTop) element.scrollTop = top;
      else if (bottom > element.scrollTop + element.clientHeight) element.scrollTop = bottom - element.clientHeight;
    },
  };
}

/** The first index whose row begins at or below a place; rows are in order, so it is found by halving. */
function firstAtOrAfter(tops: readonly number[], place: number): number {
  let low = 0;
  let high = tops.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((tops[middle] ?? 0) < place) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Pixels of one rem: rows grow with the person's text size. */
export function useRem(): number {
  const [rem, setRem] = useState(16);
  useEffect(() => {
    const measure = (): void => setRem(Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16);
    measure();
    window.addEventListener("resize", measure);
    return () => window.removeEventListener("resize", measure);
  }, []);
  return rem;
}
