import type { ReactElement, ReactNode } from "react";
import { Field } from "../../components/field.tsx";
import { useWords } from "../../state/context.tsx";
import type { Colleague } from "./office-form.ts";
import { localFromName } from "./office-form.ts";

interface ColleagueFieldsProps {
  readonly person: Colleague;
  readonly domain: string;
  readonly onChange: (person: Colleague) => void;
  readonly problem?: ReactNode;
}

/** Name, address and a password to hand over, which is shown because it must be read out. */
export function ColleagueFields({ person, domain, onChange, problem }: ColleagueFieldsProps): ReactElement {
  const words = useWords();
  return (
    <div className="colleague-fields">
      <Field
        label={words.say("office.colleagueName")}
        value={person.name}
        onChange={(name) => onChange(withName(person, name))}
        maxLength={200}
      />
      <Field
        label={words.say("office.colleagueAddress")}
        value={person.local}
        onChange={(local) => onChange({ ...person, local })}
        suffix={`@${domain}`}
        maxLength={100}
        problem={problem}
      />
      <Field
        label={words.say("office.colleaguePassword")}
        value={person.password}
        onChange={(password) => onChange({ ...person, password })}
        maxLength={1000}
      />
    </div>
  );
}

/** The address follows the name until somebody types another one. */
export function withName(person: Colleague, name: string): Colleague {
  const follows = person.local === localFromName(person.name);
  return { ...person, name, local: follows ? localFromName(name) : person.local };
}
