import type { ReplayPreview } from "../../core/answer/replay.ts";
import type { RegistryReader } from "../../core/port/registry.ts";
import type { Read } from "../../core/read.ts";
import { spreadOf } from "../../hosts/simulated/summarize-trials.ts";
import type { Plan, PlannedRun } from "../../plan/plan.ts";
import { createMemoryRegistry } from "../../record/memory/registry.ts";
import { type PastDurations, readPastDurations } from "../simulate/past-durations.ts";
import { ASSUMED_MS } from "../simulate/simulate-plan.ts";
import { simulateSession } from "../simulate/simulate-session.ts";
import { chooseParallelism } from "../workspace.ts";
import type { PreparedReplay } from "./prepare-replay.ts";

const TRIALS = 9;

/** Predicts a replay, and its duration by those of earlier sessions. Executes no run. */
export async function previewReplay(
  { plan, origin }: PreparedReplay,
  { registry, maxParallel }: { registry: RegistryReader; maxParallel: number | null },
): Promise<ReplayPreview> {
  const past = readPastDurations(registry, plan);
  const parallel = chooseParallelism(plan, maxParallel);
  const least = plan.runs.filter(({ replay }) => replay?.action === "run");
  const most = plan.runs.filter(({ replay }) => replay?.action !== "link");
  const about = { plan, past, parallel };
  return {
    replay_of: origin,
    workflow: plan.workflow,
    runs: plan.runs.map(({ run, replay }) => {
      const { action, run_id, reason } = replay ?? { action: "run" as const, run_id: null, reason: "it is new" };
      return { run, action, run_id, reason, duration_ms: action === "link" ? null : findMedian(past, run) };
    }),
    least_ms: await estimateMs(least, about),
    most_ms: await estimateMs(most, about),
    unknown_durations: most.flatMap(({ run }) => (past.has(run) ? [] : [run])),
    assumed_ms: ASSUMED_MS,
  };
}

function findMedian(past: PastDurations, run: string): number | null {
  const samples = past.get(run) ?? [];
  return samples.length === 0 ? null : spreadOf(samples).p50;
}

/** The median of some simulated sessions of these runs alone. */
async function estimateMs(
  runs: readonly PlannedRun[],
  { plan, past, parallel }: { plan: Plan; past: PastDurations; parallel: number },
): Promise<number> {
  if (runs.length === 0) return 0;
  const names = new Set(runs.map(({ run }) => run));
  const alone = { ...plan, runs: runs.map((run) => detach(run, names)) };
  const durations = (run: string) => past.get(run) ?? [ASSUMED_MS];
  const makespans: number[] = [];
  for (let trial = 1; trial <= TRIALS; trial++) {
    const registry = createMemoryRegistry();
    const simulated = { plan: alone, seed: `${trial}`, maxParallel: parallel, faults: [], durations, registry };
    makespans.push((await simulateSession(simulated)).makespanMs);
  }
  return spreadOf(makespans).p50;
}

/** Drops the dependencies on linked runs: their results exist already. */
function detach({ replay: _, ...run }: PlannedRun, names: ReadonlySet<string>): PlannedRun {
  const isLeft = (read: Read) => read.rule !== "consumed" || names.has(read.run);
  const reads = Object.fromEntries(Object.entries(run.reads).filter(([, read]) => isLeft(read)));
  return { ...run, reads, needs: run.needs.filter((need) => names.has(need)), work: null };
}
