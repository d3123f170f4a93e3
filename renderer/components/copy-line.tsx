import type { ReactElement } from "react";
import { useActions, useWords } from "../state/context.tsx";
import { Icon } from "./icons.tsx";

/** Copies text and says so; where the host forbids it, the text can still be selected. */
export function useCopy(): (text: string) => void {
  const { toast } = useActions();
  const words = useWords();
  return (text) => {
    navigator.clipboard.writeText(text).then(
      () => toast(words.say("toast.copied")),
      () => toast(words.say("toast.refused")),
    );
  };
}

/** One line to copy, in letters of equal width, with its name before it. */
export function CopyLine({
  label,
  text,
  hint,
}: {
  readonly label: string;
  readonly text: string;
  readonly hint?: string;
}): ReactElement {
  const words = useWords();
  const copy = useCopy();
  return (
    <div className="copy-line">
      <dt>{label}</dt>
      <dd>
        <code>{text}</code>
        <button
          type="button"
          className="icon-button"
          aria-label={words.say("office.copyWhat", { what: label })}
          title={words.say("office.copy")}
          onClick={() => copy(text)}
        >
          <Icon name="copy" size={18} />
        </button>
        {hint === undefined ? null : <p className="hint">{hint}</p>}
      </dd>
    </div>
  );
}
