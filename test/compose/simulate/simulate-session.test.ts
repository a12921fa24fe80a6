import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type SimulationOptions, simulateSession } from "../../../src/compose/simulate/simulate-session.ts";
import type { FaultRule } from "../../../src/core/answer/fault.ts";
import type { Registry } from "../../../src/core/port/registry.ts";
import { DEFAULT_POLICY, type RetryPolicy } from "../../../src/core/run-policy.ts";
import type { PlannedRun } from "../../../src/plan/plan.ts";
import { createMemoryRegistry } from "../../../src/record/memory/registry.ts";
import { anySimulation } from "../../chaos/random-simulations.ts";
import { checkParallelism, checkRegistry, watched } from "../../chaos/registry-invariants.ts";
import { checkSimulated } from "../../chaos/simulated-disk.ts";
import type { Violation } from "../../chaos/violation.ts";
import { commandTask, plannedRun, planOf } from "../../rig/plans.ts";
import { kedroTask, moduleTask } from "../../rig/resolved-run.ts";

const MINUTE = 60_000;
const retrying = (over: Partial<RetryPolicy> = {}) => ({
  ...DEFAULT_POLICY,
  retries: { max: 2, initialMs: 0, factor: 1, maxMs: 0, jitter: false, on: null, ...over },
});
const MODULE = { path: "/score.ts", params: {} };
const consuming = (run: string, from: string, over: Partial<PlannedRun> = {}) =>
  plannedRun(run, { consumes: { table: { run: from, dataset: "table", as: "upstream" } }, ...over });

function simulate(runs: PlannedRun[], faults: FaultRule[] = [], over: Partial<SimulationOptions> = {}) {
  const registry = createMemoryRegistry();
  const given = { seed: "1", maxParallel: 2, faults, durations: () => [MINUTE], registry };
  return simulateSession({ plan: planOf(runs), ...given, ...over });
}

const tell = ({ spans }: { spans: { run: string; status: string; attempts: number }[] }) =>
  spans.map(({ run, status, attempts }) => `${run} ${status} ${attempts}`);
const fails = (run: string, times: number): FaultRule => ({
  kind: "strikes",
  runs: [run],
  fault: { kind: "fails", type: "OSError", afterMs: { leastMs: 1000, mostMs: 1000 } },
  often: { times },
});

