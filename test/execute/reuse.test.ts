import { describe, expect, it } from "vitest";
import type { RunEvent } from "../../src/core/event/event.ts";
import type { WorkDescription } from "../../src/core/fingerprint.ts";
import { systemClock } from "../../src/core/port/clock.ts";
import type { ResolvedRun } from "../../src/core/port/runner.ts";
import { listVersions } from "../../src/core/read-version.ts";
import { createIdSource } from "../../src/core/run-id.ts";
import { type ExecuteOptions, VERIFIED } from "../../src/execute/execute-options.ts";
import { executePlan } from "../../src/execute/execute-plan.ts";
import { decideReuse, type EarlierAttempt, type ReusePort } from "../../src/execute/reuse.ts";
import type { PlannedReplay } from "../../src/plan/plan.ts";
import { ObedientRunner } from "../rig/obedient-runner.ts";
import { plannedRun, planOf, versionOf } from "../rig/plans.ts";

const parts = { task: {}, environment: {}, code: {}, parameters: {}, catalog: {}, inputs: {} };
const work = (over: Partial<WorkDescription> = {}): WorkDescription => ({
  mode: "on",
  fresh: false,
  parts,
  watched: [],
  sources: null,
  obstacles: [],
  ...over,
});
const ids = createIdSource(systemClock);
const earlier: EarlierAttempt = {
  run: "prep",
  run_id: ids.nextRunId(),
  outputs: { table: versionOf("old") },
  load_versions: { raw: "x" },
  end_time: "2026-11-23T00:00:00.000Z",
};

function execution(
  works: { prep: WorkDescription | null; train: WorkDescription | null; replay?: PlannedReplay },
  over: Partial<ReusePort> = {},
  decide?: ExecuteOptions["decide"],
) {
  const runner = new ObedientRunner();
  const events: RunEvent[] = [];
  const reuse: ReusePort = {
    digest: (text) => text,
    find: ({ run }) => (run === "prep" ? earlier : null),
    explainMiss: () => "it is new",
    findChanged: async () => null,
    recall: () => null,
    ...over,
  };
  const consumes = { data: { run: "prep", dataset: "table", as: "upstream" as const } };
  const done = executePlan({
    plan: planOf([
      plannedRun("prep", {
        writes: ["table"],
        work: works.prep,
        ...(works.replay === undefined ? {} : { replay: works.replay }),
      }),
      plannedRun("train", { consumes, work: works.train }),
    ]),
    sessionId: ids.nextSessionId(),
    clock: systemClock,
    ids,
    runners: { command: runner, kedro: runner as never, module: runner as never },
    maxParallel: 2,
    emit: (batch) => void events.push(...batch),
    ...(decide === undefined ? {} : { decide }),
    verify: async () => VERIFIED,
    reuse,
  });
  const told = () => events.map((event) => ("run" in event ? `${event.run} ${event.type}` : event.type));
  return { runner, events, done, told };
}

