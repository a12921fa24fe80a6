import type { RunEvent } from "../../core/event/event.ts";
import { systemClock } from "../../core/port/clock.ts";
import type { Reporter } from "../../core/port/reporter.ts";
import { renderSpans, styled } from "../text/spans.ts";
import { describeEvent } from "./describe-event.ts";
import { type EstimateOptions, estimateRemainingMs } from "./estimate.ts";
import { openWarnings } from "./output-stream.ts";
import { reduceProgress, restoreProgress } from "./progress.ts";
import { createProgress, type ProgressState } from "./progress-state.ts";
import { renderLines } from "./render-lines.ts";
import type { ReporterOptions } from "./reporter-options.ts";
import { type TerminalSize, Window } from "./window.ts";

const MAX_ROWS = 20;
const ESTIMATE_MS = 1000;

/**
 * Writes to a terminal: ended runs as lines that stay, and below them the runs under way. The window is removed before
 * the summary is printed.
 */
export function createLiveReporter(options: ReporterOptions): Reporter {
  const { ids, color = false, verbose = false, clock = systemClock, maxParallel = 1 } = options;
  const estimate = createEstimate();
  let state = createProgress();
  const render = ({ columns, rows }: TerminalSize): string[] => {
    const nowMs = clock.now();
    const remainingMs = estimate(state, { nowMs, maxParallel });
    return renderLines(state, { columns, rows: Math.min(MAX_ROWS, Math.max(1, rows - 1)), nowMs, color, remainingMs });
  };
  const { stdout, stderr, columns, rows } = options;
  const warn = openWarnings(stderr);
  const window = new Window({ stream: stdout, clock, render, warn, columns, rows });
  return {
    onRestored: (session) => {
      state = restoreProgress(session);
    },
    onEvent(event) {
      state = reduceProgress(state, event);
      const spans = isLasting(event, verbose) ? describeEvent(event, { state, verbose }) : null;
      if (event.type === "session.finished") window.close();
      else if (spans !== null) window.print([renderSpans(spans, { columns: null, color, ids })]);
      else window.refresh();
    },
    onNotice: (text) => window.print([renderSpans([styled("yellow", text)], { columns: null, color, ids })]),
    close: () => window.close(),
  };
}

/**
 * True for events that stay on the screen: ends of runs and, if wanted, each node. Runs under way are in the window.
 */
function isLasting({ type }: RunEvent, verbose: boolean): boolean {
  return type !== "run.started" && type !== "session.started" && (verbose || type !== "node.failed");
}

/** Looks at every run, so it does so more seldom the more there are, and counts down between. */
function createEstimate(): (state: ProgressState, options: EstimateOptions) => number | null {
  let atMs = Number.NEGATIVE_INFINITY;
  let remainingMs: number | null = null;
  return (state, options) => {
    const ageMs = options.nowMs - atMs;
    const keepMs = ESTIMATE_MS + (remainingMs === null ? 0 : state.total);
    if (ageMs >= 0 && ageMs < keepMs) return remainingMs && Math.max(0, remainingMs - ageMs);
    atMs = options.nowMs;
    remainingMs = estimateRemainingMs(state, options);
    return remainingMs;
  };
}
