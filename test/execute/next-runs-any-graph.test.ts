import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RunStatus } from "../../src/core/run.ts";
import type { ScheduledRun, ScheduleEffect, ScheduleEvent } from "../../src/execute/next-runs.ts";
import { scheduleOf } from "./make-schedule.ts";

interface WorldRun {
  needs: number[];
  /** Whether it consumes from all that it needs. */
  consumes: boolean;
  /** Attempts that fail before one succeeds. */
  failures: number;
  retries: number;
  allowFailure: boolean;
  runOn: ScheduledRun["runOn"];
}

interface World {
  runs: WorldRun[];
  picks: Iterator<number>;
  maxParallel: number;
  onFailure: "fail-fast" | "continue";
  interruptAfter: number | null;
}

const worlds: fc.Arbitrary<World> = fc.integer({ min: 1, max: 20 }).chain((size) =>
  fc.record({
    runs: fc.tuple(
      ...Array.from({ length: size }, (_, i) =>
        fc.record({
          needs: fc.subarray(Array.from({ length: i }, (_, j) => j)),
          consumes: fc.boolean(),
          failures: fc.constantFrom(0, 0, 1, 2),
          retries: fc.constantFrom(0, 0, 1),
          allowFailure: fc.constantFrom(false, false, true),
          runOn: fc.constantFrom("success" as const, "success" as const, "failure" as const, "always" as const),
        }),
      ),
    ),
    picks: fc.infiniteStream(fc.nat()),
    maxParallel: fc.integer({ min: 1, max: 4 }),
    onFailure: fc.constantFrom("fail-fast" as const, "continue" as const),
    interruptAfter: fc.option(fc.nat({ max: 10 })),
  }),
);

/** How each run ends if nothing disturbs the session, told without any schedule: each from the ends of those before it. */
function judgeAll(runs: readonly WorldRun[]): Record<string, RunStatus> {
  const statuses: RunStatus[] = [];
  const counts: ("done" | "tolerated" | "failed" | "idle")[] = [];
  for (const { needs, consumes, failures, retries, allowFailure, runOn } of runs) {
    const upstream = needs.map((need) => counts[need]);
    const hasFailed = upstream.includes("failed");
    const isHindered = hasFailed || upstream.includes("idle") || (consumes && upstream.includes("tolerated"));
    const starts = { success: !isHindered, failure: hasFailed, always: true }[runOn];
    const fails = failures > retries;
    statuses.push(starts ? (fails ? "failed" : "success") : "skipped");
    if (!starts) counts.push(hasFailed ? "failed" : "idle");
    else counts.push(fails ? (allowFailure ? "tolerated" : "failed") : "done");
  }
  return Object.fromEntries(statuses.map((status, i) => [`r${i}`, status]));
}

/** Plays the loop's part: queues what is resolved, runs what is admitted, ends it in an arbitrary order. */
function walk(world: World): Map<string, RunStatus> {
  const { runs, picks } = world;
  const of = (run: string): WorldRun => runs[Number(run.slice(1))] as WorldRun;
  const graph = runs.map(({ needs }, i) => [`r${i}`, needs.map((need) => `r${need}`)] as const);
  const policies = runs.map(({ consumes, allowFailure, runOn }, i) => {
    return [`r${i}`, { allowFailure, runOn, consumes: consumes ? (graph[i]?.[1] ?? []) : [] }];
  });
  const needsOf = Object.fromEntries(graph) as Record<string, string[]>;
  const schedule = scheduleOf(needsOf, { ...world, policies: Object.fromEntries(policies) });
  const ends = new Map<string, RunStatus>();
  const attempts = new Map<string, number>();
  const running: string[] = [];
  const retrying = new Set<string>();
  const due: ScheduleEffect[] = [];
  let isInterrupted = false;
  const advise = (event: ScheduleEvent) => {
    isInterrupted ||= event.type === "interrupt";
    const effects = schedule.next(event);
    due.push(...effects);
    const starting = effects.filter(({ type }) => type === "admit" || type === "resolve");
    if (isInterrupted) for (const { run } of starting) expect(of(run).runOn).toBe("always");
  };
  advise({ type: "begin" });
  const end = (run: string, status: RunStatus) => {
    expect(ends.has(run)).toBe(false);
    retrying.delete(run);
    ends.set(run, status);
    advise({ type: "ended", run, status });
  };
  const finish = (run: string) => {
    const attempt = (attempts.get(run) ?? 0) + 1;
    attempts.set(run, attempt);
    if (attempt > of(run).failures) return end(run, "success");
    if (attempt > of(run).retries || schedule.findRefusal(run) !== null) return end(run, "failed");
    retrying.add(run);
    advise({ type: "retrying", run });
  };
  for (let step = 0; due.length + running.length + retrying.size > 0; step++) {
    if (step === world.interruptAfter) advise({ type: "interrupt" });
    const effect = due.shift();
    if (effect === undefined) {
      const at = picks.next().value % (running.length + retrying.size);
      const [run] = running.splice(at, 1);
      const [retried] = retrying;
      if (run !== undefined) finish(run);
      else if (retried !== undefined && retrying.delete(retried)) {
        advise({ type: "queued", run: retried });
      }
      continue;
    }
    const { run } = effect;
    const { runOn, consumes } = of(run);
    const upstream = (needsOf[run] ?? []).map((need) => ends.get(need));
    if (effect.type === "resolve") {
      expect(upstream).not.toContain(undefined);
      if (runOn === "success" && consumes) for (const status of upstream) expect(status).toBe("success");
      advise({ type: "queued", run });
    } else if (effect.type === "admit") {
      running.push(run);
      expect(running.length).toBeLessThanOrEqual(world.maxParallel);
    } else if (!ends.has(run)) {
      expect([runOn, effect.type]).not.toEqual(["always", "skip"]);
      end(run, { skip: "skipped", cancel: "cancelled", giveUp: "failed" }[effect.type] as RunStatus);
    }
  }
  expect(ends.size).toBe(runs.length);
  return ends;
}

describe("Schedule", () => {
  it("brings every run of any graph to exactly one end, never early, never too many at once", () => {
    fc.assert(
      fc.property(worlds, (world) => void walk(world)),
      { numRuns: 500 },
    );
  });

  it("ends every run as its needs say, in whatever order they end", () => {
    const undisturbed = worlds.map((world) => ({ ...world, onFailure: "continue" as const, interruptAfter: null }));
    fc.assert(
      fc.property(undisturbed, (world) => {
        expect(Object.fromEntries(walk(world))).toEqual(judgeAll(world.runs));
      }),
      { numRuns: 500 },
    );
  });
});
