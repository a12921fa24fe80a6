import type { Requester } from "../core/control-request.ts";
import { renewCodes } from "../core/error/renew-codes.ts";
import type { VersionVerdict } from "../core/event/verdict-event.ts";
import { areFilesBeside } from "../core/files-beside.ts";
import type { SessionOwnership } from "../core/ownership.ts";
import type {
  AliasMove,
  AttemptSummary,
  PublishedVersion,
  ReadPin,
  ReadVersion,
  RunHead,
  RunPlace,
  WrittenVersion,
} from "../core/port/registry.ts";
import type { RunLine, SessionSummary } from "../core/port/registry-lists.ts";
import type {
  ExceptionRecord,
  ReplayOrigin,
  RunRecord,
  SessionOrigin,
  SessionRecord,
  VersionRecord,
} from "../core/run.ts";
import type { Compensation, Discard, Former, Rollback } from "../core/trash.ts";
import type {
  AliasMoveRow,
  AttemptRow,
  CompensationRow,
  DiscardRow,
  FormerRow,
  LoadRow,
  NodeRow,
  NoteRow,
  PinRow,
  PublicationRow,
  RunRow,
  SessionRow,
  TagRow,
  VerdictRow,
  VersionRow,
  WarningRow,
} from "./rows.ts";

/** Rows from which the record of one attempt is made. */
export interface RunParts {
  session: SessionRow;
  /** Row of the run, as of that attempt. */
  run: RunRow;
  /** Undefined before the first. */
  attempt: AttemptRow | undefined;
  /** Attempts before it that never had a process. */
  unstarted: number;
  pins: readonly PinRow[];
  versions: readonly VersionRow[];
  nodes: readonly NodeRow[];
  tags: readonly TagRow[];
  notes: readonly NoteRow[];
  warnings: readonly WarningRow[];
  discards: readonly DiscardRow[];
}

export function toRunRecord(parts: RunParts): RunRecord {
  const { session, run, attempt, unstarted, pins, versions, nodes, tags, notes, warnings, discards } = parts;
  const told = toException(attempt?.exception ?? null);
  const exception = told === null ? null : renewCodes(told);
  const timed = nodes.flatMap((node) => (node.duration_ms === null ? [] : [[node.node, node.duration_ms] as const]));
  return {
    session_id: run.session_id,
    workflow: run.workflow,
    run: run.run,
    run_id: attempt?.run_id ?? null,
    attempt: attempt?.attempt ?? 0,
    max_attempts: run.max_attempts,
    ...(unstarted === 0 ? {} : { unstarted_attempts: unstarted }),
    allow_failure: run.allow_failure === 1,
    kind: run.kind,
    status: run.status,
    env: run.env,
    runtime_params: JSON.parse(run.runtime_params),
    pipeline_names: JSON.parse(run.pipeline_names),
    filters: JSON.parse(run.filters),
    load_versions: Object.fromEntries(pins.map((pin) => [pin.dataset, pin.version])),
    outputs: Object.fromEntries(versions.map((version) => [version.dataset, toVersionRecord(version)])),
    outputs_location: attempt?.outputs_location ?? null,
    exception,
    start_time: attempt?.start_time ?? null,
    end_time: run.end_time,
    duration_ms: attempt?.duration_ms ?? null,
    node_durations_ms: Object.fromEntries(timed),
    peak_memory_bytes: attempt?.peak_memory_bytes ?? null,
    git_commit: session.git_commit,
    git_dirty: toFlag(session.git_dirty),
    environment: attempt?.environment ?? null,
    metrics: parseOrNull(attempt?.metrics),
    tags: Object.fromEntries(tags.flatMap(({ key, value }) => (value === null ? [] : [[key, value]]))),
    notes: notes.map(({ time, text }) => ({ time, text })),
    warnings: warnings.map(({ code, message }) => ({ code, message })),
    discarded: toDiscarded(discards.flatMap(toDiscard)[0]),
    // A run that failed before its start has its message as the reason.
    reason: exception !== null && run.reason === told?.message ? exception.message : run.reason,
  };
}

export function toSessionSummary(row: SessionRow, run_counts: SessionSummary["run_counts"]): SessionSummary {
  return { ...toSessionHead(row), run_counts };
}

export function toSessionRecord(row: SessionRow, runs: RunRecord[]): SessionRecord {
  return { ...toSessionHead(row), runs };
}

/** Null for a session from before sessions had owners. */
export function toOwnership(row: SessionRow): SessionOwnership | null {
  const { owner_pid: pid, owner_host: host, owner_epoch: epoch, lease_until } = row;
  if (pid === null || host === null || lease_until === null) return null;
  return { owner: { pid, start_time: row.owner_start_time, boot_id: row.owner_boot_id, host }, epoch, lease_until };
}

export function toAttemptSummary({ run, run_id, attempt, status, exception }: AttemptRow): AttemptSummary {
  const told = toException(exception);
  return { run, run_id, attempt, status, exception: told === null ? null : renewCodes(told) };
}

export function toReadPin(row: PinRow): ReadPin {
  const { run_id, dataset, version, rule, from_run, from_dataset, reason, passed_over, vouched_by } = row;
  const pin = { run_id, dataset, version, rule, from_run, from_dataset, reason };
  return { ...pin, ...(passed_over === null ? {} : { passed_over }), ...(vouched_by === null ? {} : { vouched_by }) };
}

