import { useState } from "react";
import type { ReactElement } from "react";
import { Dialog } from "../../components/dialog.tsx";
import { Field, Switch } from "../../components/field.tsx";
import { useActions, useModel, useWords } from "../../state/context.tsx";
import type { PersonKey } from "../../state/model.ts";
import type { Contact } from "../../../core/bridge/contract.ts";
import { displayName } from "../../state/presence.ts";
import { GroupsField } from "./add-person.tsx";
import { groupsFrom } from "./groups.ts";

/** Name, groups and my own note of somebody in the list. */
export function EditPerson({ personKey }: { readonly personKey: PersonKey }): ReactElement | null {
  const contact = useModel((model) => model.contacts.get(personKey));
  return contact === undefined ? null : <EditContact contact={contact} />;
}

function EditContact({ contact }: { readonly contact: Contact }): ReactElement {
  const words = useWords();
  const { closeDialog, updateContact, removeContact } = useActions();
  const [name, setName] = useState(contact.name ?? "");
  const [groups, setGroups] = useState(contact.groups.join(", "));
  const [note, setNote] = useState(contact.note ?? "");
  const [favourite, setFavourite] = useState(contact.favourite);
  const save = async (): Promise<void> => {
    const changed = { ...contact, name: name.trim(), groups: groupsFrom(groups), note: note.trim(), favourite };
    if (await updateContact(changed)) closeDialog();
  };
  return (
    <Dialog
      title={words.say("person.edit.title", { name: displayName(contact, contact.address) })}
      onClose={closeDialog}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <div className="dialog-body">
          <p className="mid below-title">
            <bdi>{contact.address}</bdi>
          </p>
          <div className="two">
            <Field label={words.say("person.name")} value={name} onChange={setName} maxLength={200} autoFocus />
            <GroupsField value={groups} onChange={setGroups} />
          </div>
          <Field
            label={words.say("person.note")}
            value={note}
            onChange={setNote}
            hint={words.say("person.noteHint")}
            maxLength={500}
          />
          <Switch label={words.say("person.favourite")} on={favourite} onChange={setFavourite} />
        </div>
        <footer>
          <button
            type="button"
            className="button bad"
            onClick={() => {
              closeDialog();
              void removeContact(contact);
            }}
          >
            {words.say("conversation.remove")}
          </button>
          <span className="grow" />
          <button type="button" className="button" onClick={closeDialog}>
            {words.say("dialog.cancel")}
          </button>
          <button type="submit" className="button primary">
            {words.say("person.save")}
          </button>
        </footer>
      </form>
    </Dialog>
  );
}
