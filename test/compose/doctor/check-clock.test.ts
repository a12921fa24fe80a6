import { expect, test } from "vitest";
import { finish, makeState } from "../../rig/checked-state.ts";

test.each([
  ["a second", -1000, false],
  ["an hour", -3_600_000, true],
])("a clock that was put back by %s after a session", (_, stepMs, isTold) => {
  const world = makeState();
  finish(world);
  const { history, sessionId, check } = world;
  expect(check()).toEqual([]);
  history.stepClock(stepMs);
  const later = history.startSession();
  history.finishSession(later);
  const detail = expect.stringMatching(
    new RegExp(`^the clock was ahead at session ${sessionId}, of .*: it was recorded before session ${later}, of `),
  );
  const warning = { what: "clock", level: "warn", detail, hint: expect.stringContaining("order of its records") };
  expect(check()).toEqual(isTold ? [warning] : []);
  history.stepClock(-stepMs);
  history.finishSession(history.startSession());
  expect(check()).toEqual([]);
});
