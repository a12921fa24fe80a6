import type { FaultRule } from "../../core/answer/fault.ts";
import type { DurationSource, PolicyForecast, Simulation } from "../../core/answer/simulation.ts";
import type { OnFailure } from "../../core/run.ts";
import {
  countSessions,
  countSucceeded,
  forecastRuns,
  measureUtilisation,
  spreadOf,
  type Trial,
} from "../../hosts/simulated/summarize-trials.ts";
import type { Plan, PlannedRun } from "../../plan/plan.ts";
import { createMemoryRegistry } from "../../record/memory/registry.ts";
import type { PastDurations } from "./past-durations.ts";
import { simulateSession } from "./simulate-session.ts";

export interface SimulatePlanOptions {
  plan: Plan;
  seed: string;
  /** Null for as many as a person waits for: at most 200. */
  trials: number | null;
  maxParallel: number;
  faults: readonly FaultRule[];
  /** The same, as they were written. */
  faultTexts: readonly string[];
  past: PastDurations;
  /** Asked between trials: rejects with its reason. */
  signal?: AbortSignal;
}

/** Duration of runs without a known one: a minute. */
export const ASSUMED_MS = 60_000;
const MOST_TRIALS = 200;
/** Simulated runs for each policy: all of it takes some seconds. */
const RUNS_WORTH_IT = 20_000;
const SUPPOSED_RETRIES = 2;

type Policy = Pick<PolicyForecast, "on_failure" | "retries">;

/** Simulates many sessions of a plan, and a few under each other policy, and says what became of them. */
export async function simulatePlan(options: SimulatePlanOptions): Promise<Simulation> {
  const { plan, seed, maxParallel, faults, past } = options;
  const trialCount = options.trials ?? chooseTrials(plan.runs.length);
  const sources = new Map(plan.runs.map(({ run }) => [run, sourceOf(run, { faults, past })]));
  const runTrials = (changed: Plan) => runAll(changed, { ...options, trials: trialCount });
  const declared: Policy = { on_failure: plan.onFailure, retries: null };
  const trials = await runTrials(plan);
  const policies: PolicyForecast[] = [];
  for (const policy of listPolicies(plan)) policies.push(forecast(policy, await runTrials(applyPolicy(plan, policy))));
  const runs = forecastRuns(plan.runs, trials);
  return {
    workflow: plan.workflow,
    seed,
    trials: trialCount,
    max_parallel: maxParallel,
    faults: [...options.faultTexts],
    forecast: { ...forecast(declared, trials), declared: true },
    utilisation: measureUtilisation(trials, maxParallel),
    runs: runs.map(({ run, ...rest }) => ({ run, duration_from: sources.get(run) ?? "assumed", ...rest })),
    policies,
  };
}

/** As many as a person waits for without being asked. */
export function chooseTrials(runCount: number): number {
  return Math.min(MOST_TRIALS, Math.max(1, Math.ceil(RUNS_WORTH_IT / runCount)));
}

async function runAll(
  plan: Plan,
  { seed, trials, maxParallel, faults, past, signal }: SimulatePlanOptions & { trials: number },
): Promise<Trial[]> {
  const durations = (run: string) => past.get(run) ?? [ASSUMED_MS];
  const done: Trial[] = [];
  for (let trial = 1; trial <= trials; trial++) {
    signal?.throwIfAborted();
    const registry = createMemoryRegistry();
    const options = { plan, seed: `${seed}/${trial}`, maxParallel, faults, durations, registry };
    const { status, makespanMs, spans } = await simulateSession(options);
    done.push({ status, makespanMs, spans });
  }
  return done;
}

function sourceOf(run: string, { faults, past }: Pick<SimulatePlanOptions, "faults" | "past">): DurationSource {
  if (faults.some((rule) => rule.kind === "takes" && rule.runs.includes(run))) return "faults";
  return past.has(run) ? "history" : "assumed";
}

function forecast(policy: Policy, trials: readonly Trial[]): PolicyForecast {
  return {
    ...policy,
    declared: false,
    sessions: countSessions(trials),
    makespan_ms: spreadOf(trials.map(({ makespanMs }) => makespanMs)),
    succeeded_runs: countSucceeded(trials),
  };
}

/** All but the one that the workflow declares. */
function listPolicies({ onFailure, runs }: Plan): Policy[] {
  const other: OnFailure = onFailure === "continue" ? "fail-fast" : "continue";
  const ofFailure: Policy[] = [
    { on_failure: onFailure, retries: null },
    { on_failure: other, retries: null },
  ];
  const canRetry = runs.some(({ policy }) => (policy.retries?.max ?? 0) < SUPPOSED_RETRIES);
  const retried = canRetry ? ofFailure.map((policy) => ({ ...policy, retries: SUPPOSED_RETRIES })) : [];
  return [...ofFailure.slice(1), ...retried];
}

function applyPolicy(plan: Plan, { on_failure, retries }: Policy): Plan {
  if (retries === null) return { ...plan, onFailure: on_failure };
  return { ...plan, onFailure: on_failure, runs: plan.runs.map((run) => retryMore(run, retries)) };
}

/** As its own policy says, but up to `max` times. */
function retryMore(run: PlannedRun, max: number): PlannedRun {
  const declared = run.policy.retries ?? { max, initialMs: 0, factor: 1, maxMs: 0, jitter: false, on: null };
  return { ...run, policy: { ...run.policy, retries: { ...declared, max: Math.max(declared.max, max) } } };
}
