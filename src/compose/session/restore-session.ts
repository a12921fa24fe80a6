import type { RunEvent, RunOutcome } from "../../core/event/event.ts";
import type { Recovery } from "../../core/port/recovery.ts";
import type { AttemptSummary, Registry } from "../../core/port/registry.ts";
import { isDone, type RunRecord, type SessionRecord, TERMINAL_STATUSES } from "../../core/run.ts";
import type { RunId } from "../../core/run-id.ts";
import { DIVERGED, NONE_EARLIER } from "../../execute/earlier-attempts.ts";
import type { AttemptHistory, RestoredSession } from "../../execute/restored-session.ts";
import type { UpstreamAttempt } from "../../resolve/resolve-run.ts";
import type { ToldSignals } from "../../runners/recovery.ts";

/** Everything of a session's past that its further execution needs. */
export interface SessionPast {
  restored: RestoredSession;
  upstream: UpstreamAttempt[];
}

export interface SessionRestoring {
  session: SessionRecord;
  /** Ends live processes instead of waiting for them. */
  endsLive: boolean;
  /** True to begin afresh after attempts that did not succeed; default: their finished results are taken over. */
  afresh?: boolean;
  /** What goes on with attempts, of which so much is on record. */
  recover(told: ReadonlyMap<RunId, ToldSignals>): Recovery;
}

/** Reads what a session has come to, once this process has it. */
export function restoreSession(
  registry: Registry,
  { session, endsLive, afresh = false, recover }: SessionRestoring,
): SessionPast {
  const { session_id, runs } = session;
  const attempts = Map.groupBy(registry.attemptsOfSession(session_id), ({ run }) => run);
  const ended = runs.filter(({ status }) => TERMINAL_STATUSES.has(status));
  const unfinished = runs.filter(({ status }) => !TERMINAL_STATUSES.has(status));
  const histories = new Map(
    unfinished.map((run) => [run.run, describeHistory(run, { attempts: attempts.get(run.run) ?? [], afresh })]),
  );
  const open = unfinished.filter(({ run }) => isOpen(histories.get(run)?.last)).map(({ run }) => run);
  const told = open.length === 0 ? new Map() : countSignals(registry.events(session_id));
  const recovery = recover(told);
  return {
    restored: { outcomes: ended.map(toOutcome), attempts: histories, open: new Set(open), recovery, endsLive },
    upstream: ended.flatMap(({ run, run_id, status, outputs }) =>
      isDone(status) && run_id !== null ? [{ run, run_id, outputs, reused: status === "reused" }] : [],
    ),
  };
}

function describeHistory(
  { run_id }: RunRecord,
  { attempts, afresh }: { attempts: readonly AttemptSummary[]; afresh: boolean },
): AttemptHistory {
  const count = attempts.reduce((most, { attempt }) => Math.max(most, attempt), 0);
  const last = attempts.find((attempt) => attempt.run_id === run_id) ?? null;
  if (afresh) return { count, last, earlier: NONE_EARLIER };
  const newestFirst = attempts.toSorted((a, b) => b.attempt - a.attempt);
  const trusting = attempts.every(({ exception }) => exception?.type !== DIVERGED);
  return { count, last, earlier: { run_ids: newestFirst.map((attempt) => attempt.run_id), trusting } };
}

function isOpen(last: AttemptSummary | null | undefined): boolean {
  return last != null && !TERMINAL_STATUSES.has(last.status);
}

export function toOutcome(record: RunRecord): RunOutcome {
  const { run, run_id, status, duration_ms, load_versions, allow_failure, exception, reason } = record;
  const why = reason ?? (exception === null ? null : `${exception.type}: ${exception.message}`);
  return { run, run_id, status, duration_ms, load_versions, allow_failure, reason: why };
}

/** What runs write to the files of their attempts. */
const FROM_FILE: ReadonlySet<RunEvent["type"]> = new Set([
  "pipeline.started",
  "node.started",
  "node.finished",
  "node.failed",
  "dataset.loaded",
  "dataset.saved",
  "dataset.resumed",
]);

/** What each attempt has told: always the beginning of its file, as that is recorded in order. */
function countSignals(events: Iterable<RunEvent>): Map<RunId, ToldSignals> {
  const told = new Map<RunId, ToldSignals>();
  for (const event of events) {
    if (!("run_id" in event) || event.run_id === null) continue;
    const isLine = FROM_FILE.has(event.type);
    if (!isLine && event.type !== "metrics.reported") continue;
    const { events: lines, metrics } = told.get(event.run_id) ?? { events: 0, metrics: false };
    told.set(event.run_id, { events: lines + Number(isLine), metrics: metrics || !isLine });
  }
  return told;
}