describe("a run whose result may be reused", () => {
  it("is not executed if an earlier attempt has its fingerprint; its dependants are pinned to that attempt", async () => {
    const { runner, done, told } = execution({ prep: work(), train: null });
    const train = await runner.whenStarted("train");
    expect(listVersions(train.run).data).toBe("old");
    await train.succeed();
    const [prep] = await done;
    expect(prep).toMatchObject({ status: "reused", run_id: earlier.run_id, load_versions: { raw: "x" } });
    expect(told()).toEqual(["prep run.reused", "train run.resolved", "train run.started", "train run.succeeded"]);
    expect(runner.started.map(({ run }) => run.run)).toEqual(["train"]);
  });

  it.each<[string, WorkDescription, Partial<ReusePort>, string]>([
    ["there is no such attempt", work(), { find: () => null }, "it is new"],
    ["it is to be executed afresh", work({ fresh: true }), {}, "asked for with --fresh"],
    ["its fingerprint can't be told", work({ obstacles: ["'t' is floating"] }), {}, "'t' is floating"],
  ])("is executed if %s, and says so", async (_, prepWork, port, reason) => {
    const { runner, events, done } = execution({ prep: prepWork, train: null }, port);
    await (await runner.whenStarted("prep")).succeed(["table"]);
    await (await runner.whenStarted("train")).succeed();
    await done;
    expect(events[0]).toMatchObject({ type: "run.resolved", run: "prep", cache: { reason } });
  });

  it("is executed again after a failure, whatever kept it from being known when the plan was made", () => {
    const planned = plannedRun("prep", { work: work({ obstacles: ["'clicks' can't be read: ENOENT"] }) });
    const resolved = { reads: {} } as unknown as ResolvedRun;
    const port = { digest: (text: string) => text } as ReusePort;
    expect(decideReuse(planned, { resolved, isFirst: false, port })).toEqual({
      type: "execute",
      cache: { fingerprint: null, reason: "its last attempt failed" },
    });
  });

  const replay = (over: Partial<PlannedReplay> = {}): PlannedReplay => {
    return { action: "link", run_id: earlier.run_id, inputs: {}, needs: {}, reason: "nothing changes", ...over };
  };
  const recalled = (lost: string | null = null): Partial<ReusePort> => ({ recall: () => ({ attempt: earlier, lost }) });

  it("is executed in a replay or a healing for the reason of that, though all was executed afresh then", async () => {
    const port = { find: () => null, recall: () => null };
    const tainted = replay({ action: "run", reason: "what it saved is tainted" });
    const { runner, events, done } = execution({ prep: work({ fresh: true }), train: null, replay: tainted }, port);
    await (await runner.whenStarted("prep")).succeed(["table"]);
    await (await runner.whenStarted("train")).succeed();
    await done;
    expect(events[0]).toMatchObject({ type: "run.resolved", cache: { reason: "what it saved is tainted" } });
  });

  it("is linked in a replay that does not touch it, though its result is not to be reused otherwise", async () => {
    const { runner, done, told } = execution({ prep: null, train: null, replay: replay() }, recalled("/gone"));
    await (await runner.whenStarted("train")).succeed();
    expect((await done)[0]).toMatchObject({ status: "reused", run_id: earlier.run_id, reason: "nothing changes" });
    expect(told()[0]).toBe("prep run.reused");
  });

  it.each<[string, PlannedReplay, Partial<ReusePort>, string]>([
    ["it changes", replay({ action: "run", reason: "x is set to 1" }), recalled(), "x is set to 1"],
    ["what it saved is gone", replay({ action: "compare" }), recalled("/o"), "/o is gone or has changed"],
    [
      "what it waits for was executed",
      replay({ action: "compare", needs: { a: earlier.run_id } }),
      recalled(),
      "a, which it waits for, was executed again",
    ],
  ])("is executed in a replay if %s, and says so", async (_, ofPrep, port, reason) => {
    const { runner, events, done } = execution({ prep: null, train: null, replay: ofPrep }, port);
    await (await runner.whenStarted("prep")).succeed(["table"]);
    await (await runner.whenStarted("train")).succeed();
    await done;
    expect(events[0]).toMatchObject({ type: "run.resolved", run: "prep", cache: { fingerprint: null, reason } });
  });

  it("fails if it may not be executed, and nothing starts", async () => {
    const { runner, done } = execution({ prep: work({ mode: "only" }), train: null }, { find: () => null });
    const outcomes = await done;
    expect(outcomes.map(({ status }) => status)).toEqual(["failed", "skipped"]);
    expect(outcomes[0]?.reason).toBe("CacheMiss: no earlier result can be reused: it is new");
    expect(runner.started).toEqual([]);
  });

  it("has no fingerprint any more if something changed while it ran", async () => {
    const changed = "data/raw.csv has changed since the plan was made";
    const port = { find: () => null, findChanged: async () => changed };
    const { runner, events, done } = execution({ prep: work(), train: null }, port);
    await (await runner.whenStarted("prep")).succeed(["table"]);
    await (await runner.whenStarted("train")).succeed();
    await done;
    const ends = events.filter(({ type }) => type === "run.succeeded");
    expect(ends).toMatchObject([{ run: "prep", fingerprint_void: changed }, { run: "train" }]);
    expect(ends[1]).not.toHaveProperty("fingerprint_void");
  });
});

it("an earlier result is looked up in the transaction that records it: nothing takes its data away in between", async () => {
  const asked: boolean[] = [];
  let isDeciding = false;
  const find = () => {
    asked.push(isDeciding);
    return earlier;
  };
  const decide = (judge: () => readonly RunEvent[]) => {
    isDeciding = true;
    judge();
    isDeciding = false;
  };
  const { done } = execution({ prep: work(), train: work() }, { find }, decide);
  expect((await done).map(({ status }) => status)).toEqual(["reused", "reused"]);
  expect(asked).toEqual([true, true]);
});
