import type { RunEvent, SessionFinished } from "../../src/core/event/event.ts";
import type { ExceptionRecord, RunRecord, RunStatus, SessionRecord } from "../../src/core/run.ts";
import type { RunId, SessionId } from "../../src/core/run-id.ts";

export const START_MS = Date.parse("2026-11-23T21:04:54.000Z");
export const SESSION_ID = "2026-11-23T21.04.54.000Z-0000aaaaaaaa" as SessionId;

/** A run_id that tells its run and attempt at a glance. */
export function runIdOf(number: number, attempt = 1): RunId {
  return `2026-11-23T21.04.54.666Z-${number.toString(16).padStart(4, "0")}${attempt.toString(16).padStart(8, "0")}` as RunId;
}

/** Events of one session, each at `atMs` after its start. */
export function eventsAt(atMs: number) {
  const stamp = { time: new Date(START_MS + atMs).toISOString(), session_id: SESSION_ID };
  const attempted = (run: string, attempt: number) => ({
    ...stamp,
    run,
    run_id: runIdOf(run.length, attempt),
    attempt,
  });
  return {
    sessionStarted: (): RunEvent => ({
      ...stamp,
      type: "session.started",
      workflow: "churn",
      workflow_file: "churn.yaml",
      project_path: null,
      command_line: [],
      git: { commit: null, dirty: null },
    }),
    declared: (...names: string[]): RunEvent =>
      declare(
        stamp,
        names.map((run) => ({ run, needs: [] })),
      ),
    chain: (...names: string[]): RunEvent =>
      declare(
        stamp,
        names.map((run, at) => ({ run, needs: names.slice(Math.max(0, at - 1), at) })),
      ),
    resolved: (run: string, attempt = 1): RunEvent => ({ ...attempted(run, attempt), type: "run.resolved", pins: [] }),
    started: (run: string, attempt = 1): RunEvent => ({
      ...attempted(run, attempt),
      type: "run.started",
      pid: 1,
      log: "",
    }),
    pipeline: (run: string, total_nodes: number, attempt = 1): RunEvent => ({
      ...attempted(run, attempt),
      type: "pipeline.started",
      total_nodes,
    }),
    nodeStarted: (run: string, node: string, attempt = 1): RunEvent => ({
      ...attempted(run, attempt),
      type: "node.started",
      node,
    }),
    nodeFinished: (run: string, node: string, { duration_ms = 1000, attempt = 1 } = {}): RunEvent => ({
      ...attempted(run, attempt),
      type: "node.finished",
      node,
      duration_ms,
    }),
    nodeFailed: (run: string, node: string, attempt = 1): RunEvent => ({
      ...attempted(run, attempt),
      type: "node.failed",
      node,
      duration_ms: 1000,
    }),
    succeeded: (run: string, { duration_ms = 1200, attempt = 1 } = {}): RunEvent => ({
      ...attempted(run, attempt),
      type: "run.succeeded",
      duration_ms,
      outputs: {},
      outputs_location: null,
      peak_memory_bytes: null,
    }),
    failed: (
      run: string,
      { exception = raise("ValueError", "bad value"), attempt = 1, max_attempts = 1, retryInMs = -1, reason = "" } = {},
    ): RunEvent => ({
      ...attempted(run, attempt),
      type: "run.failed",
      duration_ms: 1000,
      exception,
      peak_memory_bytes: null,
      max_attempts,
      will_retry_at: retryInMs < 0 ? null : new Date(START_MS + atMs + retryInMs).toISOString(),
      reason: reason || null,
    }),
    cancelled: (run: string, attempt = 0): RunEvent => ({
      ...stamp,
      type: "run.cancelled",
      run,
      run_id: null,
      attempt,
      duration_ms: null,
      reason: "interrupted",
    }),
    skipped: (run: string, ...causes: string[]): RunEvent => ({
      ...stamp,
      type: "run.skipped",
      run,
      chain: causes.map((cause, at) => ({ run: cause, status: at === causes.length - 1 ? "failed" : "skipped" })),
      reason: "",
    }),
    published: (run: string, dataset: string, location: string): RunEvent => ({
      ...stamp,
      type: "dataset.published",
      run,
      run_id: runIdOf(run.length),
      dataset,
      location,
    }),
    loaded: (run: string, attempt = 1): RunEvent => ({
      ...attempted(run, attempt),
      type: "dataset.loaded",
      dataset: "table",
      version: null,
      location: null,
      node: null,
    }),
    finished: (outcomes: Record<string, RunStatus>): SessionFinished => ({
      ...stamp,
      type: "session.finished",
      status: "success",
      duration_ms: atMs,
      runs: Object.entries(outcomes).map(([run, status]) => ({
        run,
        run_id: null,
        status,
        duration_ms: null,
        load_versions: {},
        allow_failure: false,
        reason: null,
      })),
    }),
  };
}

export function raise(type: string, message: string, extra: Partial<ExceptionRecord> = {}): ExceptionRecord {
  return { type, message, node: null, traceback: null, cause: null, ...extra };
}

export function makeRecord(run: string, fields: Partial<RunRecord> = {}): RunRecord {
  return {
    session_id: SESSION_ID,
    workflow: "churn",
    run,
    run_id: null,
    attempt: 1,
    max_attempts: 1,
    allow_failure: false,
    kind: "kedro",
    status: "success",
    env: null,
    runtime_params: {},
    pipeline_names: [],
    filters: {},
    load_versions: {},
    outputs: {},
    outputs_location: null,
    exception: null,
    start_time: null,
    end_time: null,
    duration_ms: null,
    node_durations_ms: {},
    peak_memory_bytes: null,
    git_commit: null,
    git_dirty: null,
    environment: null,
    metrics: null,
    tags: {},
    notes: [],
    warnings: [],
    discarded: null,
    reason: null,
    ...fields,
  };
}

export function makeSession(runs: RunRecord[], fields: Partial<SessionRecord> = {}): SessionRecord {
  return {
    session_id: SESSION_ID,
    workflow: "churn",
    workflow_file: null,
    project_path: null,
    command_line: [],
    git_commit: null,
    git_dirty: null,
    origin: null,
    status: "success",
    start_time: "2026-11-23T21:04:54.000Z",
    end_time: null,
    duration_ms: 12_300,
    paused_since: null,
    rollback: null,
    replay_of: null,
    runs,
    ...fields,
  };
}

function declare(
  stamp: { time: string; session_id: SessionId },
  runs: readonly { run: string; needs: string[] }[],
): RunEvent {
  const rest = {
    kind: "kedro",
    env: null,
    runtime_params: {},
    pipeline_names: [],
    filters: {},
    max_attempts: 1,
    allow_failure: false,
  } as const;
  return { ...stamp, type: "runs.declared", runs: runs.map((run) => ({ ...rest, pipeline_names: [], ...run })) };
}
