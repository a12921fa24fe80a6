import { accept, type Checked, type Problem, problemAt } from "../core/error/problem.ts";
import type { EarlierAttempts, ResolvedRun } from "../core/port/runner.ts";
import type { ConsumedRead, ConsumedVersion, Read, ResolvedRead } from "../core/read.ts";
import type { VersionRecord } from "../core/run.ts";
import type { RunId, SessionId } from "../core/run-id.ts";
import type { PlannedRun } from "../plan/plan.ts";
import { findVersion } from "./find-version.ts";

/** A succeeded attempt whose versions may be consumed. */
export interface UpstreamAttempt {
  run: string;
  run_id: RunId;
  outputs: Record<string, VersionRecord>;
  /** True if the session reused what the run had saved before; default: it was executed. */
  reused?: boolean;
}

export interface ResolveOptions {
  sessionId: SessionId;
  runId: RunId;
  attempt: number;
  totalRuns: number;
  /** Succeeded attempts by run name: failed and cut off ones are never consumed. */
  upstream: ReadonlyMap<string, UpstreamAttempt>;
  /** Earlier attempts of the run that it may go on from; default: none. */
  resumes?: EarlierAttempts | null;
}

/**
 * Settles every read of a run: consumed datasets are pinned to the version that the upstream run saved, its own to its
 * own run_id, all others stay at the version that planning saw. No read is left to mean "latest". Errors: `not-succeeded`,
 * if an upstream run has no succeeded attempt; `missing-output`, if it saved no such dataset.
 */
export function resolveRun(planned: PlannedRun, options: ResolveOptions): Checked<ResolvedRun> {
  const problems: Problem[] = [];
  const reads: [string, ResolvedRead][] = [];
  for (const [dataset, read] of Object.entries(planned.reads)) {
    const settled = resolveRead(planned.run, { dataset, read }, options);
    if (settled.ok) reads.push([dataset, settled.value]);
    else problems.push(...settled.problems);
  }
  return problems.length > 0 ? { ok: false, problems } : accept(describeRun(planned, options, reads));
}

interface Named<T extends Read> {
  dataset: string;
  read: T;
}

function resolveRead(run: string, { dataset, read }: Named<Read>, options: ResolveOptions): Checked<ResolvedRead> {
  switch (read.rule) {
    case "consumed":
      return consume(run, { dataset, read }, options);
    case "own":
      return accept({ ...read, version: options.runId });
    default:
      return accept(read);
  }
}

function consume(
  reader: string,
  { dataset, read: { run, dataset: from_dataset, ...read } }: Named<ConsumedRead>,
  { upstream, sessionId }: ResolveOptions,
): Checked<ConsumedVersion> {
  const attempt = upstream.get(run);
  if (attempt === undefined) {
    const message = `${reader} consumes ${dataset} from ${run}, which has no succeeded attempt`;
    return { ok: false, problems: [problemAt(null, "not-succeeded", message)] };
  }
  const version = findVersion(attempt.outputs, from_dataset);
  if (version === null) {
    const saved = Object.keys(attempt.outputs).join(", ") || "nothing";
    const message = `${reader} consumes ${from_dataset} from ${run} (${attempt.run_id}), which did not save it`;
    return { ok: false, problems: [problemAt(null, "missing-output", message, `it saved: ${saved}`)] };
  }
  // The session is named, as a later session that reuses the run shows this pin too.
  const how = attempt.reused
    ? `whose earlier result session ${sessionId} reused`
    : `which saved it in session ${sessionId}`;
  const reason = `consumes ${from_dataset} from ${run}, ${how}`;
  const vouched = attempt.run_id === version.version ? {} : { vouched_by: attempt.run_id };
  return accept({ ...read, from_run: run, from_dataset, version, reason, ...vouched });
}

function describeRun(
  planned: PlannedRun,
  options: ResolveOptions,
  reads: readonly (readonly [string, ResolvedRead])[],
): ResolvedRun {
  const { keepWorkerMs } = planned.policy;
  return {
    session_id: options.sessionId,
    run: planned.run,
    run_id: options.runId,
    attempt: options.attempt,
    run_index: planned.index,
    total_runs: options.totalRuns,
    task: planned.task,
    reads: Object.fromEntries(reads),
    saves: planned.saves ?? null,
    places: planned.places ?? [],
    resumes: options.resumes ?? null,
    timeoutMs: planned.timeoutMs,
    ...(keepWorkerMs === undefined ? {} : { keepWorkerMs }),
  } as ResolvedRun;
}
