/** Which decoder belongs to which header field, for whoever shows messages: one table of all that are understood. */
import { readChallenge, readCredentials } from "./digest.ts";
import * as content from "./message/fields-content.ts";
import * as dialog from "./message/fields-dialog.ts";
import * as identity from "./message/fields-identity.ts";
import * as note from "./message/fields-note.ts";
import * as routing from "./message/fields-routing.ts";
import type { WithHeaders } from "./message/fields.ts";
import * as fields from "./message/fields.ts";
import { readWord } from "./message/field-readers.ts";
import type { Field } from "./message/header.ts";
import { fieldOf } from "./message/header.ts";
import { headerName } from "./message/header-names.ts";

/** What stands once, for the whole of the first line. */
const SINGLE: readonly Field<unknown>[] = [
  fields.FROM,
  fields.TO,
  fieldOf("call-id", readWord),
  fields.CSEQ,
  fields.MAX_FORWARDS,
  fields.EXPIRES,
  fields.EVENT,
  fields.SUBSCRIPTION_STATE,
  content.CONTENT_TYPE,
  content.CONTENT_LENGTH,
  content.CONTENT_DISPOSITION,
  content.MIME_VERSION,
  identity.PRIVACY,
  identity.IDENTITY,
  dialog.REFER_TO,
  dialog.REFERRED_BY,
  dialog.REPLACES,
  dialog.JOIN,
  dialog.TARGET_DIALOG,
  dialog.RSEQ,
  dialog.RACK,
  dialog.SESSION_EXPIRES,
  dialog.MIN_SE,
  note.SUBJECT,
  note.ORGANIZATION,
  note.PRIORITY,
  note.DATE_FIELD,
  note.TIMESTAMP,
  note.RETRY_AFTER,
  note.USER_AGENT,
  note.SERVER,
  routing.MIN_EXPIRES,
  routing.FLOW_TIMER,
  routing.SIP_ETAG,
  routing.SIP_IF_MATCH,
  routing.REPLY_TO,
];

/** What may stand several times, in one line or in more. */
const LISTED: readonly Field<unknown>[] = [
  fields.VIAS,
  fields.CONTACTS,
  fields.ROUTES,
  fields.RECORD_ROUTES,
  ...["allow", "allow-events", "supported", "require", "proxy-require", "unsupported"].map((name) =>
    fieldOf(name, fields.readTag),
  ),
  content.CONTENT_ENCODING,
  content.CONTENT_LANGUAGE,
  content.ACCEPT,
  content.ACCEPT_ENCODING,
  content.ACCEPT_LANGUAGE,
  identity.P_ASSERTED_IDENTITY,
  identity.P_PREFERRED_IDENTITY,
  identity.HISTORY_INFO,
  dialog.REASON,
  note.IN_REPLY_TO,
  note.ALERT_INFO,
  note.CALL_INFO,
  note.ERROR_INFO,
  note.WARNING,
  routing.PATH,
  routing.SERVICE_ROUTE,
];

/** One value a line, with commas of its own. Only Digest is understood. */
const BY_LINE: readonly Field<unknown>[] = [
  ...["www-authenticate", "proxy-authenticate"].map((name) => fieldOf(name, readChallenge)),
  ...["authorization", "proxy-authorization"].map((name) => fieldOf(name, readCredentials)),
];

type Decode = (message: WithHeaders) => readonly unknown[];

const decoders = new Map<string, Decode>([
  ...LISTED.map((field): [string, Decode] => [field.name.id, ({ headers }) => headers.all(field)]),
  ...BY_LINE.map((field): [string, Decode] => [
    field.name.id,
    ({ headers }) => headers.readLines(field.name.id, field.read),
  ]),
  ...SINGLE.map((field): [string, Decode] => [
    field.name.id,
    ({ headers }) => {
      const value = headers.first(field);
      return value === undefined ? [] : [value];
    },
  ]),
]);

/**
 * The decoded values of a header field, whose name may be in any spelling. What is absent or malformed is left out;
 * undefined when no decoder knows that field.
 */
export function describeHeader(message: WithHeaders, name: string): readonly unknown[] | undefined {
  return decoders.get(headerName(name).id)?.(message);
}
