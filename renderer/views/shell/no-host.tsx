import type { ReactElement } from "react";
import { HallwayMark } from "../../components/sign.tsx";
import type { Language } from "../../strings/words.ts";
import { createWords } from "../../strings/words.ts";

/** The page without a host behind it: somebody opened the file itself. */
export function NoHost({ language }: { readonly language: Language }): ReactElement {
  const words = createWords(language);
  return (
    <main className="plain">
      <HallwayMark state="connection-lost" size={56} />
      <h1>{words.say("app.name")}</h1>
      <p>{words.say("app.noHost")}</p>
    </main>
  );
}
