import { join } from "node:path";
import { EnvironmentError } from "../../../core/error/environment-error.ts";
import type { RunOutcome } from "../../../core/event/event.ts";
import type { JsonObject, SessionStatus } from "../../../core/run.ts";
import type { SessionId } from "../../../core/run-id.ts";
import { orAnother } from "./ask-worker.ts";
import { ChannelClosedError } from "./control-channel.ts";
import { ProjectError } from "./worker-errors.ts";
import type { WorkerProcess } from "./worker-process.ts";

/** A session whose runs have ended: all of them, or those of one project and environment. */
export interface EndedSession {
  session_id: SessionId;
  status: Exclude<SessionStatus, "running">;
  runs: readonly RunOutcome[];
}

/** Time that `after_all_runs` may take, in seconds. */
const LIMIT_S = 60;

/** Calls `after_all_runs` of a project that has it. Returns the failure, for people; null if there was none. */
export async function callSessionEndHooks(
  findWorker: () => Promise<WorkerProcess>,
  { session, logs }: { session: EndedSession; logs: string },
): Promise<string | null> {
  const log = join(logs, `session_${session.session_id}.log`);
  try {
    const { worker, awaits_end } = await orAnother(async () => {
      const worker = await findWorker();
      return { worker, ...(await worker.ready) };
    });
    if (!awaits_end) return null;
    const reply = await worker.request("finish", { summary: describeSession(session), log, limit_s: LIMIT_S });
    if (!reply.ok) return `after_all_runs could not be called: ${reply.error.message}`;
    return reply.exit_code === 0 ? null : `after_all_runs failed: see ${log}`;
  } catch (error) {
    if (error instanceof ChannelClosedError || error instanceof ProjectError || error instanceof EnvironmentError)
      return `after_all_runs could not be called: ${error.message}`;
    throw error;
  }
}

function describeSession({ session_id, status, runs }: EndedSession): JsonObject {
  const told = runs.map(({ run, run_id, status, duration_ms, load_versions, reason }) => {
    return { run, run_id, status, duration_ms, load_versions, reason };
  });
  return { session_id, status, runs: told };
}
