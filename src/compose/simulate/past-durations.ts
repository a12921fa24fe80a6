import type { RegistryReader } from "../../core/port/registry.ts";
import type { Plan, PlannedRun } from "../../plan/plan.ts";
import { declaredName } from "../../report/live/progress-state.ts";

/** Largest number of past durations per run: older ones tell little. */
const RUNS_READ = 5_000;
const SAMPLES_KEPT = 50;

/** How long the runs of a plan took before, in milliseconds, ascending: as this very run, else as any arm of the same name. */
export type PastDurations = ReadonlyMap<string, readonly number[]>;

/**
 * Returns the last successes of each run of the workflow; a run that never succeeded has none. A reused result has the
 * duration of the attempt that made it, in any workflow.
 */
export function readPastDurations(registry: RegistryReader | null, { workflow, file, runs }: Plan): PastDurations {
  const list = (status: "success" | "reused") =>
    registry?.runPage({ workflow, workflow_file: file, status }, { after: null, limit: RUNS_READ }).items ?? [];
  const attempts = new Map([...list("success"), ...list("reused")].map((record) => [record.run_id, record]));
  const byRun = new Map<string, number[]>();
  const byName = new Map<string, number[]>();
  for (const { run, duration_ms } of attempts.values()) {
    if (duration_ms === null) continue;
    keep(byRun, run, duration_ms);
    keep(byName, declaredName(run), duration_ms);
  }
  return new Map(runs.flatMap((run) => findSamples(run, { byRun, byName })));
}

function findSamples(
  { run, definition }: PlannedRun,
  { byRun, byName }: { byRun: Map<string, number[]>; byName: Map<string, number[]> },
): [string, number[]][] {
  const samples = byRun.get(run) ?? byName.get(definition.name);
  return samples === undefined ? [] : [[run, samples.toSorted((a, b) => a - b)]];
}

function keep(samples: Map<string, number[]>, name: string, durationMs: number): void {
  const kept = samples.get(name) ?? [];
  samples.set(name, kept);
  if (kept.length < SAMPLES_KEPT) kept.push(durationMs);
}
