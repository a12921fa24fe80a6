import type { ReplayedRun } from "../../core/answer/replay.ts";
import { showLocalTimes } from "../../core/text/local-time.ts";
import { formatDuration } from "../text/duration.ts";
import { plain, type Span, type Style, styled, type TextOptions } from "../text/spans.ts";
import { renderTable } from "../text/table.ts";

const STYLES: Readonly<Record<ReplayedRun["action"], Style>> = { run: "yellow", compare: "cyan", link: "dim" };

/** The words for what becomes of a run: `check` compares its inputs first, and runs it only if they changed. */
const WORDS: Readonly<Record<ReplayedRun["action"], string>> = { run: "run", compare: "check", link: "reuse" };

/** A line for each run: what becomes of it, and why. `titles` are those of its duration and its attempt. */
export function renderReplayedRuns(
  runs: readonly ReplayedRun[],
  titles: { duration: string; attempt: string },
  options: TextOptions,
): string[] {
  const columns = [
    { title: "RUN", flexible: true },
    { title: "ACTION" },
    { title: titles.duration, align: "right" },
    { title: titles.attempt, optional: true },
    { title: "WHY", flexible: true },
  ] as const;
  return renderTable(columns, runs.map(describeRun), options);
}

function describeRun({ run, action, run_id, reason, duration_ms }: ReplayedRun): Span[] {
  return [
    plain(run),
    styled(STYLES[action], WORDS[action]),
    plain(duration_ms === null ? "" : formatDuration(duration_ms)),
    plain(run_id ?? ""),
    plain(showLocalTimes(reason)),
  ];
}
