/** Faults of the system that a person can mend, as one plain sentence with the next thing to do. */
import { StoreError } from "../index.ts";

const FILE_FAULTS: Readonly<Record<string, string>> = {
  EACCES: "this user may not write there",
  EPERM: "this user may not write there",
  EROFS: "the disk takes no changes",
  ENOSPC: "the disk is full",
  ENOTDIR: "a part of the path is a file and no folder",
  EEXIST: "it is a file and no folder",
};

const DATABASE_FAULTS: Readonly<Record<string, string>> = {
  SQLITE_NOTADB: "The data is damaged. Restore a backup: hallway gateway restore FILE --replace --data DIR.",
  SQLITE_CORRUPT: "The data is damaged. Restore a backup: hallway gateway restore FILE --replace --data DIR.",
  SQLITE_FULL: "The disk is full. Make room, then try again.",
  SQLITE_CANTOPEN: "The data cannot be opened. Check who may write to the folder.",
  SQLITE_READONLY: "The data cannot be changed. Check who may write to the folder.",
};

/** Undefined for faults of ours: those keep their stack. */
export function sentenceOf(error: unknown): string | undefined {
  if (error instanceof StoreError) return error.message;
  if (!(error instanceof Error)) return undefined;
  const { code = "", address, port, path } = error as NodeJS.ErrnoException & { address?: string; port?: number };
  if (address !== undefined && port !== undefined) return listenFault(code, `${address}:${port}`);
  if (path !== undefined && FILE_FAULTS[code])
    return `${path} cannot be used: ${FILE_FAULTS[code]}. Choose another folder.`;
  return DATABASE_FAULTS[code];
}

function listenFault(code: string, where: string): string | undefined {
  switch (code) {
    case "EADDRINUSE":
      return `Another program listens on ${where}. End it, or choose another port.`;
    case "EACCES":
      return `This user may not listen on ${where}. Choose a port above 1023.`;
    case "EADDRNOTAVAIL":
      return `This computer does not have the address of ${where}. Choose one that it has.`;
    default:
      return undefined;
  }
}
