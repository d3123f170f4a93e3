import { useId } from "react";
import type { ReactElement, ReactNode } from "react";
import { Icon } from "./icons.tsx";

interface FieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly extra?: string;
  readonly hint?: ReactNode;
  /** What is wrong with the value; the field is then marked and described by it. */
  readonly problem?: ReactNode;
  readonly type?: "text" | "password" | "email" | "time";
  readonly autoComplete?: string;
  readonly autoFocus?: boolean;
  readonly maxLength?: number;
  readonly suffix?: string;
}

/** A labelled text field with a hint or a problem below it. Text in it is data: no spelling marks, no capitals by itself. */
export function Field(props: FieldProps): ReactElement {
  const id = useId();
  const belowId = `${id}-below`;
  const below = props.problem ?? props.hint;
  return (
    <div className="field-block">
      <label className="label" htmlFor={id}>
        {props.label} {props.extra === undefined ? null : <span className="dim">{props.extra}</span>}
      </label>
      <div className="field-line">
        <input
          id={id}
          className="field"
          type={props.type ?? "text"}
          value={props.value}
          onChange={(event) => props.onChange(event.target.value)}
          aria-invalid={props.problem === undefined ? undefined : true}
          aria-describedby={below === undefined ? undefined : belowId}
          autoComplete={props.autoComplete ?? "off"}
          autoCapitalize="off"
          spellCheck={false}
          maxLength={props.maxLength}
          ref={props.autoFocus === true ? focusOnce : undefined}
        />
        {props.suffix === undefined ? null : (
          <span className="field-suffix">
            <bdi>{props.suffix}</bdi>
          </span>
        )}
      </div>
      {below === undefined ? null : (
        <div id={belowId} className={props.problem === undefined ? "hint" : undefined}>
          {below}
        </div>
      )}
    </div>
  );
}

/** React focuses without the attribute, but a modal dialog gives the focus to the field that carries it. */
function focusOnce(element: HTMLInputElement | null): void {
  element?.setAttribute("autofocus", "");
  element?.focus();
}

interface SelectProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly options: readonly { readonly value: T; readonly text: string }[];
  readonly onChange: (value: T) => void;
  readonly wide?: boolean;
}

/** The system's own list of choices, drawn as a field. */
export function Select<T extends string>({
  label,
  value,
  options,
  onChange,
  wide = false,
}: SelectProps<T>): ReactElement {
  return (
    <span className={wide ? "select wide" : "select"}>
      <select
        aria-label={label}
        value={value}
        onChange={(event) => {
          const chosen = options.find((option) => option.value === event.target.value);
          if (chosen !== undefined) onChange(chosen.value);
        }}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.text}
          </option>
        ))}
      </select>
      <Icon name="down" size={16} />
    </span>
  );
}

interface SwitchProps {
  readonly label: string;
  readonly on: boolean;
  readonly onChange: (on: boolean) => void;
  /** Only the switch is drawn; the label is spoken. */
  readonly bare?: boolean;
}

export function Switch({ label, on, onChange, bare = false }: SwitchProps): ReactElement {
  const input = (
    <input
      type="checkbox"
      role="switch"
      className="switch"
      checked={on}
      aria-label={bare ? label : undefined}
      onChange={(event) => onChange(event.target.checked)}
    />
  );
  if (bare) return input;
  return (
    <label className="switch-line">
      {input}
      <span>{label}</span>
    </label>
  );
}
