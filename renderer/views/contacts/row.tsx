import { memo } from "react";
import type { ReactElement, ReactNode } from "react";
import { Icon } from "../../components/icons.tsx";
import { Sign } from "../../components/sign.tsx";
import type { Group, Row } from "../../state/arrange.ts";
import { useLineContext, useModel, useWindow, useWords } from "../../state/context.tsx";
import type { PersonKey } from "../../state/model.ts";
import { idOf } from "../../state/model.ts";
import { displayName, familyOf, isLost } from "../../state/presence.ts";
import { compactLine, presenceLine } from "../../strings/presence-words.ts";
import type { Words } from "../../strings/words.ts";

interface RowProps {
  readonly id: string;
  readonly row: Row;
  /** Pixels from the start of the list. */
  readonly top: number;
  readonly active: boolean;
  readonly onTake: () => void;
}

/** One line of the tree. It hears its own person alone, so others may change two hundred times a second. */
export const RowView = memo(
  function RowView({ row, ...place }: RowProps): ReactElement {
    switch (row.kind) {
      case "add":
        return <AddRow {...place} address={row.address} />;
      case "group":
        return <GroupRow {...place} group={row.group} open={row.open} />;
      case "person":
      case "recent":
        return <PersonRow {...place} row={row} />;
    }
  },
  (a, b) => a.id === b.id && a.row === b.row && a.top === b.top && a.active === b.active,
);

type Place = Omit<RowProps, "row">;

interface LineProps extends Place {
  readonly className: string;
  /** The whole row in words, for the ear; what is drawn is for the eye. */
  readonly label: string;
  readonly level: number;
  readonly title?: string;
  readonly position?: number;
  readonly size?: number;
  readonly expanded?: boolean;
  readonly selected?: boolean;
  readonly children: ReactNode;
}

/** What all rows share. The tree itself has the focus and hears the keys; a row hears the pointer alone. */
function Line(props: LineProps): ReactElement {
  return (
    <div
      id={props.id}
      role="treeitem"
      className={`row ${props.className}${props.active ? " active" : ""}`}
      style={{ transform: `translateY(${String(props.top)}px)` }}
      aria-level={props.level}
      aria-posinset={props.position}
      aria-setsize={props.size}
      aria-expanded={props.expanded}
      aria-selected={props.selected ?? false}
      title={props.title}
      onClick={props.onTake}
    >
      <span className="unseen">{props.label}</span>
      <div className="row-parts" aria-hidden="true">
        {props.children}
      </div>
    </div>
  );
}

function AddRow({ address, ...place }: Place & { readonly address: string }): ReactElement {
  const words = useWords();
  const text = words.say("contacts.add", { address });
  return (
    <Line {...place} className="person-row add-row" label={text} level={1}>
      <Icon name="request" size={14} />
      <span className="row-name cut">{text}</span>
      <span className="row-line cut">{words.say("contacts.addHint")}</span>
    </Line>
  );
}

function groupName(words: Words, group: Group): string {
  return group.kind === "named" ? group.name : words.say(`group.${group.kind}`);
}

function GroupRow({ group, open, ...place }: Place & { readonly group: Group; readonly open: boolean }): ReactElement {
  const words = useWords();
  const now = useWindow((state) => state.now);
  const lostAt = useModel((model) => model.accounts.find(isLost)?.since);
  const name = groupName(words, group);
  const count =
    lostAt === undefined
      ? words.say("contacts.there", { there: group.there, all: group.members.length })
      : words.say("contacts.lastKnown", { time: words.when(lostAt, now) });
  return (
    <Line {...place} className="group-row" label={`${name}, ${count}`} level={1} expanded={open}>
      <Icon name={open ? "down" : "right"} size={14} flips={!open} />
      <bdi className="cut">{name}</bdi>
      {group.kind === "new" ? null : <span className="group-count">{count}</span>}
    </Line>
  );
}

type PersonRowData = Extract<Row, { kind: "person" | "recent" }>;

function PersonRow({ row, ...place }: Place & { readonly row: PersonRowData }): ReactElement {
  const words = useWords();
  const { account, address } = idOf(row.key);
  const contact = useModel((model) => model.contacts.get(row.key));
  const presence = useModel((model) => model.presence.get(row.key));
  const conversation = useModel((model) => model.conversations.get(row.key));
  const compact = useModel((model) => model.settings.density === "compact");
  const selected = useWindow((state) => state.open === row.key);
  const context = useLineContext(account);
  const name = displayName(contact, address);
  const line = presenceLine(words, presence, context);
  const unread = conversation?.unread ?? 0;
  const unreadWords = unread > 0 ? words.say("contacts.unread", { count: unread }) : "";
  const state = contact === undefined && presence === undefined ? "unknown" : (presence?.state ?? "unknown");
  const shown =
    row.kind === "recent" ? firstLine(conversation?.lastText) : compact ? compactLine(words, presence, context) : line;
  const family = familyOf(state);
  return (
    <Line
      {...place}
      className={`person-row${unread > 0 ? " unread" : ""}${family === "gone" || state === "unknown-address" ? " gone" : ""}`}
      label={[name, line, unreadWords].filter((part) => part !== "").join(", ")}
      title={`${name}\n${line}`}
      level={row.kind === "person" ? row.level : 1}
      position={row.position}
      size={row.size}
      selected={selected}
    >
      <Sign state={state} size={14} old={context.lost} />
      <span className="row-name cut">
        <bdi>{name}</bdi>
      </span>
      <span className="row-line cut" dir="auto">
        {shown}
      </span>
      <span className="row-side">
        <LastTime at={conversation?.lastAt} now={context.now} personKey={row.key} always={row.kind === "recent"} />
        {unread > 0 ? <span className="count">{unread}</span> : null}
      </span>
    </Line>
  );
}

/** The time of the last message: in "Recent" for everybody, else where it is of today and the person is open or unread. */
function LastTime(props: {
  readonly at: string | undefined;
  readonly now: number;
  readonly personKey: PersonKey;
  readonly always: boolean;
}): ReactElement | null {
  const words = useWords();
  const isOpen = useWindow((state) => state.open === props.personKey);
  if (props.at === undefined) return null;
  const isToday = words.dayKey(props.at) === words.dayKey(new Date(props.now).toISOString());
  if (!props.always && !(isOpen && isToday)) return null;
  return <time dateTime={props.at}>{words.when(props.at, props.now)}</time>;
}

function firstLine(text: string | undefined): string {
  return text?.split("\n", 1)[0] ?? "";
}
