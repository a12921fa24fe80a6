import type { RunRecord } from "../../core/run.ts";
import { renderFolded } from "../fold-line.ts";
import { formatBytes, formatDuration } from "../text/duration.ts";
import { plain, type Span, type TextOptions } from "../text/spans.ts";
import { styleStatus } from "../text/status-style.ts";
import { type Column, renderTable } from "../text/table.ts";
import { countTries } from "./count-tries.ts";

const COLUMNS: readonly Column[] = [
  { title: "RUN", flexible: true },
  { title: "STATE" },
  { title: "TIME", align: "right" },
  { title: "PEAK", align: "right", optional: true },
  { title: "TRY", align: "right", optional: true },
  { title: "RUN ID" },
];

/** A table of runs; `details` go below each, indented. The columns for memory and attempts only if they tell anything. */
export function renderRunTable(
  runs: readonly RunRecord[],
  options: TextOptions & { details(run: RunRecord): Span[][] },
): string[] {
  const [header, ...rows] = renderTable(COLUMNS, runs.map(describeRun), options);
  if (header === undefined) return [];
  const lines = rows.flatMap((row, at) => {
    const run = runs[at];
    const details = run === undefined ? [] : options.details(run);
    return [row, ...details.flatMap((spans) => renderFolded([plain("    "), ...spans], options))];
  });
  return [header, ...lines];
}

function describeRun(run: RunRecord): Span[] {
  const { tries } = countTries(run);
  return [
    plain(run.run),
    styleStatus(run.status),
    plain(formatDuration(run.duration_ms)),
    plain(run.peak_memory_bytes === null ? "" : formatBytes(run.peak_memory_bytes)),
    plain(tries > 1 ? String(tries) : ""),
    plain(run.run_id ?? ""),
  ];
}
