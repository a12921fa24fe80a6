import { explainFailures } from "../compose/failures/explain-failures.ts";
import { quoteShell } from "../compose/failures/quote-shell.ts";
import { nameRegistry } from "../compose/failures/tell-repeat-command.ts";
import type { SessionResult } from "../compose/session/live-session.ts";
import type { Workspace } from "../compose/workspace.ts";
import type { Reporter } from "../core/port/reporter.ts";
import type { SessionRecord } from "../core/run.ts";
import { listFew } from "../core/text/list-few.ts";
import type { Plan } from "../plan/plan.ts";
import { appendLine, openLog } from "../processes/log-file.ts";
import { createReporter, type ReporterKind } from "../report/live/reporters.ts";
import { createRunLog } from "../report/log/run-log.ts";
import { renderSummary, SCREENS_SHOWN } from "../report/result/summary.ts";
import { cleanText } from "../report/text/clean-text.ts";
import type { ExitCode } from "./errors.ts";
import { showPath } from "./show-path.ts";
import { lookOf, writeLines } from "./terminal.ts";
import type { Stops } from "./watch-signals.ts";

export interface OutputFlags {
  json?: boolean;
  verbose?: boolean;
}

interface Shown {
  plan: Pick<Plan, "runs">;
  maxParallel: number;
  stops: Stops;
  workspace: Workspace;
}

/** Whoever is told of a session that runs in this process: its logs, and the reporter that the flags ask for. */
export function openReporters(
  flags: OutputFlags,
  { plan, maxParallel, stops, workspace }: Shown,
): { reporters: Reporter[]; close(): void } {
  const { color, ids } = lookOf(process.stdout);
  const progress = createReporter(reporterKind(flags), {
    stdout: process.stdout,
    stderr: process.stderr,
    color,
    ids,
    verbose: flags.verbose ?? false,
    maxParallel,
    readRuns: (session) => workspace.registry.findSession(session)?.runs ?? [],
  });
  stops.interrupt.addEventListener("abort", () => progress.onNotice?.(tellInterrupt(plan)));
  const log = createRunLog({
    stderr: process.stderr,
    files: { open: openLog, append: appendLine },
    logsFolder: workspace.folders.logs,
  });
  const close = () => {
    progress.close?.();
    log.close?.();
  };
  return { reporters: [log, progress], close };
}

function tellInterrupt({ runs }: Pick<Plan, "runs">): string {
  const isSpared = runs.some(({ policy }) => policy.runOn === "always");
  const spared = isSpared ? " but those with `run_on: always`" : "";
  return `Interrupted: no more runs start${spared}, and those that run are asked to stop. Ctrl-C again kills them.`;
}

function reporterKind({ json }: OutputFlags): ReporterKind {
  if (json) return "json";
  return lookOf(process.stdout).isTerminal ? "live" : "lines";
}

/** What became of the session, for people. `tookMs` is how long they waited for it; default: how long the session took. */
export function writeEnding(
  { record, publishFaults, cleanUpFaults, hookFaults }: SessionResult,
  { folders, registry }: Workspace,
  tookMs?: number,
): void {
  const failures = explainFailures(registry, { session: record, state: folders, limit: SCREENS_SHOWN });
  const look = lookOf(process.stdout);
  const logsFolder = showPath(folders.logs);
  const registryOption = quoteShell(nameRegistry(folders, process.cwd()));
  const options = { ...look, logsFolder, failures, registryOption, tookMs };
  writeLines(process.stdout, ["", ...renderSummary(record, options)]);
  writeLines(process.stderr, [
    ...tellNotes(record),
    ...tellTainted(record),
    ...publishFaults.map(({ message }) => `not published: ${message}`),
    ...cleanUpFaults,
    ...hookFaults,
  ]);
}

/** What the session itself noted of its runs. */
function tellNotes({ runs }: SessionRecord): string[] {
  const noted = new Map<string, string[]>();
  for (const { run, status, notes } of runs) {
    if (status === "reused") continue;
    for (const { text } of notes) noted.set(text, [...(noted.get(text) ?? []), run]);
  }
  return Array.from(noted, ([text, names]) => cleanText(`note: ${listFew(names)}: ${text}`));
}

/** Repeats what was made again though it is tainted: its line scrolls away while other runs go on. */
function tellTainted({ runs }: SessionRecord): string[] {
  return runs.flatMap(({ run, status, warnings }) => {
    const tainted = status === "reused" ? [] : warnings.filter(({ code }) => code === "tainted-again");
    return tainted.map(({ code, message }) => cleanText(`warning[${code}]: ${run}: ${message}`));
  });
}

/** Who interrupts a session knows why it did not succeed, whatever has failed before. */
export function exitCodeOf({ record }: SessionResult, { interrupt }: Stops): ExitCode {
  if (record.status === "success") return 0;
  return interrupt.aborted || record.status === "cancelled" ? 130 : 1;
}
