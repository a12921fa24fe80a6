import type { ProjectFacts } from "../../core/project-facts.ts";
import type { WorkflowDefinition } from "../../define/definition.ts";
import type { Findings } from "../findings.ts";
import type { RunGraph } from "../graph.ts";
import { listWrites } from "../places/settle-reads.ts";
import type { PlannedRun } from "../plan.ts";
import { baseName } from "../transcoding.ts";

/** Largest number of candidates for a hint: thousands of arms may write. */
const MAX_CANDIDATES = 20;

/** A workflow beside what its project says. Runs are in plan order. */
export interface CheckSubject {
  definition: WorkflowDefinition;
  runs: readonly PlannedRun[];
  graph: RunGraph;
  facts: ProjectFacts;
}

export interface CheckContext extends CheckSubject {
  findings: Findings;
  /** A run that makes a dataset and that `reader` could consume it from. */
  findMaker(reader: PlannedRun, dataset: string): PlannedRun | null;
}

/** Looks runs up by what they write; the index is made at the first question, for most plans ask none. */
export function createMakerFinder({ runs, graph }: CheckSubject): CheckContext["findMaker"] {
  let makers: Map<string, PlannedRun[]> | null = null;
  return (reader, dataset) => {
    makers ??= indexMakers(runs);
    const candidates = makers.get(baseName(dataset)) ?? [];
    return candidates.find((maker) => maker !== reader && !graph.reaches(reader.run, maker.run)) ?? null;
  };
}

function indexMakers(runs: readonly PlannedRun[]): Map<string, PlannedRun[]> {
  const makers = new Map<string, PlannedRun[]>();
  for (const run of runs) {
    for (const base of new Set(listWrites(run).map(baseName))) {
      const known = makers.get(base);
      if (known === undefined) makers.set(base, [run]);
      else if (known.length < MAX_CANDIDATES) known.push(run);
    }
  }
  return makers;
}
