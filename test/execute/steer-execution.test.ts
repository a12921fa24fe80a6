import { describe, expect, it } from "vitest";
import type { RunEvent } from "../../src/core/event/event.ts";
import { systemClock } from "../../src/core/port/clock.ts";
import { createIdSource } from "../../src/core/run-id.ts";
import { DEFAULT_POLICY } from "../../src/core/run-policy.ts";
import { type ExecuteOptions, VERIFIED } from "../../src/execute/execute-options.ts";
import { executePlan } from "../../src/execute/execute-plan.ts";
import { type ExecutionControls, StopReason } from "../../src/execute/execution-controls.ts";
import type { PlannedRun } from "../../src/plan/plan.ts";
import { ObedientRunner } from "../rig/obedient-runner.ts";
import { plannedRun, planOf } from "../rig/plans.ts";

/** An execution, and what else can be asked of it. Timers never fire. */
function steered(runs: PlannedRun[], over: Partial<ExecuteOptions> = {}) {
  const events: RunEvent[] = [];
  const ids = createIdSource(systemClock);
  const runner = new ObedientRunner();
  const holder: { controls?: ExecutionControls; isOver: boolean } = { isOver: false };
  const done = executePlan({
    plan: planOf(runs),
    sessionId: ids.nextSessionId(),
    clock: { now: () => 1e12, after: () => () => {} },
    ids,
    runners: { command: runner, kedro: runner as never, module: runner as never },
    maxParallel: 2,
    emit: (batch) => void events.push(...batch),
    verify: async () => VERIFIED,
    onBegin: (controls) => {
      holder.controls = controls;
      return () => {
        holder.isOver = true;
      };
    },
    ...over,
  });
  return { runner, done, holder, events, controls: holder.controls as ExecutionControls };
}

const tell = (outcomes: { run: string; status: string; reason: string | null }[]) =>
  outcomes.map(({ run, status, reason }) => `${run} ${status}${reason === null ? "" : `: ${reason}`}`);
const byAnn = { how: "interrupt", reason: "cancelled by ann" } as const;

describe("one run", () => {
  it("is cancelled while it runs, with the reason, and what needs it is skipped because of it", async () => {
    const { runner, done, controls, events, holder } = steered([
      plannedRun("a"),
      plannedRun("b", { needs: ["a"] }),
      plannedRun("c", { needs: ["b"] }),
      plannedRun("other"),
    ]);
    const a = await runner.whenStarted("a");
    const ended = controls.cancel("a", byAnn);
    expect(a.stops).toEqual(["interrupt"]);
    await a.fail("KeyboardInterrupt");
    expect(await ended).toBe("cancelled");
    await (await runner.whenStarted("other")).succeed();
    expect(tell(await done)).toEqual([
      "a cancelled: cancelled by ann",
      "b skipped: a was cancelled",
      "c skipped: b was skipped because a was cancelled",
      "other success",
    ]);
    expect(events.find(({ type }) => type === "run.cancelled")).toMatchObject({ run: "a", reason: "cancelled by ann" });
    expect(holder.isOver).toBe(true);
  });

  it("is cancelled before its turn, and never starts", async () => {
    const { runner, done, controls } = steered([plannedRun("a"), plannedRun("b", { needs: ["a"] })]);
    const a = await runner.whenStarted("a");
    expect(await controls.cancel("b", byAnn)).toBe("cancelled");
    await a.succeed();
    expect(tell(await done)).toEqual(["a success", "b cancelled: cancelled by ann"]);
    expect(runner.started).toHaveLength(1);
  });

  it("is cancelled between two attempts", async () => {
    const retries = { max: 2, initialMs: 5000, factor: 2, maxMs: 60_000, jitter: false, on: null };
    const { runner, done, controls } = steered([plannedRun("a", { policy: { ...DEFAULT_POLICY, retries } })]);
    await (await runner.whenStarted("a")).fail("boom");
    expect(await controls.cancel("a", byAnn)).toBe("cancelled");
    expect(tell(await done)).toEqual(["a cancelled: cancelled by ann"]);
  });

  it("that comes to its end in spite of it has succeeded; by force it is killed", async () => {
    const { runner, done, controls } = steered([plannedRun("a"), plannedRun("b")]);
    const [a, b] = [await runner.whenStarted("a"), await runner.whenStarted("b")];
    const ends = [controls.cancel("a", byAnn), controls.cancel("b", byAnn)];
    ends.push(controls.cancel("b", { ...byAnn, how: "kill" }));
    expect(b.stops).toEqual(["interrupt", "kill"]);
    await a.succeed();
    await b.fail("killed");
    expect(await Promise.all(ends)).toEqual(["success", "cancelled", "cancelled"]);
    await done;
  });

  it("that has ended, or is unknown, is told at once", async () => {
    const { runner, controls } = steered([plannedRun("a"), plannedRun("b")]);
    await (await runner.whenStarted("a")).succeed();
    expect(await controls.cancel("a", byAnn)).toBe("success");
    expect(await controls.cancel("nobody", byAnn)).toBeNull();
    await (await runner.whenStarted("b")).succeed();
  });
});

describe("a session", () => {
  it("that is paused starts nothing and ends nothing", async () => {
    const { runner, done, controls } = steered([plannedRun("a"), plannedRun("b", { needs: ["a"] })]);
    const a = await runner.whenStarted("a");
    controls.pause();
    await a.succeed();
    expect(runner.started.map(({ run }) => run.run)).toEqual(["a"]);
    controls.continue();
    await (await runner.whenStarted("b")).succeed();
    expect(tell(await done)).toEqual(["a success", "b success"]);
  });

  it("that is paused before its first run starts is cancelled by an interrupt, with the reason that it carries", async () => {
    const interrupt = new AbortController();
    const { runner, done, events } = steered([plannedRun("a")], {
      interrupt: interrupt.signal,
      onBegin: (controls) => {
        controls.pause();
        return () => {};
      },
    });
    expect(runner.started).toEqual([]);
    interrupt.abort(new StopReason("cancelled by ann"));
    expect((await done).map(({ status }) => status)).toEqual(["cancelled"]);
    expect(events.at(-1)).toMatchObject({ type: "run.cancelled", reason: "cancelled by ann" });
  });
});
