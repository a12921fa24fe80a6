import { formatTime } from "../../core/port/clock.ts";
import { isDone, type SessionRecord } from "../../core/run.ts";
import type { RunId, SessionId } from "../../core/run-id.ts";
import { listUpstream } from "../../core/select-reads.ts";
import { chooseAgain } from "../../execute/choose-again.ts";
import type { Plan } from "../../plan/plan.ts";
import { createRecovery, type ToldSignals } from "../../runners/recovery.ts";
import { refuseFormer, refuseRenamed } from "../home/home-state.ts";
import type { KeptPlan } from "../kept-plan/keep-plan.ts";
import { type ConductOptions, conductSession } from "../session/conduct-session.ts";
import { restoreSession } from "../session/restore-session.ts";
import { takeOwnership } from "../session/session-lease.ts";
import type { SessionResult } from "../session/session-result.ts";
import type { Workspace } from "../workspace.ts";
import { refuseOver, refuseOwned } from "./find-resumable.ts";
import { findSpoilt } from "./find-spoilt.ts";
import { measureWorked } from "./worked-time.ts";

export interface ResumeOptions extends Omit<ConductOptions, "plan" | "maxParallel"> {
  kept: KeptPlan;
  /** Ends what still runs of the session instead of waiting for it. */
  endsLive: boolean;
  /** Gives every run that did not succeed an attempt that begins afresh. */
  afresh: boolean;
  commandLine: string[];
}

/**
 * Finishes a session that another process left, by the plan that it was started with. Rejects with NotResumableError if another
 * process has it, with SessionLostError if one was faster at this moment, and with what the registry throws.
 */
export async function resumeSession(options: ResumeOptions): Promise<SessionResult> {
  const { workspace, kept, commandLine, endsLive, afresh } = options;
  const { registry, clock, folders, phases } = workspace;
  phases.enter("record");
  const { session_id: sessionId, plan, max_parallel: maxParallel } = kept;
  refuseFormer(workspace, sessionId);
  if (!options.cancels) refuseRenamed(workspace, sessionId);
  const epoch = refuseOwned(registry, sessionId, clock.now());
  const before = findSession(workspace, sessionId);
  const claim = takeOwnership(clock, epoch + 1);
  const runs = options.cancels ? [] : await decideAgain(before, plan);
  const time = formatTime(clock.now());
  const resumed = { type: "session.resumed" as const, time, session_id: sessionId, command_line: commandLine };
  registry.decide(() => {
    refuseOver(registry, sessionId);
    return [{ ...resumed, claim, runs }];
  });
  // The former owner may have written until then.
  const session = findSession(workspace, sessionId);
  for (const reporter of options.reporters ?? []) {
    reporter.onRestored?.(session);
    reporter.onEvent({ ...resumed, claim, runs });
  }
  const recover = (told: ReadonlyMap<RunId, ToldSignals>) => createRecovery({ folders, holds: registry.holds, told });
  const past = restoreSession(registry, { session, endsLive, afresh, recover });
  const startMs = clock.now() - measureWorked(registry.events(sessionId));
  const identity = { sessionId, epoch: claim.epoch, startMs };
  const result = await conductSession({ ...options, plan, maxParallel, past }, identity, null);
  await workspace.projects.endHung();
  return result;
}

/** Which runs that had ended are tried again. */
export async function decideAgain(session: SessionRecord, plan: Plan): Promise<string[]> {
  const records = new Map(session.runs.map((record) => [record.run, record]));
  const statusOf = (run: string) => records.get(run)?.status ?? "pending";
  const unfinished = plan.runs.filter(({ run }) => !isDone(statusOf(run)));
  const readers = unfinished.flatMap(listUpstream);
  const wanted = new Set([...readers, ...plan.publish.map(({ run }) => run)]);
  // What reads it now has begun to, and tells by itself if it can't.
  const beingRead = new Set(
    unfinished.flatMap((planned) => (isBegun(records.get(planned.run)) ? listUpstream(planned) : [])),
  );
  const kept = session.runs.filter(({ run, status }) => isDone(status) && !beingRead.has(run));
  const spoilt = await findSpoilt({ runs: kept, isWanted: (run) => wanted.has(run) });
  return chooseAgain(plan.runs, {
    statusOf,
    isSpoilt: (run) => spoilt.has(run),
    hasEnded: session.status !== "running",
  });
}

function isBegun(record: SessionRecord["runs"][number] | undefined): boolean {
  return record?.run_id != null && (record.status === "running" || record.status === "pending");
}

function findSession({ registry }: Workspace, sessionId: SessionId): SessionRecord {
  const session = registry.findSession(sessionId);
  if (session === null) throw new Error(`the registry has lost session ${sessionId}`);
  return session;
}
