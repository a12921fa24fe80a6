import type { NamedRun } from "../../core/port/name-questions.ts";
import { isDone, type SessionRecord } from "../../core/run.ts";
import { findSessionById } from "../../explain/find/find-named.ts";
import { findSessionOf } from "../../explain/find/find-session.ts";
import { type Doubt, judgeExecution } from "../consent/judge-execution.ts";
import type { ConsentContext } from "../consent/own-session.ts";
import { settleDoubt } from "../consent/settle-doubt.ts";
import { followHealing } from "../heal/record-healing.ts";
import type { KeptPlan } from "../kept-plan/keep-plan.ts";
import { describeCodeOfRest } from "../replay/describe-changes.ts";
import { closeSession } from "../resume/close-session.ts";
import { findResumable, type NothingToResume, NotResumableError, readResumable } from "../resume/find-resumable.ts";
import { resumeSession } from "../resume/resume-session.ts";
import type { EndedSession } from "../session/session-result.ts";
import { type ActionContext, readRegistry, reportFound, type StateAddress, warn } from "./context.ts";
import { leadSession, withWorkspace } from "./session.ts";

/** A session to be finished. */
export interface ResumeRequest {
  /** A session, or a run of it. Default: the newest session that is unfinished. */
  session?: string | undefined;
  /** True to end what still runs of it, instead of waiting for it. */
  kill?: boolean | undefined;
  /** True to start new attempts from the beginning, not at the node where the last one stopped. */
  afresh?: boolean | undefined;
}

/**
 * Outcome. `resumed`: the session has gone on and ended. `closed`: it was the session of a script, of which only the record can be
 * closed. `nothing`: no work is left to do.
 */
export type Resumption = { kind: "resumed" | "closed"; ended: EndedSession } | ({ kind: "nothing" } & NothingToResume);

/**
 * Finishes a session whose process is gone, or that failed or was cancelled, by the plan that it was started with. Throws
 * NotResumableError, ExplainError for a session that there is not, RegistryError, SessionLostError if another process takes it over.
 */
export async function resumeUnfinished(
  address: StateAddress,
  request: ResumeRequest = {},
  context: ActionContext = {},
): Promise<Resumption> {
  try {
    const left = findLeft(address, request, context);
    if ("message" in left) return { kind: "nothing", ...left };
    if ("closable" in left) return { kind: "closed", ended: await closeScript(address, left.closable, context) };
    await settleDoubt(left.doubt, context);
    return { kind: "resumed", ended: await resumeKept(address, { kept: left.kept, ...request }, context) };
  } catch (error) {
    // Another process has finished the session meanwhile.
    if (error instanceof NotResumableError && error.code === "session-succeeded")
      return { kind: "nothing", message: error.message, sessions: [] };
    throw error;
  }
}

/**
 * Remaining work: a plan to go on with; or a session without a plan, whose record can be closed; or the reason why no work is
 * left, which is no error.
 */
type Left = { kept: KeptPlan; doubt: Doubt | null } | { closable: SessionRecord } | NothingToResume;

function findLeft(address: StateAddress, { session: id }: ResumeRequest, context: ActionContext): Left {
  return readRegistry(address, context, (reader, folders) => {
    const search = { folders, nowMs: Date.now(), environment: process.env };
    const judge = (kept: KeptPlan) => judgeRest(kept, { reader, folders, environment: process.env });
    if (id === undefined) {
      const found = findResumable(reader, search);
      return "sessions" in found ? found : { kept: found, doubt: judge(found) };
    }
    // A run's name is looked for in sessions that have work left; only if none has it, in others.
    const lacks = ({ session_id }: NamedRun) =>
      reader.findSessionHead(session_id)?.status === "success" ? "is of a session that succeeded" : null;
    const { session } = reportFound(context, findSessionOf(reader, id, { lacks }));
    try {
      const kept = readResumable(reader, session, search);
      return { kept, doubt: judge(kept) };
    } catch (error) {
      if (error instanceof NotResumableError && error.code === "session-closable") return { closable: session };
      throw error;
    }
  });
}

/** Judges the runs of the session that are not done yet. */
function judgeRest({ session_id, store, plan }: KeptPlan, context: ConsentContext): Doubt | null {
  const session = findSessionById(context.reader, session_id);
  const done = new Set(session.runs.flatMap(({ run, status }) => (isDone(status) ? [run] : [])));
  return judgeExecution([{ session, store, runs: plan.runs.filter(({ run }) => !done.has(run)) }], context);
}

async function resumeKept(
  address: StateAddress,
  { kept, kill = false, afresh = false }: Omit<ResumeRequest, "session"> & { kept: KeptPlan },
  context: ActionContext,
): Promise<EndedSession> {
  return await withWorkspace(address, { store: kept.store }, context, async (workspace) => {
    const session = workspace.registry.findSession(kept.session_id);
    // The warning comes before any run starts, so that there is still time to interrupt it.
    if (session !== null) warn(context, await describeCodeOfRest({ session, kept }, workspace.folders.root), "state");
    const begun = { plan: kept.plan, maxParallel: kept.max_parallel, workspace };
    return await leadSession(context, begun, (led) => {
      const followed = { ...led, ...followHealing(led, kept.session_id) };
      return resumeSession({ ...followed, kept, endsLive: kill, afresh });
    });
  });
}

async function closeScript(
  address: StateAddress,
  { session_id: sessionId }: SessionRecord,
  context: ActionContext,
): Promise<EndedSession> {
  return await withWorkspace(address, {}, context, (workspace) =>
    leadSession(context, { plan: { runs: [] }, maxParallel: 1, workspace }, (led) =>
      closeSession({ ...led, sessionId, reason: "its script was cut off" }),
    ),
  );
}
