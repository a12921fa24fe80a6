import { describe, expect, it } from "vitest";
import { readPastDurations } from "../../../src/compose/simulate/past-durations.ts";
import {
  ASSUMED_MS,
  chooseTrials,
  type SimulatePlanOptions,
  simulatePlan,
} from "../../../src/compose/simulate/simulate-plan.ts";
import type { FaultRule } from "../../../src/core/answer/fault.ts";
import { createMemoryRegistry } from "../../../src/record/memory/registry.ts";
import { renderSimulation } from "../../../src/report/result/simulation.ts";
import { makeCommand } from "../../rig/make-definition.ts";
import { plannedRun, planOf } from "../../rig/plans.ts";
import { History } from "../../suites/history.ts";

const arm = (seed: number) => plannedRun(`train[seed=${seed}]`, { definition: makeCommand("train"), needs: ["prep"] });
const plan = planOf([
  plannedRun("prep"),
  arm(1),
  arm(2),
  plannedRun("report", { needs: ["train[seed=1]", "train[seed=2]"] }),
]);
const failTwice: FaultRule = {
  kind: "strikes",
  runs: ["train[seed=1]"],
  fault: { kind: "fails", type: "OSError", afterMs: { leastMs: 1000, mostMs: 1000 } },
  often: { times: 2 },
};
const options = (over: Partial<SimulatePlanOptions> = {}): SimulatePlanOptions => ({
  ...{ plan, seed: "1", trials: 5, maxParallel: 2, faults: [], faultTexts: [], past: new Map() },
  ...over,
});

describe("simulatePlan", () => {
  it("foretells each run, and what every other policy would lead to", async () => {
    const simulation = await simulatePlan(options({ faults: [failTwice], faultTexts: ["train[seed=1] fails twice"] }));
    expect(simulation.forecast).toMatchObject({ declared: true, on_failure: "fail-fast", sessions: { failed: 5 } });
    expect(simulation.runs.map(({ run, statuses }) => [run, statuses])).toEqual([
      ["prep", { success: 5 }],
      ["train[seed=1]", { failed: 5 }],
      ["train[seed=2]", { success: 5 }],
      ["report", { skipped: 5 }],
    ]);
    expect(simulation.runs[3]?.reasons).toEqual([{ reason: "train[seed=1] failed", trials: 5 }]);
    expect(simulation.policies.map(({ on_failure, retries, sessions }) => [on_failure, retries, sessions])).toEqual([
      ["continue", null, { failed: 5 }],
      ["fail-fast", 2, { success: 5 }],
      ["continue", 2, { success: 5 }],
    ]);
  });

  it("foretells the same again with the same seed, and rejects as soon as it is interrupted", async () => {
    const past = new Map([["prep", [1000, 90_000]]]);
    expect(await simulatePlan(options({ past }))).toEqual(await simulatePlan(options({ past })));
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(simulatePlan(options({ signal }))).rejects.toThrow("enough");
  });

  it.each([
    [3, 200],
    [1000, 20],
    [15_000, 2],
    [1_000_000, 1],
  ])("makes of %d runs as many trials as a person waits for: %d", (runs, trials) => {
    expect(chooseTrials(runs)).toBe(trials);
  });
});

describe("what earlier sessions took", () => {
  it("is used by the very run, else by the arms of its name; a run that never succeeded is assumed", async () => {
    const registry = createMemoryRegistry();
    const history = new History((events) => registry.append(events));
    // Of another project, whose workflow has the same name.
    const foreign = history.startSession("test", "/other/test.yaml");
    history.declare(foreign, "prep");
    history.complete(foreign, "prep");
    const session = history.startSession("test", plan.file);
    for (const run of ["prep", "train[seed=1]", "train[seed=9]", "report"]) {
      history.declare(session, run);
      if (run === "report") history.fail(history.resolve(session, run));
      else history.complete(session, run);
    }
    const past = readPastDurations(registry, plan);
    expect([...past.keys()]).toEqual(["prep", "train[seed=1]", "train[seed=2]"]);
    expect(past.get("prep")?.length).toBe(1);
    expect([past.get("train[seed=1]")?.length, past.get("train[seed=2]")?.length]).toEqual([1, 2]);
    const { runs } = await simulatePlan(options({ past }));
    expect(runs.map(({ duration_from }) => duration_from)).toEqual(["history", "history", "history", "assumed"]);
    expect(runs[3]?.busy_ms?.p50).toBe(ASSUMED_MS);
  });
});

describe("what a reused result took", () => {
  it("is what the attempt took that made it, once however often it was reused", () => {
    const registry = createMemoryRegistry();
    const history = new History((events) => registry.append(events));
    const other = history.startSession("other", "/other/other.yaml");
    history.declare(other, "make");
    const { run_id } = history.complete(other, "make");
    for (let times = 0; times < 2; times++) {
      const session = history.startSession("test", plan.file);
      history.declare(session, "prep");
      const reused = { run_id, fingerprint: "f", load_versions: {}, reason: "nothing has changed" };
      history.add({ type: "run.reused", time: history.time, session_id: session, run: "prep", ...reused });
    }
    expect(readPastDurations(registry, plan).get("prep")).toEqual([12.5]);
  });
});

describe("the text for people", () => {
  it("says how the session ends, what becomes of each run and why, and what policies would do", async () => {
    const simulation = await simulatePlan(options({ faults: [failTwice], faultTexts: ["train[seed=1] fails twice"] }));
    const lines = renderSimulation(simulation, { columns: null, color: false, assumedMs: ASSUMED_MS });
    expect(lines).toEqual([
      "test: 5 trials with seed 1, 2 at once, on_failure: fail-fast",
      "  what if train[seed=1] fails twice",
      "  the session: failed",
      "  ends after 2m 00s; 50% of the slots are used",
      "",
      "RUN            OUTCOME   TAKES  FROM     ENDS AT  CRITICAL",
      "prep           success  1m 00s  assumed   1m 00s      100%",
      "train[seed=1]  failed     1.0s  assumed   1m 01s",
      "    OSError: as the fault script says (5 times)",
      "train[seed=2]  success  1m 00s  assumed   2m 00s      100%",
      "report         skipped       -            1m 01s",
      "    train[seed=1] failed (5 times)",
      'assumed: no earlier run tells their times, so 1m 00s; set it with --faults "RUN takes 5m..20m"',
      "",
      "POLICY                   SESSION  RUNS DONE  TIME p50     p95",
      "fail-fast (as declared)  failed           2    2m 00s  2m 00s",
      "continue                 failed           2    2m 00s  2m 00s",
      "fail-fast, retries: 2    success          4    3m 02s  3m 02s",
      "continue, retries: 2     success          4    3m 02s  3m 02s",
    ]);
  });
});
