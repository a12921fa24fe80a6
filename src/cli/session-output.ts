import type { ActionContext, SessionStart } from "../compose/actions/context.ts";
import { nameRegistry } from "../compose/failures/format-repeat-command.ts";
import type { EndedSession } from "../compose/session/session-result.ts";
import type { PhaseClock } from "../core/phase-clock.ts";
import type { Reporter } from "../core/port/reporter.ts";
import type { SessionRecord } from "../core/run.ts";
import { listFew } from "../core/text/list-few.ts";
import { quoteShell } from "../core/text/quote-shell.ts";
import { appendLine, openLog } from "../processes/log-file.ts";
import { createReporter, type ReporterKind } from "../report/live/reporters.ts";
import { createRunLog } from "../report/log/run-log.ts";
import { renderSummary, SCREENS_SHOWN } from "../report/result/summary.ts";
import { cleanText } from "../report/text/clean-text.ts";
import { toContext } from "./context.ts";
import type { ExitCode } from "./errors.ts";
import { type KeepFlags, readKeep } from "./keep-workers.ts";
import { showPath } from "./show-path.ts";
import { lookOf, writeLines } from "./terminal.ts";
import type { Stops } from "./watch-signals.ts";

export interface OutputFlags {
  json?: boolean;
  verbose?: boolean;
  /** True to execute commands from a registry without asking. */
  yes?: boolean;
}

/**
 * Returns the context for an action's sessions: their logs, the reporter of the flags, and the signals that stop them.
 */
export function toSessionContext(flags: OutputFlags & KeepFlags, stops: Stops, phases?: PhaseClock): ActionContext {
  return {
    ...toContext(flags, stops),
    phases,
    keep: readKeep(flags),
    reporters: (session) => openReporters(flags, session, stops),
    // Explanations are shown to people only, not with `--json`.
    failuresExplained: flags.json ? 0 : SCREENS_SHOWN,
  };
}

function openReporters(
  flags: OutputFlags,
  { plan, maxParallel, state, readRuns }: SessionStart,
  stops: Stops,
): Reporter[] {
  const { color, ids } = lookOf(process.stdout);
  const { stdout, stderr } = process;
  const { verbose = false } = flags;
  const progress = createReporter(reporterKind(flags), { stdout, stderr, color, ids, verbose, maxParallel, readRuns });
  // A command may lead many sessions: only the one under way hears of its signal.
  const ended = new AbortController();
  const onInterrupt = () => progress.onNotice?.(describeInterrupt(plan));
  stops.interrupt.addEventListener("abort", onInterrupt, { signal: ended.signal });
  const files = { open: openLog, append: appendLine };
  const deaf: Reporter = { onEvent: () => {}, close: () => ended.abort() };
  return [createRunLog({ stderr, files, logsFolder: state.logs }), progress, deaf];
}

function describeInterrupt({ runs }: SessionStart["plan"]): string {
  const isSpared = runs.some(({ policy }) => policy.runOn === "always");
  const spared = isSpared ? " but those with `run_on: always`" : "";
  return `Interrupted: no more runs start${spared}, and those that run are asked to stop. Ctrl-C again kills them.`;
}

function reporterKind({ json }: OutputFlags): ReporterKind {
  if (json) return "json";
  return lookOf(process.stdout).isTerminal ? "live" : "lines";
}

/**
 * Writes the end of a session for people. `tookMs` is the time that they waited; default: the session's own duration.
 */
export function writeEnding(ended: EndedSession, tookMs?: number): void {
  const { record, failures, state, writers, publishFaults, cleanUpFaults, hookFaults } = ended;
  const logsFolder = showPath(state.logs);
  const registryOption = quoteShell(nameRegistry(state, process.cwd()));
  const options = { ...lookOf(process.stdout), logsFolder, failures, writers, registryOption, tookMs };
  writeLines(process.stdout, ["", ...renderSummary(record, options)]);
  writeLines(process.stderr, [
    ...describeNotes(record),
    ...describeTainted(ended),
    ...publishFaults.map(({ message }) => `not published: ${message}`),
    ...cleanUpFaults,
    ...hookFaults,
  ]);
}

/** Notes of the session on its runs. */
function describeNotes({ runs }: SessionRecord): string[] {
  const noted = new Map<string, string[]>();
  for (const { run, status, notes } of runs) {
    if (status === "reused") continue;
    for (const { text } of notes) noted.set(text, [...(noted.get(text) ?? []), run]);
  }
  return Array.from(noted, ([text, names]) => cleanText(`note: ${listFew(names)}: ${text}`));
}

/** Repeats the warnings about tainted versions that were made again: their lines scroll away while other runs go on. */
function describeTainted({ tainted }: EndedSession): string[] {
  return tainted.map(({ run, warning }) => cleanText(`warning[${warning.code}]: ${run}: ${warning.message}`));
}

/** Exit code of a session. An interrupted one ends with 130, even if runs failed before. */
export function exitCodeOf({ record }: Pick<EndedSession, "record">, { interrupt }: Stops): ExitCode {
  if (record.status === "success") return 0;
  return interrupt.aborted || record.status === "cancelled" ? 130 : 1;
}
