import { hash } from "node:crypto";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { RefusalError } from "../../core/error/refusal-error.ts";
import type { StateFolders } from "../../core/port/runner.ts";
import { isRunId, type SessionId } from "../../core/run-id.ts";
import type { Plan } from "../../plan/plan.ts";
import { UnsafePathError } from "../../versions/layout.ts";
import { sweepTemporaries, syncFolder, temporaryBeside, writeFileDurably } from "../../versions/write-file.ts";

/** Everything that another process needs to finish a session, without the workflow file. */
export interface KeptPlan {
  session_id: SessionId;
  /** Absolute, or a URL prefix. */
  store: string;
  max_parallel: number;
  /** Keyed digests of the variables that its runs refer to. */
  variables: Record<string, string>;
  /** Digest of a fixed text with the same key; none without variables, and in plans of an older runweave. */
  variables_key?: string;
  plan: Plan;
}

/** A session's plan can't be had back; `missing` if there never was one. */
export class KeptPlanError extends RefusalError<"plan-unusable"> {
  readonly missing: boolean;

  constructor(message: string, missing: boolean) {
    super("plan-unusable", message, "run the workflow file again");
    this.missing = missing;
  }
}

const PLAN_FILE = "plan.json";

/** The form of the file; another number is another form. The first one had a map for each kind of read. */
export const KEPT_PLAN_FORMAT = 2;

export function keptPlanPath(folders: StateFolders, sessionId: SessionId): string {
  return join(sessionFolder(folders, sessionId), PLAN_FILE);
}

/**
 * Keeps a session's plan so that it survives a loss of power, before anything of the session is on record. Returns its digest
 * for the record: the file has the commands that are executed, so a changed file must be noticed.
 */
export async function keepPlan(folders: StateFolders, kept: KeptPlan): Promise<string> {
  const folder = sessionFolder(folders, kept.session_id);
  const sessions = dirname(folder);
  mkdirSync(sessions, { recursive: true, mode: 0o700 });
  sweepTemporaries(sessions);
  const text = JSON.stringify({ format: KEPT_PLAN_FORMAT, ...kept });
  const temporary = temporaryBeside(folder);
  try {
    mkdirSync(temporary, { mode: 0o700 });
    await writeFileDurably(join(temporary, PLAN_FILE), text);
    // A new folder appears with its plan or not at all: no session knows of one that is empty.
    if (existsSync(folder)) renameSync(join(temporary, PLAN_FILE), join(folder, PLAN_FILE));
    else renameSync(temporary, folder);
    await syncFolder(folder);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
  await syncFolder(sessions);
  return digestPlan(text);
}

/** Removes the plan of a session that was never recorded: no record would lead to the plan. */
export function dropPlan(folders: StateFolders, sessionId: SessionId): void {
  rmSync(sessionFolder(folders, sessionId), { recursive: true, force: true });
}

export function digestPlan(text: string | Uint8Array): string {
  return `sha256:${hash("sha256", text, "hex")}`;
}

function sessionFolder(folders: StateFolders, sessionId: SessionId): string {
  if (!isRunId(sessionId)) throw new UnsafePathError(`${JSON.stringify(sessionId)} is not a session_id`);
  return join(folders.root, "sessions", sessionId);
}
