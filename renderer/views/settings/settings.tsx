import { useState } from "react";
import type { ReactElement } from "react";
import { Select, Switch } from "../../components/field.tsx";
import { useActions, useModel, useWords } from "../../state/context.tsx";
import { KeyLists } from "../shell/key-sheet.tsx";
import { AccountSettings } from "./account-settings.tsx";
import { OfficeSettings } from "./office-settings.tsx";
import { Option } from "./option.tsx";

const sections = ["account", "appearance", "writing", "office", "keys"] as const;
type Section = (typeof sections)[number];

/** Everything that can be set; each change is in force at once. */
export function Settings(): ReactElement {
  const words = useWords();
  const [section, setSection] = useState<Section>("appearance");
  return (
    <main className="page" data-area="conversation">
      <div className="settings">
        <div>
          <h1>{words.say("settings.title")}</h1>
          <nav className="subnav" aria-label={words.say("settings.sections")}>
            {sections.map((item) => (
              <button
                key={item}
                type="button"
                aria-current={item === section ? "true" : undefined}
                onClick={() => setSection(item)}
              >
                {words.say(`settings.${item}`)}
              </button>
            ))}
          </nav>
        </div>
        <section aria-labelledby="settings-section">
          <h2 id="settings-section">{words.say(`settings.${section}`)}</h2>
          {section === "account" ? <AccountSettings /> : null}
          {section === "appearance" ? <Appearance /> : null}
          {section === "writing" ? <Writing /> : null}
          {section === "office" ? <OfficeSettings /> : null}
          {section === "keys" ? <KeyLists /> : null}
        </section>
      </div>
    </main>
  );
}

function Appearance(): ReactElement {
  const words = useWords();
  const { setSettings } = useActions();
  const settings = useModel((model) => model.settings);
  return (
    <>
      <Option title={words.say("settings.language")}>
        <LanguageSelect />
      </Option>
      <Option title={words.say("settings.theme")}>
        <Select
          label={words.say("settings.theme")}
          value={settings.theme}
          options={(["system", "light", "dark"] as const).map((value) => ({
            value,
            text: words.say(`settings.theme.${value}`),
          }))}
          onChange={(theme) => void setSettings({ theme })}
        />
      </Option>
      <Option title={words.say("settings.density")} hint={words.say("settings.density.hint")}>
        <Select
          label={words.say("settings.density")}
          value={settings.density}
          options={(["comfortable", "compact"] as const).map((value) => ({
            value,
            text: words.say(`settings.density.${value}`),
          }))}
          onChange={(density) => void setSettings({ density })}
        />
      </Option>
    </>
  );
}

function Writing(): ReactElement {
  const words = useWords();
  const { setSettings } = useActions();
  const settings = useModel((model) => model.settings);
  const switches = [
    ["enterSends", "settings.enter"],
    ["sendReceipts", "settings.receipts"],
    ["sendTyping", "settings.typing"],
  ] as const;
  return (
    <>
      {switches.map(([name, title]) => (
        <Option key={name} title={words.say(title)} hint={words.say(`${title}.hint`)}>
          <Switch
            label={words.say(title)}
            on={settings[name]}
            onChange={(on) => void setSettings({ [name]: on })}
            bare
          />
        </Option>
      ))}
    </>
  );
}

/** Languages are written in themselves, so that everybody finds their own. */
export function LanguageSelect(): ReactElement {
  const words = useWords();
  const { setSettings } = useActions();
  const language = useModel((model) => model.settings.language);
  return (
    <Select
      label={words.say("settings.language")}
      value={language}
      options={[
        { value: "system", text: words.say("settings.language.system") },
        { value: "en", text: "English" },
        { value: "de", text: "Deutsch" },
      ]}
      onChange={(chosen) => void setSettings({ language: chosen })}
    />
  );
}
