import type { ReactElement } from "react";
import { fingerprintBlocks } from "./fingerprint.ts";
import { useWords } from "../../state/context.tsx";

interface TrustProps {
  readonly fingerprint: string;
  readonly onSame: () => void;
  readonly onDiffer: () => void;
}

/** Trust on first use: the fingerprint in short blocks to compare, and two answers of equal honesty. */
export function Trust({ fingerprint, onSame, onDiffer }: TrustProps): ReactElement {
  const words = useWords();
  return (
    <div className="trust">
      <p>{words.say("signIn.trust.text")}</p>
      <p className="fingerprint" role="group" aria-label={words.say("signIn.trust.group")}>
        {fingerprintBlocks(fingerprint).map((block, index) => (
          <code key={index}>{block}</code>
        ))}
      </p>
      <div className="buttons">
        <button type="button" className="button primary" onClick={onSame}>
          {words.say("signIn.trust.same")}
        </button>
        <button type="button" className="button" onClick={onDiffer}>
          {words.say("signIn.trust.differ")}
        </button>
      </div>
    </div>
  );
}
