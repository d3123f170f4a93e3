import type { ReactElement, ReactNode } from "react";
import type { Verdict } from "../../components/icons.tsx";
import { VerdictSign } from "../../components/icons.tsx";
import { useWords } from "../../state/context.tsx";

export interface Step {
  readonly id: string;
  readonly verdict: Verdict;
  readonly title: string;
  readonly text?: string | undefined;
  readonly below?: ReactNode;
}

/** What happens, step by step, each with its verdict. */
export function Steps({ steps, label }: { readonly steps: readonly Step[]; readonly label: string }): ReactElement {
  const words = useWords();
  return (
    <div role="group" aria-label={label}>
      <ol className="steps">
        {steps.map((step) => (
          <li key={step.id} className="step">
            <VerdictSign verdict={step.verdict} label={words.say(`verdict.${step.verdict}`)} />
            <div>
              <p className={step.verdict === "open" ? "mid" : "step-title"}>{step.title}</p>
              {step.text === undefined ? null : <p className="mid t13">{step.text}</p>}
              {step.below}
            </div>
          </li>
        ))}
      </ol>
    </div>
  );
}
