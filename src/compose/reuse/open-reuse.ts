import { createHash } from "node:crypto";
import { isAbsolute } from "node:path";
import type { Fingerprint, WorkDescription } from "../../core/fingerprint.ts";
import { isProcess } from "../../core/kinds.ts";
import type { RegistryReader, WorkflowKey } from "../../core/port/registry.ts";
import type { Task } from "../../core/port/runner.ts";
import { remember } from "../../core/remember.ts";
import type { RunRecord, VersionRecord } from "../../core/run.ts";
import type { RunId } from "../../core/run-id.ts";
import { formatDiscard } from "../../core/trash.ts";
import type { EarlierAttempt, ReusePort } from "../../execute/reuse.ts";
import { findUnlogged } from "../../explain/logged-outputs.ts";
import { findUnloggedVerdict } from "../../explain/logged-statements.ts";
import { type BadRun, describeBadRun, followTaints, indexTaints } from "../../explain/taint.ts";
import type { PlannedRun } from "../../plan/plan.ts";
import { describeDifference } from "../../resolve/fingerprint.ts";
import { kindOf } from "../../runners/task-kinds.ts";
import { readContentNow } from "../../versions/content-now.ts";
import { findWritten } from "../../versions/find-change.ts";
import { partitionSuffix } from "../../versions/partition-suffix.ts";
import { findStrangePlace, type PlaceContext } from "../kept-plan/own-place.ts";

/** Up to this size, a version is hashed again before it is reused; above, its size has to do until a reader hashes it. */
const HASHED_BYTES = 4_000_000;
const CANDIDATES_TRIED = 5;

export interface ReuseOptions extends PlaceContext {
  workflow: WorkflowKey;
}

/** Looks earlier results up in a registry, of the runs of one workflow. */
export function openReuse({ registry, workflow, folders }: ReuseOptions): ReusePort {
  const findTaint = openFinder(registry);
  const findVerdictDoubt = openVerdictCheck(registry);
  // Many runs may be alike. What is on disk, though, is looked at for each.
  const findCandidates = remember(registry, (digest) => listCandidates(registry, digest, findTaint));
  return {
    digest: hashText,
    find: (planned, { digest }) => {
      const isGood = ({ record }: Candidate) =>
        findLost(planned, record) === null && findDoubtful({ registry, folders }, record, digest) === null;
      const candidate = findVerdictDoubt() === null ? findCandidates(digest).find(isGood) : undefined;
      return candidate === undefined ? null : toEarlier(candidate.record, candidate.runId);
    },
    recall: (planned, runId) => {
      const record = registry.findRun(runId);
      if (record?.run_id !== runId || record.status !== "success") return null;
      const lost = findVerdictDoubt() === null ? findDoubtful({ registry, folders }, record) : DOUBTFUL_VERDICTS;
      return { attempt: toEarlier(record, runId), lost: lost ?? findLost(planned, record) };
    },
    explainMiss: (planned, fingerprint) =>
      explainMiss(planned, { fingerprint, registry, folders, workflow, findTaint, findVerdictDoubt }),
    findChanged,
  };
}

interface Candidate {
  runId: RunId;
  record: RunRecord;
}

/** Attempts whose result would do, as far as the registry knows. */
function listCandidates(registry: RegistryReader, digest: string, findTaint: FindTaint): Candidate[] {
  return registry.attemptsLike(digest, CANDIDATES_TRIED).flatMap((runId) => {
    const record = registry.findRun(runId);
    if (record?.run_id !== runId || isTakenBack(registry, record) || findTaint(record, runId) !== null) return [];
    return [{ runId, record }];
  });
}

/** True if the run's effects elsewhere were taken back with its session: only an execution has them again. */
function isTakenBack(registry: RegistryReader, { session_id }: RunRecord): boolean {
  return registry.findSessionHead(session_id)?.rollback != null;
}

type FindTaint = (record: RunRecord, runId: RunId) => BadRun | null;

/** Looks again at an attempt of a session that goes on, perhaps this one: it may have been recorded since. */
function openFinder(registry: RegistryReader): FindTaint {
  const follow = followTaints(registry);
  return ({ session_id }, runId) => {
    const taints = follow();
    const isNew = !taints.isEmpty && registry.findSessionHead(session_id)?.status === "running";
    return (isNew ? indexTaints(registry) : taints).ofRun(runId);
  };
}