describe("a simulated session", () => {
  it("takes as long as its critical path, and no time of ours", async () => {
    const session = await simulate([plannedRun("a"), plannedRun("b", { needs: ["a"] }), plannedRun("c")]);
    expect(session).toMatchObject({ status: "success", makespanMs: 2 * MINUTE });
    expect(session.spans).toMatchObject([
      { run: "a", startMs: 0, endMs: MINUTE },
      { run: "b", startMs: MINUTE, endMs: 2 * MINUTE },
      { run: "c", startMs: 0, endMs: MINUTE },
    ]);
  });

  it("tries again what fails twice, and fails what fails once too often", async () => {
    const runs = [
      plannedRun("a", { policy: retrying({ initialMs: MINUTE, maxMs: MINUTE }), writes: ["table"] }),
      consuming("b", "a"),
    ];
    const twice = await simulate(runs, [fails("a", 2)]);
    expect(tell(twice)).toEqual(["a success 3", "b success 1"]);
    expect(twice.makespanMs).toBe(2000 + 2 * MINUTE + 2 * MINUTE);
    expect(tell(await simulate(runs, [fails("a", 3)]))).toEqual(["a failed 3", "b skipped 0"]);
  });

  it.each([
    ["a command fails", commandTask(), { kind: "fails", type: null, afterMs: null }, "CommandFailed"],
    ["a command dies", commandTask(), { kind: "dies", afterMs: null }, "CommandFailed"],
    ["a module fails", moduleTask(MODULE, { cwd: "/" }), { kind: "fails", type: "TypeError", afterMs: null }, "Error"],
    [
      "a pipeline fails",
      kedroTask({ project_path: "/p" }),
      { kind: "fails", type: "OSError", afterMs: null },
      "Exception",
    ],
  ] as const)("%s with what its kind fails with, so that it is tried again", async (_, task, fault, on) => {
    const rule: FaultRule = { kind: "strikes", runs: ["a"], fault, often: { times: 1 } };
    const tried = (names: string[]) => simulate([plannedRun("a", { task, policy: retrying({ on: names }) })], [rule]);
    expect(tell(await tried([on]))).toEqual(["a success 2"]);
    expect(tell(await tried(["AnotherError"]))).toEqual(["a failed 1"]);
  });

  it("commits nothing that is not on its disk", async () => {
    const lose: FaultRule = { kind: "strikes", runs: ["a"], fault: { kind: "loses" }, often: { times: 1 } };
    const runs = [plannedRun("a", { writes: ["table"] }), consuming("b", "a")];
    const session = await simulate(runs, [lose]);
    expect(tell(session)).toEqual(["a failed 1", "b skipped 0"]);
    expect(session.spans[0]?.reason).toContain("OutputMissing");
  });

  it("ends what hangs by its timeout; without one the session hangs too", async () => {
    const hang: FaultRule = { kind: "strikes", runs: ["a"], fault: { kind: "hangs" }, often: { times: 1 } };
    const timed = [plannedRun("a", { timeoutMs: 5 * MINUTE, policy: retrying() })];
    const session = await simulate(timed, [hang]);
    expect(tell(session)).toEqual(["a success 2"]);
    expect((await simulate([plannedRun("a")], [hang])).status).toBe("hung");
  });

  it("kills what ignores an interrupt once its grace is over", async () => {
    const faults: FaultRule[] = [
      { kind: "stubborn", runs: ["a"] },
      { kind: "interrupt", moment: { atMs: 1000 } },
    ];
    const session = await simulate([plannedRun("a"), plannedRun("b", { needs: ["a"] })], faults);
    expect(tell(session)).toEqual(["a cancelled 1", "b cancelled 0"]);
    expect(session.makespanMs).toBe(1000 + 10_000 + 10);
  });

  it("a crash leaves the registry as it was at that moment", async () => {
    const registry = createMemoryRegistry();
    const crash: FaultRule = { kind: "crash", moment: { afterRuns: 1 } };
    const session = await simulate([plannedRun("a"), plannedRun("b", { needs: ["a"] })], [crash], { registry });
    expect(session.status).toBe("crashed");
    const record = registry.findSession(session.sessionId);
    expect(record).toMatchObject({ status: "running", runs: [{ status: "success" }, { status: "pending" }] });
  });

  it("goes on though the wall clock is set back, with run_ids in order", async () => {
    const registry = createMemoryRegistry();
    const jump: FaultRule = { kind: "clock", byMs: -3_600_000, moment: { atMs: 1 } };
    const session = await simulate([plannedRun("a"), plannedRun("b", { needs: ["a"] })], [jump], { registry });
    expect(session).toMatchObject({ status: "success", makespanMs: 2 * MINUTE });
    const [a, b] = registry.findSession("latest")?.runs ?? [];
    expect(String(a?.run_id) < String(b?.run_id)).toBe(true);
  });

  it("the same seed gives the same events to the last digit, another one others", async () => {
    const runs = [plannedRun("a", { policy: retrying({ jitter: true, initialMs: MINUTE, maxMs: MINUTE }) })];
    const chance: FaultRule = {
      kind: "strikes",
      runs: ["a"],
      fault: { kind: "dies", afterMs: null },
      often: { chance: 0.5 },
    };
    const eventsOf = async (seed: string) => {
      const registry = createMemoryRegistry();
      await simulate(runs, [chance], { registry, seed, durations: () => [1, MINUTE] });
      return [...registry.events()];
    };
    expect(await eventsOf("7")).toEqual(await eventsOf("7"));
    expect(await eventsOf("7")).not.toEqual(await eventsOf("8"));
  });
});

/** A registry whose every state is checked, and what was found. */
function checkedRegistry(): { registry: Registry; found: Violation[] } {
  const found: Violation[] = [];
  return { registry: watched(createMemoryRegistry(), found), found };
}

describe("any plan under any faults", () => {
  it("ends, with every invariant of its registry kept at every moment", async () => {
    await fc.assert(
      fc.asyncProperty(anySimulation, async (options) => {
        const { registry, found } = checkedRegistry();
        const session = await simulateSession({ ...options, registry });
        expect(["success", "failed", "cancelled"]).toContain(session.status);
        expect(checkParallelism(registry, options.maxParallel)).toEqual([]);
        expect([...found, ...checkRegistry(registry), ...checkSimulated(registry, session)]).toEqual([]);
      }),
      { numRuns: 400 },
    );
  });

  it("crashed before or after any write, leaves a registry that keeps its invariants", async () => {
    const moment = fc.oneof(
      fc.integer({ min: 1, max: 30 }).map((afterWrites) => ({ afterWrites })),
      fc.integer({ min: 2, max: 30 }).map((beforeWrite) => ({ beforeWrite })),
    );
    await fc.assert(
      fc.asyncProperty(anySimulation, moment, async (options, moment) => {
        const { registry, found } = checkedRegistry();
        const faults: FaultRule[] = [...options.faults, { kind: "crash", moment }];
        const session = await simulateSession({ ...options, faults, registry });
        expect([...found, ...checkRegistry(registry), ...checkSimulated(registry, session)]).toEqual([]);
      }),
      { numRuns: 400 },
    );
  });
});
