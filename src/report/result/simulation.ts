import type { PolicyForecast, RunForecast, Simulation, Spread } from "../../core/answer/simulation.ts";
import { formatDuration } from "../text/duration.ts";
import { plain, renderSpans, type Span, type Style, styled, type TextOptions } from "../text/spans.ts";
import { type Column, renderTable } from "../text/table.ts";

export interface SimulationTextOptions extends TextOptions {
  /** Assumed duration of a run without any on record, in milliseconds. */
  assumedMs: number;
}

const RUNS_SHOWN = 60;
const HUNG = "where it hung, some runs would never have ended: a `timeout` ends them";
const STYLES: Readonly<Record<string, Style>> = { success: "green", failed: "red", crashed: "red", hung: "red" };

const RUN_COLUMNS: readonly Column[] = [
  { title: "RUN", flexible: true },
  { title: "OUTCOME" },
  { title: "ATTEMPTS", align: "right", optional: true },
  { title: "TAKES", align: "right" },
  { title: "FROM", optional: true },
  { title: "ENDS AT", align: "right" },
  { title: "CRITICAL", align: "right", optional: true },
];
const POLICY_COLUMNS: readonly Column[] = [
  { title: "POLICY", flexible: true },
  { title: "SESSION", flexible: true },
  { title: "RUNS DONE", align: "right" },
  { title: "TIME p50", align: "right" },
  { title: "p95", align: "right", optional: true },
];

/**
 * Renders a simulation: the time and status of the session's end, the forecast of each run, and the policies compared.
 */
export function renderSimulation(simulation: Simulation, options: SimulationTextOptions): string[] {
  const sections = [
    describeSession(simulation).map((spans) => renderSpans(spans, { ...options, columns: null })),
    renderRuns(simulation, options),
    renderTable(POLICY_COLUMNS, listPolicies(simulation).map(describePolicy), options),
  ];
  return sections.flatMap((section, at) => (at === 0 ? section : ["", ...section]));
}

function describeSession({
  workflow,
  seed,
  trials,
  max_parallel,
  faults,
  forecast,
  utilisation,
}: Simulation): Span[][] {
  const tried = `${trials} ${trials === 1 ? "trial" : "trials"} with seed ${seed}, ${max_parallel} at once`;
  return [
    [styled("bold", workflow), plain(`: ${tried}, on_failure: ${forecast.on_failure}`)],
    ...faults.map((fault) => [styled("dim", "  what if "), plain(fault)]),
    [plain("  the session: "), ...describeShares(forecast.sessions)],
    [
      plain(
        `  ends after ${describeSpread(forecast.makespan_ms)}; ${Math.round(utilisation * 100)}% of the slots are used`,
      ),
    ],
    ...(forecast.sessions.hung === undefined ? [] : [[styled("yellow", `  ${HUNG}`)]]),
  ];
}

/** `4m 02s (p5 3m 10s, p95 5m 00s)`, or one duration where there is but one. */
function describeSpread({ p5, p50, p95 }: Spread): string {
  const middle = formatDuration(p50);
  const isOne = formatDuration(p5) === middle && formatDuration(p95) === middle;
  return isOne ? middle : `${middle} (p5 ${formatDuration(p5)}, p95 ${formatDuration(p95)})`;
}

function renderRuns({ runs }: Simulation, options: SimulationTextOptions): string[] {
  const shown = runs.slice(0, RUNS_SHOWN);
  const [header, ...rows] = renderTable(RUN_COLUMNS, shown.map(describeRun), options);
  if (header === undefined) return [];
  const lines = rows.flatMap((row, at) => [row, ...describeReasons(shown[at], options)]);
  const notes = [];
  if (runs.length > shown.length) notes.push(`… and ${runs.length - shown.length} more runs: --json has them`);
  if (shown.some((run) => run.duration_from === "assumed" && run.busy_ms !== null)) {
    const assumed = formatDuration(options.assumedMs);
    notes.push(`assumed: no earlier run tells their times, so ${assumed}; set it with --faults "RUN takes 5m..20m"`);
  }
  return [header, ...lines, ...notes.map((note) => renderSpans([styled("dim", note)], { ...options, columns: null }))];
}

function describeRun({ run, statuses, attempts, busy_ms, duration_from, end_ms, critical }: RunForecast): Span[] {
  return [
    plain(run),
    summarizeShares(statuses),
    plain(attempts === null || attempts.most === 1 ? "" : Number(attempts.mean.toFixed(1)).toString()),
    plain(busy_ms === null ? "-" : formatDuration(busy_ms.p50)),
    plain(busy_ms === null ? "" : duration_from),
    plain(formatDuration(end_ms.p50)),
    plain(critical === 0 ? "" : percent(critical)),
  ];
}

function describeReasons(run: RunForecast | undefined, options: TextOptions): string[] {
  const texts = (run?.reasons ?? []).map(
    ({ reason, trials }) => `    ${reason}${trials > 1 ? ` (${trials} times)` : ""}`,
  );
  return texts.map((text) => renderSpans([styled("dim", text)], options));
}

function listPolicies({ forecast, policies }: Simulation): PolicyForecast[] {
  return [forecast, ...policies];
}

function describePolicy({
  on_failure,
  retries,
  declared,
  sessions,
  makespan_ms,
  succeeded_runs,
}: PolicyForecast): Span[] {
  const added = retries === null ? "" : `, retries: ${retries}`;
  return [
    plain(`${on_failure}${added}${declared ? " (as declared)" : ""}`),
    summarizeShares(sessions),
    plain(Number(succeeded_runs.toFixed(1)).toString()),
    plain(formatDuration(makespan_ms.p50)),
    plain(formatDuration(makespan_ms.p95)),
  ];
}

/** `success 92%, failed 8%`, or `success` where all are alike. */
function describeShares(counts: Readonly<Partial<Record<string, number>>>): Span[] {
  const entries = Object.entries(counts).sort(([, a = 0], [, b = 0]) => b - a);
  const total = entries.reduce((sum, [, count = 0]) => sum + count, 0);
  return entries.flatMap(([status, count = 0], at) => [
    plain(at === 0 ? "" : ", "),
    { text: status, style: STYLES[status] ?? "yellow" },
    plain(entries.length === 1 ? "" : ` ${percent(count / total)}`),
  ]);
}

/** The same as one cell, in the colour of the most frequent. */
function summarizeShares(counts: Readonly<Partial<Record<string, number>>>): Span {
  const spans = describeShares(counts);
  return { text: spans.map(({ text }) => text).join(""), style: spans[1]?.style };
}

/** `87%`, or `86.5%` of 200 trials. */
function percent(share: number): string {
  return `${Number((share * 100).toFixed(1))}%`;
}
