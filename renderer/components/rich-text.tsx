import { Fragment, memo } from "react";
import type { ReactElement } from "react";
import { textParts } from "./links.ts";

/** A message's text: plain words and links, nothing else. The host decides what opening a link means. */
export const RichText = memo(function RichText({ text }: { readonly text: string }): ReactElement {
  return (
    <>
      {textParts(text).map((part, index) =>
        part.kind === "link" ? (
          <a key={index} href={part.href} target="_blank" rel="noopener noreferrer">
            {part.text}
          </a>
        ) : (
          <Fragment key={index}>{part.text}</Fragment>
        ),
      )}
    </>
  );
});
