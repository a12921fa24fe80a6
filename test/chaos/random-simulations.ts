import fc from "fast-check";
import type { SimulationOptions } from "../../src/compose/simulate/simulate-session.ts";
import type { FaultRule, Often } from "../../src/core/answer/fault.ts";
import { DEFAULT_POLICY, type RetryPolicy, type RunOn } from "../../src/core/run-policy.ts";
import type { Plan, PlannedRun } from "../../src/plan/plan.ts";
import { plannedRun, planOf } from "../rig/plans.ts";

const MOST_RUNS = 7;
const minute = fc.integer({ min: 1, max: 20 }).map((minutes) => minutes * 60_000);
const names = Array.from({ length: MOST_RUNS }, (_, index) => `r${index}`);

const retries: fc.Arbitrary<RetryPolicy | null> = fc.option(
  fc.record({
    max: fc.integer({ min: 0, max: 3 }),
    initialMs: fc.constantFrom(0, 1000, 600_000),
    factor: fc.constantFrom(1, 2),
    maxMs: fc.constantFrom(0, 1_200_000),
    jitter: fc.boolean(),
    on: fc.option(fc.constantFrom(["OSError"], ["Error", "OutputMissing"]), { freq: 4 }),
  }),
);

const policy = fc.record({
  retries,
  allowFailure: fc.boolean(),
  cleanup: fc.constant("keep" as const),
  runOn: fc.constantFrom<RunOn>("success", "success", "success", "failure", "always"),
});

/** One run that may need and consume from those before it. */
const shape = fc.record({
  upstream: fc.array(fc.record({ back: fc.integer({ min: 1, max: 3 }), isConsumed: fc.boolean() }), { maxLength: 3 }),
  policy: fc.oneof({ weight: 2, arbitrary: fc.constant(DEFAULT_POLICY) }, { weight: 1, arbitrary: policy }),
  timeoutMs: fc.option(minute, { freq: 3 }),
});

/** A plan of up to seven runs with any policies. */
export const anyPlan: fc.Arbitrary<Plan> = fc
  .record({
    shapes: fc.array(shape, { minLength: 1, maxLength: MOST_RUNS }),
    onFailure: fc.constantFrom("fail-fast" as const, "continue" as const),
  })
  .map(({ shapes, onFailure }) => planOf(shapes.map(toRun), { onFailure }));

function toRun({ upstream, policy, timeoutMs }: Shape, index: number): PlannedRun {
  const edges = upstream.filter(({ back }) => back <= index).map((edge) => ({ ...edge, run: `r${index - edge.back}` }));
  const consumed = edges.filter(({ isConsumed }) => isConsumed);
  const consumes = consumed.map(({ run }) => [`from_${run}`, { run, dataset: "table", as: "upstream" }] as const);
  const needs = [...new Set(edges.map(({ run }) => run))];
  const parts = { needs, consumes: Object.fromEntries(consumes), writes: ["table"], policy, timeoutMs };
  return plannedRun(`r${index}`, parts);
}

type Shape = typeof shape extends fc.Arbitrary<infer T> ? T : never;

const often: fc.Arbitrary<Often> = fc.oneof(
  fc.integer({ min: 1, max: 4 }).map((times) => ({ times })),
  fc.constantFrom({ times: Number.POSITIVE_INFINITY }, { chance: 0.3 }),
);
const some = fc.uniqueArray(fc.constantFrom(...names), { minLength: 1, maxLength: 3 });
const afterMs = fc.option(minute.map((ms) => ({ leastMs: ms, mostMs: ms })));
const strike = fc
  .record({
    runs: some,
    often,
    fault: fc.oneof(
      fc.record({ kind: fc.constant("fails" as const), type: fc.constantFrom("OSError", "ValueError"), afterMs }),
      fc.record({ kind: fc.constant("dies" as const), afterMs }),
      fc.constant({ kind: "loses" as const }),
    ),
  })
  .map((rule): FaultRule => ({ kind: "strikes", ...rule }));
/** A run that hangs ends by its timeout or not at all: only with an interrupt do sessions of it end. */
const atAnyTime = fc.oneof(
  minute.map((atMs) => ({ atMs })),
  fc.integer({ min: 1, max: MOST_RUNS }).map((afterRuns) => ({ afterRuns })),
);
const ofRuns: fc.Arbitrary<FaultRule> = fc.oneof(
  { weight: 4, arbitrary: strike },
  {
    weight: 1,
    arbitrary: some.map((runs): FaultRule => ({ kind: "stubborn", runs })),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(some, fc.constantFrom(0.1, 10))
      .map(([runs, factor]): FaultRule => ({ kind: "slower", runs, factor })),
  },
);
const ofSession: fc.Arbitrary<FaultRule> = fc.oneof(
  atAnyTime.map((moment): FaultRule => ({ kind: "interrupt", moment })),
  atAnyTime.map((moment): FaultRule => ({ kind: "kill", moment })),
  fc
    .tuple(atAnyTime, fc.constantFrom(-3_600_000, 3_600_000, -5))
    .map(([moment, byMs]): FaultRule => ({ kind: "clock", byMs, moment })),
);

/** Faults that leave a session able to end. */
export const anyFaults: fc.Arbitrary<FaultRule[]> = fc
  .tuple(fc.array(ofRuns, { maxLength: 4 }), fc.array(ofSession, { maxLength: 2 }))
  .map(([run, session]) => [...run, ...session]);

/** All of a simulated session but its registry. */
export const anySimulation: fc.Arbitrary<Omit<SimulationOptions, "registry">> = fc.record({
  plan: anyPlan,
  seed: fc.string({ maxLength: 4 }),
  maxParallel: fc.integer({ min: 1, max: 3 }),
  faults: anyFaults,
  durations: fc.constant(() => [1000, 600_000]),
});