/** Compares verdicts with the log again only if another process has written: what this one records agrees with its log. */
function openVerdictCheck(registry: RegistryReader): () => string | null {
  let known: { at: string; doubt: string | null } | null = null;
  return () => {
    const at = registry.othersMark();
    if (known?.at !== at) known = { at, doubt: findUnloggedVerdict(registry) };
    return known.doubt;
  };
}

export function hashText(text: string): string {
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}

function toEarlier({ run, outputs, load_versions, end_time }: RunRecord, run_id: RunId): EarlierAttempt {
  return { run, run_id, outputs, load_versions, end_time };
}

const DOUBTFUL_VERDICTS = "the record of tainted versions";

/** Null if the tables say of the attempt what the log says, and its versions are recorded where it may have saved them. */
function findDoubtful(context: PlaceContext, { run_id, outputs }: RunRecord, fingerprint?: string): string | null {
  if (run_id === null) return null;
  const isGood =
    findUnlogged(context.registry, run_id, fingerprint) === null && findStrangePlace(outputs, run_id, context) === null;
  return isGood ? null : `the record of ${run_id}`;
}

/** Finds an output of the earlier attempt that is missing or changed; null if there is none. */
function findLost({ task }: PlannedRun, { outputs, discarded, outputs_location }: RunRecord): string | null {
  if (discarded !== null) return outputs_location ?? "what it saved";
  for (const [dataset, version] of Object.entries(outputs)) {
    if (!isThere(version)) return version.location;
    // A captured file is the user's own: a run that is not executed does not write it again.
    const captured = isProcess(task) ? (task.outputs[dataset]?.path ?? null) : null;
    if (captured !== null && !isThere({ ...version, location: captured })) return captured;
  }
  return null;
}

/** True if a version is still as its writer saved it. */
function isThere({ location, bytes, hash, entry, beside }: VersionRecord): boolean {
  if (!isAbsolute(location)) return true;
  try {
    const now = readContentNow(location, { suffix: partitionSuffix(entry), beside, limit: HASHED_BYTES });
    if (bytes !== null && now.bytes !== bytes) return false;
    return hash === null || now.hash === null || now.hash === hash;
  } catch {
    return false;
  }
}

interface Miss extends ReuseOptions {
  fingerprint: Fingerprint;
  findTaint: FindTaint;
  /** Reason why the verdicts can't be trusted; null if there is none. */
  findVerdictDoubt(): string | null;
}

function explainMiss(
  planned: PlannedRun,
  { fingerprint, registry, folders, workflow, findTaint, findVerdictDoubt }: Miss,
): string {
  const [alike] = registry.attemptsLike(fingerprint.digest, 1);
  const record = alike === undefined ? null : registry.findRun(alike);
  const bad = alike === undefined || record === null ? null : findTaint(record, alike);
  if (bad !== null) return `${alike} could be reused, but ${describeBadRun(bad)}`;
  if (record !== null) {
    const { run_id, discarded } = record;
    if (run_id !== null && discarded !== null)
      return `${run_id} could be reused, but it ${formatDiscard({ run_id, ...discarded })}`;
    if (isTakenBack(registry, record))
      return `${run_id} could be reused, but its session ${record.session_id} was rolled back`;
    const doubtful = findDoubtful({ registry, folders }, record, fingerprint.digest);
    const verdicts = findVerdictDoubt() === null ? null : DOUBTFUL_VERDICTS;
    const lost = findLost(planned, record) ?? doubtful ?? verdicts ?? "what it saved";
    return `${record.run_id} could be reused, but ${lost} is gone or has changed`;
  }
  const latest = registry.latestFingerprint(workflow, planned.run);
  if (latest === null) return "new: nothing to reuse";
  const told = describeDifference(latest.parts, fingerprint.parts);
  const sides = told?.sides == null ? "" : `: ${told.sides}`;
  return `${told?.what ?? "something else has changed"} since ${latest.run_id}${sides}`;
}

/** Finds a file that changed while the run was under way: it is unknown which content the run read. */
async function findChanged({ task, work }: PlannedRun): Promise<string | null> {
  if (work === null) return null;
  const written = await findWritten(work.watched);
  if (written !== null) return `${written} has changed since the plan was made`;
  if (isUnchanged(task, work)) return null;
  return "the project's code or configuration has changed since the plan was made";
}

function isUnchanged(task: Task, { sources }: WorkDescription): boolean {
  return sources === null || sources === kindOf(task).sourcesOf(task)?.fingerprint();
}
