import { useEffect, useState } from "react";
import type { ReactElement } from "react";
import { useWindow } from "../state/context.tsx";

const MIN_GAP_MS = 1_000;

/** The only two live regions of the page. At most one announcement a second; of several the last one wins. */
export function LiveRegions(): ReactElement {
  const polite = useSlowly(useWindow((state) => state.polite));
  const assertive = useSlowly(useWindow((state) => state.assertive));
  return (
    <>
      <div className="unseen" role="status" aria-live="polite">
        {polite}
      </div>
      <div className="unseen" role="alert" aria-live="assertive">
        {assertive}
      </div>
    </>
  );
}

function useSlowly(text: string): string {
  const [spoken, setSpoken] = useState({ text: "", at: 0 });
  useEffect(() => {
    if (text === spoken.text) return undefined;
    const wait = Math.max(0, spoken.at + MIN_GAP_MS - Date.now());
    const timer = setTimeout(() => setSpoken({ text, at: Date.now() }), wait);
    return () => clearTimeout(timer);
  }, [text, spoken]);
  return spoken.text;
}
