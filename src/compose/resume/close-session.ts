import type { RunEvent } from "../../core/event/event.ts";
import { formatTime } from "../../core/port/clock.ts";
import type { Registry } from "../../core/port/registry.ts";
import type { Reporter } from "../../core/port/reporter.ts";
import { type RunRecord, type SessionRecord, TERMINAL_STATUSES } from "../../core/run.ts";
import type { SessionId } from "../../core/run-id.ts";
import { endAttempt } from "../../runners/adopted-end.ts";
import { attemptFolder } from "../../versions/layout.ts";
import { refuseFormer } from "../home/home-state.ts";
import { LiveSession } from "../session/live-session.ts";
import { toOutcome } from "../session/restore-session.ts";
import { takeOwnership } from "../session/session-lease.ts";
import type { SessionResult } from "../session/session-result.ts";
import type { Workspace } from "../workspace.ts";
import { NotResumableError, refuseOwned } from "./find-resumable.ts";
import { measureWorked } from "./worked-time.ts";

export interface CloseOptions {
  workspace: Workspace;
  sessionId: SessionId;
  /** For the records of its runs that have not ended. */
  reason: string;
  commandLine: string[];
  reporters?: readonly Reporter[];
}

/**
 * Ends a session without its plan: one that a process has left, and that can't be gone on with. Takes it over, ends what still runs of
 * it, and records what had not ended as cancelled. Rejects as `resumeSession`.
 */
export async function closeSession(options: CloseOptions): Promise<SessionResult> {
  const { workspace, sessionId, commandLine, reporters = [] } = options;
  const { registry, clock } = workspace;
  refuseFormer(workspace, sessionId);
  const claim = takeOwnership(clock, refuseOwned(registry, sessionId, clock.now()) + 1);
  const stamp = () => ({ time: formatTime(clock.now()), session_id: sessionId });
  const resumed: RunEvent = { type: "session.resumed", ...stamp(), command_line: commandLine, claim, runs: [] };
  registry.decide(() => {
    refuseEnded(registry, sessionId);
    return [resumed];
  });
  const left = readSession(workspace, sessionId);
  const identity = { sessionId, epoch: claim.epoch, startMs: clock.now() - measureWorked(registry.events(sessionId)) };
  using session = new LiveSession({ workspace, reporters }, identity);
  session.begin();
  for (const reporter of reporters) {
    reporter.onRestored?.(left);
    reporter.onEvent(resumed);
  }
  const open = left.runs.filter(({ status }) => !TERMINAL_STATUSES.has(status));
  await endAttempts(workspace, open);
  session.emit(open.map((run) => cancel(run, { ...stamp(), reason: options.reason })));
  // The session may have had more runs to start, so it does not count as a success.
  const result = await session.end({ outcomes: readSession(workspace, sessionId).runs.map(toOutcome), cancels: true });
  await workspace.projects.endHung();
  return result;
}

/** Another process may have closed it since. */
function refuseEnded(registry: Registry, sessionId: SessionId): void {
  const status = registry.findSessionHead(sessionId)?.status;
  if (status === undefined || status === "running") return;
  const message = `session ${sessionId} has ended: ${status}`;
  throw new NotResumableError("session-over", message, `\`runweave show ${sessionId}\` shows how`);
}

async function endAttempts({ folders }: Workspace, open: readonly RunRecord[]): Promise<void> {
  const begun = open.flatMap(({ run_id }) => (run_id === null ? [] : [run_id]));
  await Promise.all(begun.map((runId) => endAttempt({ folder: attemptFolder(folders, runId), runId })));
}

function cancel(
  { run, run_id, attempt }: RunRecord,
  about: { time: string; session_id: SessionId; reason: string },
): RunEvent {
  return { type: "run.cancelled", ...about, run, run_id, attempt: Math.max(1, attempt), duration_ms: null };
}

function readSession({ registry }: Workspace, sessionId: SessionId): SessionRecord {
  const session = registry.findSession(sessionId);
  if (session === null) throw new Error(`the registry has lost session ${sessionId}`);
  return session;
}
