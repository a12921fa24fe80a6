import { statSync } from "node:fs";
import type { RegistryReader } from "../../core/port/registry.ts";
import type { StateFolders, Task } from "../../core/port/runner.ts";
import type { SessionRecord } from "../../core/run.ts";
import { listFew } from "../../core/text/list-few.ts";
import { quoteShell } from "../../core/text/quote-shell.ts";
import { cleanText } from "../../report/text/clean-text.ts";
import { readLoggedOrigin } from "../kept-plan/logged-origin.ts";
import { isOwnPlan } from "./own-plans.ts";

/** Runs of a session that would be executed as a registry describes them. */
export interface Execution {
  session: Pick<SessionRecord, "session_id" | "workflow" | "git_commit" | "git_dirty">;
  runs: readonly { run: string; task: Task }[];
}

/** Reasons why the user has to consent to an execution, and lines that describe it. Both are for people, without control characters. */
export interface Doubt {
  reasons: string[];
  lines: string[];
}

export interface ExecutionContext {
  reader: RegistryReader;
  folders: StateFolders;
  environment: Readonly<Record<string, string | undefined>>;
}

/**
 * Judges whether what a registry says may be executed unasked: the state folder belongs to the user, and each session's plan was made by the
 * user. Null if so. Throws KeptPlanError if the log says something else of a plan than the table.
 */
export function judgeExecution(executions: readonly Execution[], context: ExecutionContext): Doubt | null {
  const owner = findOtherOwner(context.folders.root);
  const foreign = executions.filter(({ session }) => owner !== null || !isOwn(session, context));
  if (foreign.length === 0) return null;
  const ids = foreign.map(({ session }) => session.session_id);
  const reasons =
    owner === null
      ? [`nothing shows that you made the plan of session ${listFew(ids)} on this machine`]
      : [`the state folder ${context.folders.root} belongs to user ${owner}`];
  return { reasons: reasons.map(cleanText), lines: foreign.flatMap(describe).map(cleanText) };
}

function findOtherOwner(root: string): number | null {
  const { uid } = statSync(root);
  return uid === (process.getuid?.() ?? uid) ? null : uid;
}

function isOwn({ session_id }: Execution["session"], { reader, folders, environment }: ExecutionContext): boolean {
  const digest = readLoggedOrigin(reader, session_id)?.plan;
  return digest !== undefined && isOwnPlan(folders, { session_id, digest }, environment);
}

function describe({ session, runs }: Execution): string[] {
  const { session_id, workflow, git_commit, git_dirty } = session;
  const code =
    git_commit === null ? "no commit" : `commit ${git_commit}${git_dirty ? " with uncommitted changes" : ""}`;
  const tasks = runs.flatMap(({ run, task }) => [`  ${run}: ${describeTask(task)}`, `    in ${folderOf(task)}`]);
  return [`session ${session_id} of ${workflow}, recorded with ${code}:`, ...tasks];
}

function describeTask(task: Task): string {
  switch (task.kind) {
    case "kedro":
      return `Kedro, pipelines ${task.pipeline_names.join(", ") || "__default__"}, with ${task.python ?? "the project's Python"}`;
    case "command":
      return quoteShell(task.argv);
    case "module":
      return `module ${task.module.path}`;
    default:
      return task satisfies never;
  }
}

function folderOf(task: Task): string {
  return task.kind === "kedro" ? task.project_path : task.cwd;
}
