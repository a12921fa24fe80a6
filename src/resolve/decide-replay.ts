import type { ResolvedRun } from "../core/port/runner.ts";
import type { GivenData } from "../core/read.ts";
import type { RunId } from "../core/run-id.ts";
import { listInputs } from "../core/select-reads.ts";
import type { PlannedReplay } from "../plan/plan.ts";
import { type Digest, identifyInput } from "./fingerprint.ts";

/** Reads of a run of a replay, settled. */
export interface ReplayReads {
  resolved: Pick<ResolvedRun, "reads">;
  /** Attempts that stand for runs of this session, by run. */
  upstream: ReadonlyMap<string, { run_id: RunId }>;
  digest: Digest;
}

/**
 * Decides whether a run's earlier result is linked, or the run is executed; with the reason, as a clause for people.
 */
export function decideReplay(
  replay: PlannedReplay,
  { resolved, upstream, digest }: ReplayReads,
): { isLinked: boolean; reason: string } {
  switch (replay.action) {
    case "run":
      return { isLinked: false, reason: replay.reason };
    case "link":
      return { isLinked: true, reason: replay.reason };
    case "compare":
      return compare(replay, { resolved, upstream, digest });
    default:
      return replay.action satisfies never;
  }
}

function compare({ inputs, needs, run_id }: PlannedReplay, { resolved, upstream, digest }: ReplayReads) {
  for (const [run, then] of Object.entries(needs)) {
    if (upstream.get(run)?.run_id !== then)
      return { isLinked: false, reason: `${run}, which it waits for, was executed again` };
  }
  for (const [dataset, input] of listInputs(resolved)) {
    const then = Object.hasOwn(inputs, dataset) ? inputs[dataset] : undefined;
    if (then === undefined || identifyRead(input, digest) !== then)
      return { isLinked: false, reason: `the content of '${dataset}' has changed since ${run_id}` };
  }
  return { isLinked: true, reason: `all its inputs are equal to those of ${run_id}` };
}

/** Identity of a version by content, and by how it is read. Null where runweave can't look. */
export function identifyRead(input: Pick<GivenData, "version" | "as">, digest: Digest): string | null {
  return input.version.hash === null ? null : identifyInput(input, digest);
}
