import { describeRequester, formatRequest } from "../../core/control-request.ts";
import type { NodeFailed, NodeFinished, NodeStarted, PipelineStarted } from "../../core/event/attempt-event.ts";
import type { RunDiscarded } from "../../core/event/disposal-event.ts";
import type {
  RunCancelled,
  RunEvent,
  RunFailed,
  RunReused,
  RunSkipped,
  RunSucceeded,
  SessionFinished,
  SessionResumed,
  SessionStarted,
} from "../../core/event/event.ts";
import type { RequestAccepted, SessionContinued, SessionPaused } from "../../core/event/request-event.ts";
import { ORCHESTRATOR_DIED } from "../../core/port/recovery.ts";
import type { RunStatus } from "../../core/run.ts";
import { showLocalTimes } from "../../core/text/local-time.ts";
import { countTries } from "../result/count-tries.ts";
import { describeException, describeSkip } from "../text/describe-reason.ts";
import { formatDuration } from "../text/duration.ts";
import { plain, type Span, styled } from "../text/spans.ts";
import { describeCounts, styleStatus } from "../text/status-style.ts";
import { getFrom } from "./persistent-map.ts";
import { isUnstarted } from "./progress.ts";
import { countDone, type ProgressState } from "./progress-state.ts";

interface DescribeOptions {
  /** State after the event: it knows how many runs have ended. */
  state: ProgressState;
  /** Nodes too. */
  verbose: boolean;
}

/** Describes one event for people, on one line; null for an event that would be noise. */
export function describeEvent(event: RunEvent, { state, verbose }: DescribeOptions): Span[] | null {
  switch (event.type) {
    case "session.started":
      return [plain(`session ${event.session_id} of ${event.workflow} started${describeReplayOf(event)}`)];
    case "session.finished":
      return describeFinish(event);
    case "run.started":
      return ofRun(state, event.run, [plain(`started${nameAttempt(triesOf(state, event).tries)}`)]);
    case "run.succeeded":
    case "run.failed":
    case "run.cancelled":
    case "run.skipped":
      return ofRun(state, event.run, describeEnd(event, state));
    case "run.reused":
      return ofRun(state, event.run, describeReuse(event, verbose));
    case "run.resolved":
      return event.cache === undefined
        ? null
        : ofRun(state, event.run, [plain(`is executed: ${showLocalTimes(event.cache.reason)}`)]);
    case "run.warned":
      return ofRun(state, event.run, [styled("yellow", "warning"), plain(`: ${event.message}`)]);
    case "pipeline.started":
      return event.resumed_nodes === undefined ? null : ofRun(state, event.run, [plain(describeRest(event))]);
    case "node.failed":
    case "node.started":
    case "node.finished":
      return verbose || event.type === "node.failed" ? ofRun(state, event.run, describeNode(event)) : null;
    case "dataset.published":
      return ofRun(state, event.run, [plain(`published ${event.dataset} to ${event.location}`)]);
    case "request.accepted":
    case "session.resumed":
    case "session.paused":
    case "session.continued":
      return describeControl(event);
    case "run.discarded":
      return ofRun(state, event.run, describeDiscard(event));
    default:
      return passOver(event);
  }
}

type Quiet =
  | "run.restored"
  | "publication.prepared"
  | "publication.set_aside"
  | "publication.undone"
  | "run.compensated"
  | "rollback.started"
  | "rollback.ended"
  | "alias.set"
  | "alias.removed"
  | "run.tagged"
  | "run.noted"
  | "version.tainted"
  | "version.cleared"
  | "version.confirmed"
  | "version.replaced"
  | "environment.captured"
  | "metrics.reported"
  | "request.made"
  | "request.answered"
  | "runs.declared"
  | "dataset.loaded"
  | "dataset.saved"
  | "dataset.resumed";

/** Passes over events that get no line; a new kind of event has to be named here or above. */
function passOver(_event: Extract<RunEvent, { type: Quiet }>): null {
  return null;
}

function describeReplayOf({ replay_of }: SessionStarted): string {
  return replay_of === undefined ? "" : `, a ${replay_of.heals ? "healing" : "replay"} of ${replay_of.session_id}`;
}

