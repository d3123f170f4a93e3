const HALF_HOUR = 30 * 60_000;
const END_OF_DAY = { hours: 17, minutes: 30 } as const;

/** Times to offer, ISO 8601: the half hour at least half an hour away, and the end of the working day when it is later. */
export function untilChoices(now: number): readonly string[] {
  const soon = Math.ceil((now + HALF_HOUR) / HALF_HOUR) * HALF_HOUR;
  const evening = new Date(now);
  evening.setHours(END_OF_DAY.hours, END_OF_DAY.minutes, 0, 0);
  const times = evening.getTime() > soon ? [soon, evening.getTime()] : [soon];
  return times.map((time) => new Date(time).toISOString());
}

/** The next instant at which clocks show a time typed as `HH:MM`; undefined while it is incomplete. */
export function nextTime(typed: string, now: number): string | undefined {
  const match = /^(\d{2}):(\d{2})$/u.exec(typed);
  if (match === null) return undefined;
  const at = new Date(now);
  at.setHours(Number(match[1]), Number(match[2]), 0, 0);
  if (at.getTime() <= now) at.setDate(at.getDate() + 1);
  return at.toISOString();
}
