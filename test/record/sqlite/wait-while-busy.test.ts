import { expect, it } from "vitest";
import { waitWhileBusy } from "../../../src/record/sqlite/wait-while-busy.ts";

const BUSY = 5;
const BUSY_RECOVERY = 261;
const FULL = 13;

function refusal(errcode: number): Error {
  return Object.assign(new Error("refused"), { errcode });
}

/** A clock that only pauses move, beside work that is refused so many times. */
function refuseTimes(times: number, errcode: number) {
  let nowMs = 0;
  let tries = 0;
  const pauses: number[] = [];
  const work = () => {
    tries += 1;
    if (tries <= times) throw refusal(errcode);
    return "done";
  };
  const pause = (durationMs: number) => {
    pauses.push(durationMs);
    nowMs += durationMs;
  };
  const waiting = { now: () => nowMs, pause, random: () => 0.5 };
  return { work, waiting, run: () => waitWhileBusy(work, waiting), pauses, waitedMs: () => nowMs };
}

it.each([BUSY, BUSY_RECOVERY])(
  "work that is refused with %i is tried again after pauses that stay short",
  (errcode) => {
    const { run, pauses } = refuseTimes(1000, errcode);
    expect(run()).toBe("done");
    expect(pauses).toHaveLength(1000);
    expect(Math.max(...pauses)).toBeLessThan(5);
  },
);

it("after half a minute it gives up with the error that it got", () => {
  const { run, waitedMs } = refuseTimes(Number.POSITIVE_INFINITY, BUSY);
  expect(run).toThrow(refusal(BUSY));
  expect(waitedMs()).toBeGreaterThanOrEqual(30_000);
  expect(waitedMs()).toBeLessThan(30_010);
});

it("any other error is thrown at once", () => {
  const { run, pauses } = refuseTimes(1, FULL);
  expect(run).toThrow(refusal(FULL));
  expect(pauses).toEqual([]);
});

it("who has little patience gives up sooner", () => {
  const { work, waiting, waitedMs } = refuseTimes(Number.POSITIVE_INFINITY, BUSY);
  expect(() => waitWhileBusy(work, { ...waiting, patienceMs: 100 })).toThrow(refusal(BUSY));
  expect(waitedMs()).toBeGreaterThanOrEqual(100);
  expect(waitedMs()).toBeLessThan(110);
});