export function toWrittenVersion(row: VersionRow): WrittenVersion {
  return { dataset: row.dataset, run_id: row.run_id, ...toVersionRecord(row) };
}

export function toRunHead(row: AttemptRow, workflow: string): RunHead {
  const { run_id, session_id, run, attempt, status, start_time, end_time } = row;
  return { run_id, session_id, workflow, run, attempt, status, start_time, end_time };
}

/** Makes a line for a list, with the same rules as `toRunRecord`. */
export function toRunLine(run: RunRow, attempt: AttemptRow | undefined): RunLine {
  const { session_id, workflow, status, end_time } = run;
  const { run_id = null, start_time = null, duration_ms = null } = attempt ?? {};
  return {
    session_id,
    workflow,
    run: run.run,
    run_id,
    attempt: attempt?.attempt ?? 0,
    status,
    start_time,
    end_time,
    duration_ms,
  };
}

/** Leaves out what the storage adds to a row. */
export function toRead({ run_id, dataset, version, location, node, time, bytes, hash }: LoadRow): ReadVersion {
  return { run_id, dataset, version, location, node, time, bytes, hash };
}

/** None if the data are back where they were. */
export function toDiscard({ run_id, cause, state, entry, manifest, reason, bytes, time }: DiscardRow): Discard[] {
  return state === "restored" ? [] : [{ run_id, cause, state, entry, manifest, reason, bytes, time }];
}

function toDiscarded(discard: Discard | undefined): RunRecord["discarded"] {
  if (discard === undefined) return null;
  const { cause, state, entry, reason, bytes, time } = discard;
  return { cause, state, entry, reason, bytes, time };
}

export function toVerdict({ said_by, only_this, ...row }: VerdictRow): VersionVerdict {
  const { run_id, dataset, kind, reason, other_run_id, time } = row;
  const said = { run_id, dataset, kind, reason, by: parseOrNull<Requester>(said_by), other_run_id, time };
  return only_this === 1 ? { ...said, only_this: true } : said;
}

export function toPlace({ session_id, workflow, run, run_id }: RunRow): RunPlace[] {
  return run_id === null ? [] : [{ session_id, workflow, run, run_id }];
}

export function toPublished({ run_id, dataset, location, time }: PublicationRow): PublishedVersion {
  return { run_id, dataset, location, time };
}

export function toMove({ alias, dataset, run_id, time }: AliasMoveRow): AliasMove {
  return { alias, dataset, run_id, time };
}

export function toSessionHead(row: SessionRow): Omit<SessionRecord, "runs"> {
  const { session_id, workflow, workflow_file, project_path, git_commit, status, start_time, end_time, duration_ms } =
    row;
  return {
    ...{ session_id, workflow, workflow_file, project_path },
    ...{ command_line: JSON.parse(row.command_line), git_commit, git_dirty: toFlag(row.git_dirty) },
    ...{ origin: parseOrNull<SessionOrigin>(row.origin), status, start_time, end_time, duration_ms },
    paused_since: row.paused_time,
    rollback: toRollback(row),
    replay_of: parseOrNull<ReplayOrigin>(row.replay_of),
  };
}

function toRollback({ rollback_status: status, rolled_back_time: time }: SessionRow): Rollback | null {
  return status === null || time === null ? null : { status, time };
}

export function toFormer(row: FormerRow): Former {
  const { session_id, run_id, dataset, location, entry, manifest, time, undone_time } = row;
  return { session_id, run_id, dataset, location, entry, manifest, time, undone_time };
}

export function toCompensation({ session_id, run_id, status, message, log, time }: CompensationRow): Compensation {
  return { session_id, run_id, status, message, log, time };
}

function toFlag(value: number | null): boolean | null {
  return value === null ? null : value === 1;
}

function toVersionRecord(row: VersionRow): VersionRecord {
  const { version, location, bytes, hash, plain_location } = row;
  const saved = { version, location, bytes, hash, ...toFilesBeside(row.beside) };
  return { ...saved, entry: parseOrNull(row.entry), plain_location };
}

/**
 * Parses names of files beside a version. Throws SyntaxError for other names, as the row may be forged: the paths would
 * be read.
 */
function toFilesBeside(json: string | null): Pick<VersionRecord, "beside"> {
  const beside = parseOrNull<unknown>(json);
  if (beside === null) return {};
  if (!areFilesBeside(beside)) throw new SyntaxError("what lies beside a version is no list of names");
  return { beside };
}

/**
 * Parses an exception. Throws SyntaxError for other JSON, as the row may be forged: the fault would show far from here.
 */
function toException(json: string | null): ExceptionRecord | null {
  const told = parseOrNull<unknown>(json);
  for (let link = told; link !== null; link = (link as ExceptionRecord).cause)
    if (!isExceptionLink(link)) throw new SyntaxError("what an attempt failed with is no exception");
  return told as ExceptionRecord | null;
}

function isExceptionLink(value: unknown): boolean {
  const { type, message, node, traceback } = Object(value) as Record<keyof ExceptionRecord, unknown>;
  const areTexts = [type, message].every((text) => typeof text === "string");
  return areTexts && [node ?? null, traceback ?? null].every((text) => text === null || typeof text === "string");
}

function parseOrNull<T>(json: string | null | undefined): T | null {
  return json === null || json === undefined ? null : (JSON.parse(json) as T);
}
