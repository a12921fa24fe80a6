import type { CacheMode, WorkDescription } from "../../core/fingerprint.ts";
import { isProcess } from "../../core/kinds.ts";
import type { ProjectFacts, WorkFacts } from "../../core/project-facts.ts";
import type { PlannedRun } from "../../plan/plan.ts";
import { describeKedro } from "./describe-kedro.ts";
import { createProcessDescriber, type DescribeProcess } from "./describe-process.ts";
import type { DescribedWork, DescribeOptions } from "./described-work.ts";
import { createProgramTeller } from "./identify-program.ts";

/** Choice of the command line on reuse. */
export interface CacheChoice {
  /** Mode for every run; undefined for that of the file. */
  mode?: CacheMode | undefined;
  /** Runs, or declared names of them, that are executed in any case; `true` for all. */
  fresh?: readonly string[] | true | undefined;
}

/** Mode in which results of a run may be reused. */
export function cacheModeOf({ definition }: Pick<PlannedRun, "definition">, { mode }: CacheChoice): CacheMode {
  return mode ?? definition.cache;
}

/** Adds to each run of a plan what its result depends on, if it may be reused. */
export async function describeWork(
  runs: readonly PlannedRun[],
  { facts, choice, ...options }: DescribeOptions & { facts: ProjectFacts; choice: CacheChoice },
): Promise<PlannedRun[]> {
  const described: PlannedRun[] = [];
  const describeProcess = createProcessDescriber({ ...options, identify: createProgramTeller(options) });
  for (const run of runs) {
    const mode = cacheModeOf(run, choice);
    if (mode === "off") described.push(run);
    else {
      const work = await describe(run, facts, { ...options, describeProcess });
      described.push({ ...run, work: { mode, fresh: isFresh(run, choice), ...work } satisfies WorkDescription });
    }
  }
  options.content.save();
  return described;
}

async function describe(
  run: PlannedRun,
  facts: ProjectFacts,
  { describeProcess, ...options }: DescribeOptions & { describeProcess: DescribeProcess },
): Promise<DescribedWork> {
  const { task } = run;
  if (isProcess(task)) return await describeProcess({ ...run, task });
  const slice = facts.get(run.run);
  if (slice?.work === undefined) return unknownWork("its project did not report its code");
  const known = { ...slice, work: slice.work satisfies WorkFacts };
  return await describeKedro({ ...run, task }, { ...options, facts: known });
}

function unknownWork(obstacle: string): DescribedWork {
  const parts = { task: {}, environment: {}, code: {}, parameters: {}, catalog: {}, inputs: {} };
  return { parts, watched: [], sources: null, obstacles: [obstacle] };
}

function isFresh({ run, definition }: PlannedRun, { fresh = [] }: CacheChoice): boolean {
  return fresh === true || fresh.includes(run) || fresh.includes(definition.name);
}
