import { array, assert, constantFrom, nat, property, record } from "fast-check";
import { expect, test } from "vitest";
import { PHASES, PhaseClock } from "../../src/core/phase-clock.ts";

/** A clock that a test moves, in milliseconds. */
function makeClock() {
  const time = { ms: 0 };
  return { time, phases: new PhaseClock(() => time.ms) };
}

test("time before the first step is that of the start of the process, and steps follow one another", () => {
  const { time, phases } = makeClock();
  time.ms = 120;
  phases.enter("read");
  time.ms = 150;
  phases.enter("plan");
  time.ms = 151;
  expect(phases.read()).toEqual([
    { phase: "start", duration_ms: 120 },
    { phase: "read", duration_ms: 30 },
    { phase: "plan", duration_ms: 1 },
  ]);
});

test("beside others, runs come before workers that start, and these before questions and steps", async () => {
  const { time, phases } = makeClock();
  phases.enter("plan");
  const answer = Promise.withResolvers<string>();
  const asked = phases.during("ask", answer.promise);
  time.ms = 10;
  const [endFirst, endSecond] = [phases.begin("worker"), phases.begin("worker")];
  time.ms = 30;
  endFirst();
  time.ms = 40;
  const endRun = phases.begin("runs");
  time.ms = 90;
  endSecond();
  endRun();
  time.ms = 95;
  answer.resolve("it");
  expect(await asked).toBe("it");
  time.ms = 100;
  expect(phases.read()).toEqual([
    { phase: "ask", duration_ms: 15 },
    { phase: "worker", duration_ms: 30 },
    { phase: "plan", duration_ms: 5 },
    { phase: "runs", duration_ms: 50 },
  ]);
});

test("a question that fails is over, and fails for who asked", async () => {
  const { time, phases } = makeClock();
  await expect(phases.during("ask", Promise.reject(new Error("no")))).rejects.toThrow("no");
  time.ms = 7;
  expect(phases.read()).toEqual([{ phase: "start", duration_ms: 7 }]);
});

test("whatever begins and ends, the phases together are the whole time", () => {
  const act = record({
    what: constantFrom("enter", "begin", "end"),
    step: constantFrom("read", "open", "plan", "between", "finish"),
    beside: constantFrom("runs", "worker", "ask"),
    takesMs: nat(1000),
  });
  assert(
    property(array(act), (acts) => {
      const { time, phases } = makeClock();
      const open: (() => void)[] = [];
      for (const { what, step, beside, takesMs } of acts) {
        if (what === "enter") phases.enter(step as "read");
        else if (what === "begin") open.push(phases.begin(beside as "runs"));
        else open.pop()?.();
        time.ms += takesMs;
      }
      const told = phases.read();
      expect(told.reduce((sum, { duration_ms }) => sum + duration_ms, 0)).toBe(phases.totalMs());
      expect(told.map(({ phase }) => phase)).toEqual(PHASES.filter((each) => told.some(({ phase }) => phase === each)));
    }),
  );
});
