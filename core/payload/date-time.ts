/** Dates with times as presence documents write them (RFC 3339, which XML Schema's dateTime contains). */

const DATE_TIME = /^(\d{4}-\d{2}-\d{2})[Tt](\d{2}:\d{2}:\d{2})(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})?$/;

/** Milliseconds since 1970; undefined for anything else than a date and time. Without an offset it is taken as UTC. */
export function parseDateTime(text: string | undefined): number | undefined {
  const match = DATE_TIME.exec(text?.trim() ?? "");
  if (match === null) return undefined;
  const [, date, time, fraction = "", offset = "Z"] = match;
  const milliseconds = Date.parse(`${date}T${time}${fraction}${offset.toUpperCase()}`);
  return Number.isNaN(milliseconds) ? undefined : milliseconds;
}

/** UTC, with the fraction only where there is one. Undefined stays undefined, as does a time outside of four-digit years. */
export function formatDateTime(milliseconds: number | undefined): string | undefined {
  if (milliseconds === undefined || !Number.isFinite(new Date(milliseconds).getTime())) return undefined;
  const text = new Date(milliseconds).toISOString();
  return /^\d{4}-/.test(text) ? text.replace(".000Z", "Z") : undefined;
}
