import type { RunFailure } from "../../core/error/run-failure.ts";
import type { RunHead } from "../../core/port/registry.ts";
import { isScript, type RunRecord, type RunStatus, type SessionRecord } from "../../core/run.ts";
import { displayWidth } from "../text/display-width.ts";
import { formatDuration } from "../text/duration.ts";
import { plain, renderSpans, type Span, styled, type TextOptions } from "../text/spans.ts";
import { describeCounts, styleStatus } from "../text/status-style.ts";
import { renderRunFailures } from "./failures.ts";
import { describeInjected, describeTakenOver, listInjected, nameVersions } from "./injected-versions.ts";
import { renderFailures, renderUnrun } from "./run-endings.ts";
import { renderRunTable } from "./run-table.ts";

export interface SummaryOptions extends TextOptions {
  /** Folder of logs as people can open it from the working folder. Default: `.runweave/logs`. */
  logsFolder?: string;
  /** All that is known of the first failed runs; without it their records have to do. */
  failures?: readonly RunFailure[];
  /**
   * Option with which every command finds the registry, quoted for a shell: `--registry PATH`; empty if none is needed.
   */
  registryOption?: string;
  /** Time that people waited, in milliseconds; default: the session's own duration. */
  tookMs?: number | undefined;
  /** Attempts of other sessions whose versions were read. */
  writers?: readonly RunHead[];
}

export const DEFAULT_LOGS_FOLDER = ".runweave/logs";
const RUNS_SHOWN = 40;
const FAILED_SHOWN = 20;
const LAST_SHOWN = 10;
const INJECTED_SHOWN = 5;
/** Largest number of failed runs with a screen: more would push the first one off the screen. */
export const SCREENS_SHOWN = 3;

/**
 * Renders the end of a session: its runs and their inputs, the failures and their causes, and the commands to go on
 * with.
 */
export function renderSummary(session: SessionRecord, options: SummaryOptions): string[] {
  const { runs } = session;
  const logsFolder = options.logsFolder ?? DEFAULT_LOGS_FOLDER;
  const sections = [
    renderSessionLines(session, options),
    renderRunSection(session, options),
    options.failures === undefined
      ? renderFailures(runs, { ...options, logsFolder })
      : renderScreens(options.failures, { ...options, total: runs.filter(({ status }) => status === "failed").length }),
    renderUnrun(runs, { ...options, status: "skipped" }),
    renderUnrun(runs, { ...options, status: "cancelled" }),
    renderNext(session, options),
  ];
  return sections
    .filter((section) => section.length > 0)
    .flatMap((section, at) => (at === 0 ? section : ["", ...section]));
}

function renderScreens(failures: readonly RunFailure[], options: TextOptions & { total: number }): string[] {
  if (failures.length === 0) return [];
  const head = renderSpans([styled("bold", "Failed")], { ...options, columns: null });
  return [head, ...renderRunFailures(failures, { ...options, shown: SCREENS_SHOWN })];
}

/** `Session ID of churn  failed 12.3s: 7 success, 1 failed`; the counts have a line of their own where that is too wide. */
export function renderSessionLines(
  { session_id, workflow, status, duration_ms, runs }: SessionRecord,
  { tookMs = duration_ms ?? undefined, ...options }: TextOptions & Pick<SummaryOptions, "tookMs">,
): string[] {
  const counts: Partial<Record<RunStatus, number>> = {};
  for (const run of runs) counts[run.status] = (counts[run.status] ?? 0) + 1;
  const took = tookMs === undefined ? "" : ` ${formatDuration(tookMs)}`;
  const head = [
    styled("bold", `Session ${session_id}`),
    plain(` of ${workflow}  `),
    styleStatus(status),
    plain(`${took}:`),
  ];
  // A session without a failed run fails only if a publication failed.
  const rest = status === "failed" && counts.failed === undefined ? ", not all of it published" : "";
  const tail = plain(` ${describeCounts(counts)}${rest}`);
  const width = displayWidth(renderSpans([...head, tail], { ids: options.ids, color: false, columns: null }));
  const lines = width > (options.columns ?? Infinity) ? [head, [plain(" "), tail]] : [[...head, tail]];
  return lines.map((spans) => renderSpans(spans, { ...options, columns: null }));
}

function renderRunSection(session: SessionRecord, options: SummaryOptions): string[] {
  const writers = nameVersions(session, options.writers);
  const shown = selectRuns(session.runs);
  const lines = renderRunTable(shown, { ...options, details: (run) => describeInputs(run, writers) });
  const hidden = session.runs.length - shown.length;
  const rest = styled("dim", `… and ${hidden} more runs: runweave show ${session.session_id}`);
  return hidden > 0 ? [...lines, renderSpans([rest], { ...options, columns: null })] : lines;
}

/** All runs of a small session; of a big one the first that failed and the last ones, in plan order. */
function selectRuns(runs: readonly RunRecord[]): readonly RunRecord[] {
  if (runs.length <= RUNS_SHOWN) return runs;
  const failed = runs.filter((run) => run.status === "failed").slice(0, FAILED_SHOWN);
  const chosen = new Set([...failed, ...runs.slice(-LAST_SHOWN)]);
  return runs.filter((run) => chosen.has(run));
}

function describeInputs(run: RunRecord, writers: ReadonlyMap<string, string>): Span[][] {
  const injected = listInjected(run, writers);
  const lines = injected.slice(0, INJECTED_SHOWN).map(describeInjected);
  const more = injected.length - INJECTED_SHOWN;
  const rest = more > 0 ? [[styled("dim", `and ${more} more`)]] : [];
  return [...lines, ...rest, ...describeTakenOver(run)];
}

/** A session that did not succeed is told first how to finish it; the lineage of another run would not explain it. */
function renderNext(session: SessionRecord, { registryOption = "", ...options }: SummaryOptions): string[] {
  const { session_id, status, runs } = session;
  const started = runs.filter((run) => run.run_id !== null);
  const last = started.findLast((run) => run.status === "success") ?? started.at(-1);
  const stopped = started.find((run) => run.status === "failed") ?? started.find((run) => run.status === "cancelled");
  const isWhole = status === "success" || status === "running";
  const lines = [
    ...(isWhole || isScript(session) ? [] : [`runweave resume ${session_id}`]),
    `runweave show ${session_id}`,
    ...[stopped ?? last].flatMap((run) => (run === undefined ? [] : [`runweave logs ${run.run_id}`])),
    ...(isWhole && last !== undefined ? [`runweave lineage ${last.run_id}`] : []),
  ];
  return [styled("bold", "Next"), ...lines.map((line) => plain(`  ${line} ${registryOption}`.trimEnd()))].map((span) =>
    renderSpans([span], { ...options, columns: null }),
  );
}
