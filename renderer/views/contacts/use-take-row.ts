import type { Row } from "../../state/arrange.ts";
import { useActions } from "../../state/context.tsx";

/** What Enter or a click does on a row: open the conversation, fold the group, or begin to add. */
export function useTakeRow(): (row: Row) => void {
  const { openConversation, openDialog, foldGroup, setQuery } = useActions();
  return (row) => {
    switch (row.kind) {
      case "add":
        openDialog({ kind: "add-person", address: row.address });
        break;
      case "group":
        foldGroup(row.group.id, row.open);
        break;
      case "person":
      case "recent":
        setQuery("");
        openConversation(row.key);
        break;
    }
  };
}
