import { existsSync } from "node:fs";
import { RefusalError } from "../../core/error/refusal-error.ts";
import { RegistryError } from "../../core/error/registry-error.ts";
import { describeOwner } from "../../core/ownership.ts";
import type { RegistryReader } from "../../core/port/registry.ts";
import type { SessionSummary } from "../../core/port/registry-lists.ts";
import type { StateFolders } from "../../core/port/runner.ts";
import { isDone, type RunRecord, type SessionStatus } from "../../core/run.ts";
import type { SessionId } from "../../core/run-id.ts";
import { listUpstream } from "../../core/select-reads.ts";
import { formatLocalTime } from "../../core/text/local-time.ts";
import { findUnlogged } from "../../explain/logged-outputs.ts";
import { findUnloggedVerdict } from "../../explain/logged-statements.ts";
import { indexTaints } from "../../explain/taint.ts";
import type { PlannedRun } from "../../plan/plan.ts";
import { keyPath } from "../../runners/keyed-digest.ts";
import { formatFormer, refuseFormer } from "../home/home-state.ts";
import { type KeptPlan, KeptPlanError, keptPlanPath } from "../kept-plan/keep-plan.ts";
import { hasOtherKey, listChangedVariables } from "../kept-plan/kept-variables.ts";
import { readLoggedOrigin } from "../kept-plan/logged-origin.ts";
import { findStrangePlace, type PlaceContext } from "../kept-plan/own-place.ts";
import { readKeptPlan } from "../kept-plan/read-kept-plan.ts";
import { findConsumed, refuseGiven } from "../prepare/refuse-tainted.ts";
import { findVacancy } from "../session/session-lease.ts";

/** Why a session can't be resumed. */
export class NotResumableError extends RefusalError<
  | "session-closable"
  | "session-over"
  | "session-owned"
  | "session-rolled-back"
  | "version-tainted"
  | "version-unlogged"
  | "version-misplaced"
  | "session-succeeded"
  | "session-without-plan"
  | "plan-unusable"
  | "variables-changed"
  | "variables-key"
> {}

/** To pass such a session over would hide that it is unfinished. */
const MUST_BE_TOLD: ReadonlySet<NotResumableError["code"]> = new Set([
  "plan-unusable",
  "variables-changed",
  "variables-key",
  "version-tainted",
  "version-unlogged",
  "version-misplaced",
]);

interface Candidate {
  session_id: SessionId;
  status: SessionStatus;
}

export interface ResumableSearch {
  folders: StateFolders;
  nowMs: number;
  environment: Readonly<Record<string, string | undefined>>;
}

/** The plan of a session that can be resumed. Throws NotResumableError. */
export function readResumable(reader: RegistryReader, candidate: Candidate, search: ResumableSearch): KeptPlan {
  const { session_id, status } = candidate;
  refuseFormer({ registry: reader, folders: search.folders }, session_id);
  refuseOver(reader, session_id);
  const head = reader.findSessionHead(session_id);
  refuseOwned(reader, session_id, search.nowMs);
  if (head?.workflow_file === null && status === "running") refuseClosable(session_id, search);
  const kept = readPlanOf(reader, session_id, search);
  refuseBad({ registry: reader, folders: search.folders }, session_id, kept.plan.runs);
  return kept;
}

/**
 * Throws NotResumableError for a session that has no work left. Called again in the transaction that takes a session
 * over, as another process may have finished it since.
 */
export function refuseOver(reader: RegistryReader, sessionId: SessionId): void {
  const head = reader.findSessionHead(sessionId);
  if (head?.status === "success") {
    throw new NotResumableError("session-succeeded", `session ${sessionId} has succeeded`, null);
  }
  if (head?.rollback == null) return;
  const message = `session ${sessionId} was rolled back: it can't be resumed`;
  throw new NotResumableError("session-rolled-back", message, "run the workflow file again");
}

/** A script decides on its runs as it goes: its session can't go on, but the record can be closed. */
function refuseClosable(sessionId: SessionId, { folders }: ResumableSearch): void {
  if (existsSync(keptPlanPath(folders, sessionId))) return;
  const message = `session ${sessionId} is of a script that was cut off: there is no plan to continue`;
  const hint = `\`runweave resume ${sessionId}\` closes it; then start the script again`;
  throw new NotResumableError("session-closable", message, hint);
}

function readPlanOf(reader: RegistryReader, session_id: SessionId, search: ResumableSearch): KeptPlan {
  try {
    const origin = readLoggedOrigin(reader, session_id);
    const kept = readKeptPlan(search.folders, { session_id, origin });
    refuseOtherVariables(kept, search);
    return kept;
  } catch (error) {
    if (!(error instanceof KeptPlanError)) throw error;
    throw describePlanFault(session_id, error);
  }
}

/** With another value the rest of the session would not be what it was started to be. */
function refuseOtherVariables(kept: KeptPlan, { folders, environment }: ResumableSearch): void {
  const { session_id, variables } = kept;
  if (hasOtherKey(kept, folders.root)) {
    const what = `it can't be told whether ${Object.keys(variables).join(", ")} are as session ${session_id} had them`;
    const message = `${what}: ${keyPath(folders.root)} is not the key that they were noted with`;
    throw new NotResumableError(
      "variables-key",
      message,
      `put that file back, or run the workflow file again; ${formatEnd(session_id)}`,
    );
  }
  const changed = listChangedVariables(variables, { environment, stateFolder: folders.root });
  if (changed.length === 0) return;
  const message = `session ${session_id} was started with other values of ${changed.join(", ")}`;
  const hint = "set them to the same values: the session's runs use them, and runweave does not keep the values";
  throw new NotResumableError("variables-changed", message, hint);
}

