import { join } from "node:path";
import { EnvironmentError } from "../../../core/error/environment-error.ts";
import type { SessionEnd } from "../../../core/port/project-agent.ts";
import type { JsonObject } from "../../../core/run.ts";
import { orAnother } from "./ask-worker.ts";
import { ChannelClosedError } from "./control-channel.ts";
import { ProjectError } from "./worker-errors.ts";
import type { WorkerProcess } from "./worker-process.ts";

/** Time that `after_all_runs` may take, in seconds. */
const LIMIT_S = 60;

/** Calls `after_all_runs` of a project that has it. Returns the failure, for people; null if there was none. */
export async function callSessionEndHooks(
  findWorker: () => Promise<WorkerProcess>,
  { session, logs }: { session: SessionEnd; logs: string },
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

function describeSession({ session_id, status, runs }: SessionEnd): JsonObject {
  const told = runs.map(({ run, run_id, status, duration_ms, load_versions, reason }) => {
    return { run, run_id, status, duration_ms, load_versions, reason };
  });
  return { session_id, status, runs: told };
}
