import { expect, test } from "vitest";
import { IDLE_LIFE, LONGEST_LIFE, MAX_PAGES, MAX_SESSIONS, Sessions } from "../../../../core/web/console/sessions.ts";

const INES = "sip:ines@acme.example";

function make() {
  let now = 0;
  let count = 0;
  const sessions = new Sessions({ now: () => now, random: () => `secret-${++count}` });
  return { sessions, pass: (milliseconds: number) => void (now += milliseconds) };
}

test("a session lives while it is used, and ends when nobody uses it", () => {
  const { sessions, pass } = make();
  const cookie = sessions.begin(INES);
  pass(IDLE_LIFE);
  expect(sessions.find(cookie)?.aor).toBe(INES);
  pass(IDLE_LIFE);
  expect(sessions.find(cookie)?.aor).toBe(INES);
  pass(IDLE_LIFE + 1);
  expect([sessions.find(cookie), sessions.find(cookie)]).toEqual([undefined, undefined]);
});

test("a session ends after its longest life, however busy it is", () => {
  const { sessions, pass } = make();
  const cookie = sessions.begin(INES);
  for (let passed = 0; passed < LONGEST_LIFE; passed += IDLE_LIFE) {
    expect(sessions.find(cookie)).toBeDefined();
    pass(IDLE_LIFE);
  }
  pass(1);
  expect(sessions.find(cookie)).toBeUndefined();
});

test("who signs out is out, and a cookie that was never given opens nothing", () => {
  const { sessions } = make();
  const cookie = sessions.begin(INES);
  sessions.end(cookie);
  expect([sessions.find(cookie), sessions.find(""), sessions.find("secret-9")]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

test("sessions and pages are bounded: those used longest ago are forgotten first", () => {
  const { sessions } = make();
  const first = sessions.begin(INES);
  const second = sessions.begin(INES);
  for (let number = 0; number < MAX_SESSIONS - 2; number++) sessions.begin(INES);
  const session = sessions.find(first);
  sessions.begin(INES);
  expect([sessions.find(first), sessions.find(second)]).toEqual([session, undefined]);
  if (!session) throw new Error("the session is there");
  const page = sessions.openPage(session);
  for (let number = 0; number < MAX_PAGES - 1; number++) sessions.openPage(session);
  expect(session.pages.has(page)).toBe(true);
  sessions.openPage(session);
  expect([session.pages.has(page), session.pages.size]).toEqual([false, MAX_PAGES]);
});
