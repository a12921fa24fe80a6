import { preparePlan } from "../../compose/prepare-plan.ts";
import { readGitState } from "../../compose/read-git-state.ts";
import { runSession, type SessionResult } from "../../compose/run-session.ts";
import { defaultParallelism, openWorkspace, type Workspace } from "../../compose/workspace.ts";
import type { WorkflowDefinition } from "../../define/definition.ts";
import { createReporter, type ReporterKind } from "../../report/index.ts";
import { createRunLog } from "../../report/run-log.ts";
import { renderSummary } from "../../report/summary.ts";
import { awaitPlan } from "../await-plan.ts";
import type { ExitCode } from "../errors.ts";
import { folderOf, readWorkflow, valueOrThrow } from "../read-workflow.ts";
import { showPath } from "../show-path.ts";
import { lookOf, writeLines, writeProblems } from "../terminal.ts";
import { type Stops, watchSignals } from "../watch-signals.ts";

export interface RunFlags {
  json?: boolean;
  registry?: string;
  maxParallel?: number;
  onFailure?: "fail-fast" | "continue";
  verbose?: boolean;
}

/** `runweave run FILE`. */
export async function runWorkflowFile(file: string, flags: RunFlags): Promise<ExitCode> {
  const stops = watchSignals();
  const { definition, warnings } = await readWorkflow(file);
  if (!flags.json) writeProblems(process.stderr, warnings);
  const workspace = openWorkspace({ registry: flags.registry, from: folderOf(file), store: definition.store });
  try {
    const result = await execute({ file, definition, workspace, flags, stops });
    if (!flags.json) writeEnding(result, workspace);
    return exitCodeOf(result, stops);
  } finally {
    await workspace.close();
    stops.close();
  }
}

interface Execution {
  file: string;
  definition: WorkflowDefinition;
  workspace: Workspace;
  flags: RunFlags;
  stops: Stops;
}

async function execute({ file, definition, workspace, flags, stops }: Execution): Promise<SessionResult> {
  const git = readGitState(definition.project ?? definition.dir);
  const prepared = preparePlan(definition, { environment: process.env, probe: workspace.probe });
  const checked = await awaitPlan(prepared, { definition, interrupt: stops.interrupt });
  const plan = valueOrThrow(checked, file);
  if (checked.ok && !flags.json) writeProblems(process.stderr, checked.warnings);
  const maxParallel = flags.maxParallel ?? plan.maxParallel ?? defaultParallelism();
  const progress = createReporter(reporterKind(flags), {
    stdout: process.stdout,
    stderr: process.stderr,
    color: lookOf(process.stdout).color,
    verbose: flags.verbose ?? false,
    maxParallel,
  });
  stops.interrupt.addEventListener("abort", () => progress.onNotice?.(INTERRUPTED));
  const log = createRunLog({ stderr: process.stderr, logsFolder: workspace.folders.logs });
  try {
    return await runSession({
      workspace,
      plan: { ...plan, onFailure: flags.onFailure ?? plan.onFailure },
      git: await git,
      reporters: [log, progress],
      maxParallel,
      commandLine: process.argv.slice(2),
      interrupt: stops.interrupt,
      kill: stops.kill,
    });
  } finally {
    progress.close?.();
    log.close?.();
  }
}

const INTERRUPTED = "Interrupted: no more runs start, and those under way are asked to end. Ctrl-C again kills them.";

function reporterKind({ json }: RunFlags): ReporterKind {
  if (json) return "json";
  return lookOf(process.stdout).isTerminal ? "live" : "lines";
}

function writeEnding({ record, publishFaults }: SessionResult, { folders }: Workspace): void {
  const { columns, color } = lookOf(process.stdout);
  const logsFolder = showPath(folders.logs);
  writeLines(process.stdout, ["", ...renderSummary(record, { columns, color, logsFolder })]);
  writeLines(
    process.stderr,
    publishFaults.map(({ message }) => `not published: ${message}`),
  );
}

/** Who interrupts a session knows why it did not succeed, whatever has failed before. */
function exitCodeOf({ record }: SessionResult, { interrupt }: Stops): ExitCode {
  if (record.status === "success") return 0;
  return interrupt.aborted || record.status === "cancelled" ? 130 : 1;
}