/** Refuses to go on if a run that is left would read a version that is tainted, differs from the log, or lies where its run may not save. */
function refuseBad(context: PlaceContext, sessionId: SessionId, runs: readonly PlannedRun[]): void {
  const reader = context.registry;
  const records = new Map((reader.findSession(sessionId)?.runs ?? []).map((record) => [record.run, record]));
  const left = runs.filter(({ run }) => !isDone(records.get(run)?.status ?? "pending"));
  refuseUnlogged(left, records, context);
  const unlogged = findUnloggedVerdict(reader);
  if (unlogged !== null) throw new NotResumableError("version-unlogged", unlogged, "run the workflow again");
  const taints = indexTaints(reader);
  if (taints.isEmpty) return;
  const consumed = left.flatMap((run) => findConsumed(run, { records, taints }));
  const [first] = [...consumed, ...refuseGiven(left, reader, taints)];
  if (first !== undefined) throw new NotResumableError("version-tainted", first.message, first.hint);
}

/** Runs that are left to do read the versions in the log of their upstream runs. */
function refuseUnlogged(
  left: readonly PlannedRun[],
  records: ReadonlyMap<string, RunRecord>,
  context: PlaceContext,
): void {
  const writers = new Set(left.flatMap(listUpstream));
  for (const writer of writers) {
    const { run_id = null, status = "pending", outputs = {} } = records.get(writer) ?? {};
    if (run_id === null || !isDone(status)) continue;
    const unlogged = findUnlogged(context.registry, run_id);
    if (unlogged !== null) throw new NotResumableError("version-unlogged", unlogged, "run the workflow again");
    const strange = findStrangePlace(outputs, run_id, context);
    if (strange !== null) throw new NotResumableError("version-misplaced", strange, "run the workflow again");
  }
}

/** Refusal without a session to resume; `sessions` are those that can be resumed if they are named. */
export interface NothingToResume {
  message: string;
  sessions: SessionSummary[];
}

/** Failed and cancelled sessions whose plans are read, to tell which can be resumed. */
const LOOKED_AT = 20;

/**
 * What `resume` means without a session: the newest one whose process is gone, else the newest of all if it has failed or was
 * cancelled. Or why there is none: only such as a script has decided on are unfinished, or they are run by other processes.
 */
export function findResumable(reader: RegistryReader, search: ResumableSearch): KeptPlan | NothingToResume {
  const cutOff = reader.listSessions({ status: "running" });
  const [newest] = reader.listSessions({ limit: 1 });
  const failed = newest?.status === "failed" || newest?.status === "cancelled" ? [newest] : [];
  let [owned, closable]: (string | null)[] = [null, null];
  const context = { registry: reader, folders: search.folders };
  const isFormer = ({ session_id }: Candidate) => formatFormer(context, session_id) !== null;
  const candidates = Map.groupBy([...cutOff, ...failed], isFormer);
  // A copied session is named only if no other session has work left.
  for (const candidate of [...(candidates.get(false) ?? []), ...(candidates.get(true) ?? [])]) {
    try {
      return readResumable(reader, candidate, search);
    } catch (error) {
      if (!(error instanceof NotResumableError) || MUST_BE_TOLD.has(error.code)) throw error;
      if (error.code === "session-owned") owned ??= error.message;
      if (error.code === "session-closable") closable ??= `${error.message}. ${error.hint}`;
    }
  }
  const sessions = listResumable(reader, search).filter((session) => !isFormer(session));
  const nothing = sessions.length === 0 ? "no session of this registry is unfinished" : describeEnded(newest);
  return { message: closable ?? owned ?? nothing, sessions };
}

function describeEnded(newest: SessionSummary | undefined): string {
  return newest === undefined
    ? "no session is unfinished"
    : `the newest session, ${newest.session_id}, has ended: ${newest.status}`;
}

/** Sessions that failed or were cancelled before the newest one and can be resumed, newest first. */
function listResumable(reader: RegistryReader, search: ResumableSearch): SessionSummary[] {
  const ended = reader.listSessions({ status: ["failed", "cancelled"], limit: LOOKED_AT });
  return ended.filter((session) => canBeResumed(reader, session, search));
}

function canBeResumed(reader: RegistryReader, session: SessionSummary, search: ResumableSearch): boolean {
  try {
    readResumable(reader, session, search);
    return true;
  } catch (error) {
    if (error instanceof NotResumableError) return MUST_BE_TOLD.has(error.code);
    if (error instanceof RegistryError) return false;
    throw error;
  }
}

/** Throws NotResumableError if a process works on the session. Returns the epoch that the next owner follows. */
export function refuseOwned(reader: RegistryReader, sessionId: SessionId, nowMs: number): number {
  return findVacancy(reader, sessionId, {
    nowMs,
    refuse: ({ owner, lease_until }) => {
      const message = `session ${sessionId} is run by ${describeOwner(owner)}, at least until ${formatLocalTime(lease_until)}`;
      const hint = `\`runweave show ${sessionId}\` shows how far it is, \`runweave cancel ${sessionId}\` ends it`;
      throw new NotResumableError("session-owned", message, hint);
    },
  });
}

function describePlanFault(sessionId: SessionId, { missing, message }: KeptPlanError): NotResumableError {
  if (!missing)
    return new NotResumableError("plan-unusable", message, `run the workflow file again; ${formatEnd(sessionId)}`);
  const why = "a script decided its runs, or an older runweave ran it";
  const what = `session ${sessionId} has no plan to continue: ${why}`;
  return new NotResumableError("session-without-plan", what, "run the script, or the workflow file, again");
}

function formatEnd(sessionId: SessionId): string {
  return `\`runweave cancel ${sessionId}\` ends this session if it is still open`;
}
