import { useEffect, useMemo } from "react";
import type { ReactElement, ReactNode } from "react";
import { LiveRegions } from "../../components/live.tsx";
import { Toasts } from "../../components/toasts.tsx";
import { useNarrow } from "../../components/use-media.ts";
import { HallwayMark } from "../../components/sign.tsx";
import { useModel, useReopen, useWindow, useWords, WordsContext } from "../../state/context.tsx";
import { nameOf } from "../../state/presence.ts";
import { idOf } from "../../state/model.ts";
import { chooseLanguage, createWords } from "../../strings/words.ts";
import { Contacts } from "../contacts/contacts.tsx";
import { Conversation } from "../conversation/conversation.tsx";
import { Doors } from "../first-start/doors.tsx";
import { UseInvitation } from "../first-start/invitation.tsx";
import { SignIn } from "../first-start/sign-in.tsx";
import { StartOffice } from "../first-start/start-office.tsx";
import { AddPerson } from "../person/add-person.tsx";
import { EditPerson } from "../person/edit-person.tsx";
import { Privacy } from "../privacy/privacy.tsx";
import { Requests } from "../requests/requests.tsx";
import { Settings } from "../settings/settings.tsx";
import { KeySheet } from "./key-sheet.tsx";
import { NoticeBar } from "./notice-bar.tsx";
import { Rail } from "./rail.tsx";
import { useKeyboard } from "./use-keyboard.ts";

/** The whole window in the person's language and colours. */
export function App(): ReactElement {
  const language = chooseLanguage(
    useModel((model) => model.settings.language),
    navigator.languages,
  );
  const theme = useModel((model) => model.settings.theme);
  const words = useMemo(() => createWords(language), [language]);
  useEffect(() => {
    document.documentElement.lang = language;
    if (theme === "system") delete document.documentElement.dataset["theme"];
    else document.documentElement.dataset["theme"] = theme;
  }, [language, theme]);
  return (
    <WordsContext value={words}>
      <Frame />
      <Toasts />
      <LiveRegions />
    </WordsContext>
  );
}

function Frame(): ReactElement {
  const phase = useModel((model) => model.phase);
  const page = useWindow((state) => state.page);
  const hasAccount = useModel((model) => model.accounts.length > 0);
  useKeyboard();
  useTitle();
  if (phase !== "open") return <Opening />;
  if (page === "sign-in") return <WithDialogs view={<SignIn />} />;
  if (page === "invitation") return <WithDialogs view={<UseInvitation />} />;
  if (page === "start-office") return <WithDialogs view={<StartOffice />} />;
  if (!hasAccount) return <WithDialogs view={<Doors />} />;
  return <WithDialogs view={<MainWindow />} />;
}

function WithDialogs({ view }: { readonly view: ReactNode }): ReactElement {
  const dialog = useWindow((state) => state.dialog);
  return (
    <>
      {view}
      {dialog?.kind === "add-person" ? <AddPerson start={dialog.address} /> : null}
      {dialog?.kind === "edit-person" ? <EditPerson personKey={dialog.key} /> : null}
      {dialog?.kind === "keys" ? <KeySheet /> : null}
    </>
  );
}

/** Rail, contacts and conversation side by side; below 720 px one of the two at a time, and pages beside the rail. */
function MainWindow(): ReactElement {
  const page = useWindow((state) => state.page);
  const pane = useWindow((state) => state.pane);
  const open = useWindow((state) => state.open);
  const compact = useModel((model) => model.settings.density === "compact");
  const narrow = useNarrow();
  const onlyConversation = narrow && page === "people" && pane === "conversation" && open !== undefined;
  const layout = page !== "people" ? "page" : onlyConversation ? "alone" : "both";
  return (
    <div className={`window layout-${layout}${compact ? " compact" : ""}`}>
      <NoticeBar />
      {onlyConversation ? null : <Rail />}
      {page === "requests" ? <Requests /> : null}
      {page === "privacy" ? <Privacy /> : null}
      {page === "settings" ? <Settings /> : null}
      {page === "people" && !onlyConversation ? <Contacts alone={narrow} /> : null}
      {page === "people" && (!narrow || onlyConversation) ? <Conversation narrow={narrow} /> : null}
    </div>
  );
}

/** Under a fifth of a second nothing is shown; the words appear by a delayed animation. */
function Opening(): ReactElement {
  const words = useWords();
  const reopen = useReopen();
  const phase = useModel((model) => model.phase);
  const failure = useModel((model) => model.failure);
  if (phase === "opening") {
    return (
      <main className="plain late">
        <h1>{words.say("app.opening")}</h1>
      </main>
    );
  }
  return (
    <main className="plain">
      <HallwayMark state="connection-lost" size={56} />
      <h1>{words.say("app.failed")}</h1>
      <p dir="auto">{failure}</p>
      <button type="button" className="button primary" onClick={reopen}>
        {words.say("app.tryAgain")}
      </button>
    </main>
  );
}

/** The window is named after the person or page in it. */
function useTitle(): void {
  const words = useWords();
  const page = useWindow((state) => state.page);
  const open = useWindow((state) => state.open);
  const person = useModel((model) => {
    if (open === undefined) return "";
    const { account, address } = idOf(open);
    return nameOf(model, account, address);
  });
  const titles = {
    requests: "rail.requests",
    privacy: "privacy.title",
    settings: "settings.title",
    "sign-in": "signIn.title",
    invitation: "invitation.title",
    "start-office": "office.title",
  } as const;
  const first = page === "people" ? person : words.say(titles[page]);
  useEffect(() => {
    document.title = first === "" ? words.say("app.name") : `${first} – ${words.say("app.name")}`;
  }, [first, words]);
}
