/** People of the office: their addresses and the secrets that prove who they are. */
import { bareAddress, canonicalAddress, domainOf } from "../sip/address.ts";
import type { DigestAlgorithm } from "../sip/digest.ts";
import { ha1 } from "../sip/digest.ts";

import { MIN_PASSWORD_LENGTH } from "../platform/passwords.ts";
import type { AccountRecord, AccountTable, DigestSecrets } from "../store/store.ts";
import { StoreError } from "../store/errors.ts";

/** The digest secrets of a password. MD5 only for old phones, when asked for. */
export function secretsFor(aor: string, password: string, md5: boolean): DigestSecrets {
  const algorithms: DigestAlgorithm[] = md5 ? ["SHA-256", "SHA-512-256", "MD5"] : ["SHA-256", "SHA-512-256"];
  const user = bareAddress(aor).split("@")[0] ?? "";
  return Object.fromEntries(algorithms.map((algorithm) => [algorithm, ha1(algorithm, user, domainOf(aor), password)]));
}

export interface NewAccount {
  readonly address: string;
  readonly password: string;
  readonly name?: string;
  readonly administrator?: boolean;
  readonly md5?: boolean;
}

/** Makes an account; throws `StoreError` with a sentence when the address or password cannot be used. */
export function addAccount(table: AccountTable, domain: string, account: NewAccount): AccountRecord {
  const record = newRecord(table, domain, account);
  checkPassword(account.password);
  table.put(record, secretsFor(record.aor, account.password, account.md5 ?? false));
  return record;
}

/** Makes an account that nobody can sign in to until its password is set: for somebody who is invited. */
export function reserveAccount(
  table: AccountTable,
  domain: string,
  account: Omit<NewAccount, "password" | "md5">,
): AccountRecord {
  const record = newRecord(table, domain, account);
  table.put(record);
  return record;
}

function newRecord(table: AccountTable, domain: string, account: Omit<NewAccount, "password">): AccountRecord {
  const aor = canonicalAddress(account.address);
  if (aor === undefined)
    throw new StoreError("bad-address", `${account.address} is not an address. Write it like name@${domain}.`);
  if (domainOf(aor) !== domain)
    throw new StoreError("foreign-domain", `This office is ${domain}. Write the address as name@${domain}.`);
  if (table.get(aor))
    throw new StoreError(
      "address-taken",
      `${bareAddress(aor)} exists already. Choose another name, or change its password.`,
    );
  return {
    aor,
    ...(account.name !== undefined && account.name !== "" && { name: account.name }),
    administrator: account.administrator ?? false,
    disabled: false,
  };
}

/**
 * Sets a password of which only the digest secrets are known. Algorithms that the account has no secret for are left
 * out, so that MD5 stays away from whoever was not given it; what is kept already is renewed or goes.
 */
export function setSecrets(table: AccountTable, aor: string, secrets: DigestSecrets): void {
  const record = existing(table, aor);
  const { MD5, ...strong } = secrets;
  const keepsMd5 = table.secrets(record.aor).MD5 !== undefined;
  table.put(record, { ...strong, ...(keepsMd5 && MD5 !== undefined && { MD5 }) });
}

/** What of a person can be changed besides password and address. */
export interface AccountChange {
  /** An empty name takes the name away. */
  readonly name?: string | undefined;
  readonly administrator?: boolean | undefined;
  /** Whether the person is left out of the office list. */
  readonly hidden?: boolean | undefined;
}

export function changeAccount(table: AccountTable, address: string, change: AccountChange): AccountRecord {
  const { name: oldName, hidden: wasHidden = false, ...kept } = existing(table, address);
  const name = change.name ?? oldName;
  const record: AccountRecord = {
    ...kept,
    administrator: change.administrator ?? kept.administrator,
    ...(name !== undefined && name !== "" && { name }),
    ...((change.hidden ?? wasHidden) && { hidden: true }),
  };
  table.put(record);
  return record;
}

/** Changes a password. `md5` also keeps an MD5 secret from now on; one that is kept already is renewed in any case. */
export function setPassword(table: AccountTable, address: string, password: string, md5 = false): AccountRecord {
  const record = existing(table, address);
  checkPassword(password);
  const keepsMd5 = md5 || table.secrets(record.aor).MD5 !== undefined;
  table.put(record, secretsFor(record.aor, password, keepsMd5));
  return record;
}

export function setDisabled(table: AccountTable, address: string, disabled: boolean): AccountRecord {
  const record = { ...existing(table, address), disabled };
  table.put(record);
  return record;
}

export function removeAccount(table: AccountTable, address: string): AccountRecord {
  const record = existing(table, address);
  table.remove(record.aor);
  return record;
}

/** The account of an address; throws `StoreError` when there is none. */
export function existing(table: AccountTable, address: string): AccountRecord {
  const aor = canonicalAddress(address);
  const record = aor === undefined ? undefined : table.get(aor);
  if (!record)
    throw new StoreError("no-such-account", `There is no account ${address}. List them with: hallway account list.`);
  return record;
}

function checkPassword(password: string): void {
  if (password.length < MIN_PASSWORD_LENGTH)
    throw new StoreError("password-too-short", `The password needs at least ${MIN_PASSWORD_LENGTH} characters.`);
}
