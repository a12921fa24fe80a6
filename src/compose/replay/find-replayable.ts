import { RefusalError } from "../../core/error/refusal-error.ts";
import { describeOwner } from "../../core/ownership.ts";
import type { RegistryReader } from "../../core/port/registry.ts";
import type { StateFolders } from "../../core/port/runner.ts";
import type { SessionRecord } from "../../core/run.ts";
import { isRunId } from "../../core/run-id.ts";
import { refuseFormer, refuseRenamed } from "../home/home-state.ts";
import { type KeptPlan, KeptPlanError } from "../kept-plan/keep-plan.ts";
import { readLoggedOrigin } from "../kept-plan/logged-origin.ts";
import { readKeptPlan } from "../kept-plan/read-kept-plan.ts";
import { judgeOwner } from "../session/session-lease.ts";

/** A session can't be replayed. */
export class NotReplayableError extends RefusalError<"session-owned" | "session-without-plan" | "plan-unusable"> {}

/** True for a session that executed nothing: its versions were saved before runweave knew the project. */
export function standsForAdopted({ runs }: Pick<SessionRecord, "runs">): boolean {
  return runs.some(({ outputs }) => Object.values(outputs).some(({ version }) => !isRunId(version)));
}

/** The plan of a session that can be replayed. Throws NotReplayableError; RegistryError for one that began elsewhere. */
export function readReplayable(
  reader: RegistryReader,
  { session_id, status }: Pick<SessionRecord, "session_id" | "status">,
  { folders, nowMs }: { folders: StateFolders; nowMs: number },
): KeptPlan {
  refuseFormer({ registry: reader, folders }, session_id);
  refuseRenamed({ registry: reader, folders }, session_id);
  const claim = status === "running" ? reader.ownershipOf(session_id) : null;
  if (claim !== null && judgeOwner(claim, nowMs) === "working") {
    const message = `session ${session_id} is still run by ${describeOwner(claim.owner)}`;
    throw new NotReplayableError("session-owned", message, `wait for it, or \`runweave cancel ${session_id}\` ends it`);
  }
  try {
    return readKeptPlan(folders, { session_id, origin: readLoggedOrigin(reader, session_id) });
  } catch (error) {
    if (!(error instanceof KeptPlanError)) throw error;
    if (!error.missing) throw new NotReplayableError("plan-unusable", error.message, "run the workflow file again");
    const runs = reader.findSession(session_id)?.runs ?? [];
    if (standsForAdopted({ runs })) {
      const message = `session ${session_id} only stands for versions that \`adopt\` recorded: what made them is unknown`;
      throw new NotReplayableError("session-without-plan", message, "`runweave sessions` lists those that ran");
    }
    const why = "a script decided its runs, or an older runweave ran it";
    const message = `session ${session_id} has no plan to replay: ${why}`;
    throw new NotReplayableError("session-without-plan", message, "run the script, or the workflow file, again");
  }
}