function describeEnd(event: RunSucceeded | RunFailed | RunCancelled | RunSkipped, state: ProgressState): Span[] {
  switch (event.type) {
    case "run.succeeded":
      return [styled("green", "succeeded"), plain(` ${formatDuration(event.duration_ms)}`)];
    case "run.failed":
      return describeFailure(event, state);
    case "run.cancelled":
      return [styled("yellow", "cancelled"), plain(event.reason && `: ${event.reason}`)];
    case "run.skipped":
      return [styled("yellow", describeSkip(event.chain, event.reason))];
  }
}

function describeReuse({ run_id, reason }: RunReused, verbose: boolean): Span[] {
  return [styled("green", "reused"), plain(verbose ? `: ${showLocalTimes(reason)}` : ` from ${run_id}`)];
}

function describeControl(event: RequestAccepted | SessionPaused | SessionContinued | SessionResumed): Span[] {
  if (event.type === "session.resumed") return describeResume(event);
  if (event.type === "session.continued") return [plain("continued")];
  if (event.type === "request.accepted") {
    return [styled("yellow", `${formatRequest(event)}, asked for by ${describeRequester(event.by)}`)];
  }
  const hint = `\`runweave unpause ${event.session_id}\` starts them again`;
  return [styled("yellow", "paused"), plain(`: no more runs start; ${hint}`)];
}

function describeNode(event: NodeStarted | NodeFinished | NodeFailed): Span[] {
  if (event.type === "node.started") return [plain(`node ${event.node} started`)];
  const took = ` ${formatDuration(event.duration_ms)}`;
  return event.type === "node.failed"
    ? [styled("red", `node ${event.node} failed`), plain(took)]
    : [plain(`node ${event.node} finished${took}`)];
}

function describeDiscard({ state, reason }: RunDiscarded): Span[] {
  return [plain(`${state === "deleted" ? "deleted" : "moved to the trash"}: ${reason}`)];
}

/** `continues: 200 of 250 nodes are already done`. */
function describeRest({ total_nodes, resumed_nodes = 0 }: PipelineStarted): string {
  return `continues: ${resumed_nodes} of ${resumed_nodes + total_nodes} nodes are already done`;
}

function describeResume({ session_id, runs }: SessionResumed): Span[] {
  const again = runs.length === 0 ? "" : `: ${runs.length} run${runs.length === 1 ? "" : "s"} to try again`;
  return [plain(`session ${session_id} resumed${again}`)];
}

/** `[ 3/10] train  ...`: of ten runs three have ended. */
function ofRun(state: ProgressState, run: string, what: Span[]): Span[] {
  const total = String(state.total);
  const done = String(countDone(state)).padStart(total.length);
  return [styled("dim", `[${done}/${total}]`), plain(` ${run}  `), ...what];
}

/** `failed (attempt 1 of 3), again in 5s: OSError: gone (node load)`. */
function describeFailure(event: RunFailed, state: ProgressState): Span[] {
  const { exception, will_retry_at, reason } = event;
  if (isUnstarted(event) && exception.type === ORCHESTRATOR_DIED) return [plain("was not started; queued again")];
  const { tries, most } = triesOf(state, event);
  const which = most > 1 ? ` (attempt ${tries} of ${most})` : nameAttempt(tries);
  const at = exception.node === null ? "" : ` (node ${exception.node})`;
  const what = `${describeException(exception)}${at}`;
  if (will_retry_at !== null) {
    const wait = formatDuration(Date.parse(will_retry_at) - Date.parse(event.time));
    return [styled("yellow", "failed"), plain(`${which}, again in ${wait}: ${what}`)];
  }
  return [styled("red", "failed"), plain(`${which} ${what}${reason === null ? "" : `; ${reason}`}`)];
}

/** Counts as the run's record does: what never had a process was no try. */
function triesOf(
  state: ProgressState,
  { run, attempt, max_attempts = 1 }: Pick<RunFailed, "run" | "attempt"> & { max_attempts?: number },
) {
  const unstarted_attempts = getFrom(state.runs, run)?.unstarted ?? 0;
  return countTries({ attempt, max_attempts, unstarted_attempts });
}

function nameAttempt(attempt: number): string {
  return attempt > 1 ? ` (attempt ${attempt})` : "";
}

/** Describes the end of a session without a duration: the summary that follows has the time that people waited. */
function describeFinish({ session_id, status, runs }: SessionFinished): Span[] {
  const counts: Partial<Record<RunStatus, number>> = {};
  for (const run of runs) counts[run.status] = (counts[run.status] ?? 0) + 1;
  return [plain(`session ${session_id}  `), styleStatus(status), plain(`: ${describeCounts(counts)}`)];
}
