import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { isRunId, type SessionId } from "../core/run-id.ts";
import type { StateFolders } from "../core/runner.ts";
import type { Plan } from "../plan/plan.ts";
import { UnsafePathError } from "../versions/layout.ts";
import { syncFolder, writeFileDurably } from "../versions/write-file.ts";

/** Everything that a session needs to be finished by another process, whatever becomes of the workflow file. */
export interface KeptPlan {
  session_id: SessionId;
  /** Absolute, or a URL prefix. */
  store: string;
  max_parallel: number;
  /** Keyed digests of the variables that its runs refer to. */
  variables: Record<string, string>;
  plan: Plan;
}

/** The form of the file; another number is another form. */
export const KEPT_PLAN_FORMAT = 1;

export function keptPlanPath(folders: StateFolders, sessionId: SessionId): string {
  return join(sessionFolder(folders, sessionId), "plan.json");
}

/** Keeps a session's plan so that it survives a loss of power, before anything of the session is on record. */
export async function keepPlan(folders: StateFolders, kept: KeptPlan): Promise<void> {
  const folder = sessionFolder(folders, kept.session_id);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  await writeFileDurably(keptPlanPath(folders, kept.session_id), JSON.stringify({ format: KEPT_PLAN_FORMAT, ...kept }));
  await syncFolder(join(folders.root, "sessions"));
}

function sessionFolder(folders: StateFolders, sessionId: SessionId): string {
  if (!isRunId(sessionId)) throw new UnsafePathError(`${JSON.stringify(sessionId)} is no session_id`);
  return join(folders.root, "sessions", sessionId);
}
