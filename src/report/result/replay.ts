import type { ReplayedRun, ReplayPreview } from "../../core/answer/replay.ts";
import { listFew } from "../../core/text/list-few.ts";
import { formatDuration } from "../text/duration.ts";
import { plain, renderSpans, type Span, styled, type TextOptions } from "../text/spans.ts";
import { renderReplayedRuns } from "./replayed-runs.ts";

const LINKED_SHOWN = 20;

const TITLES = { duration: "TAKES", attempt: "EARLIER RUN" };

/** Renders `replay --dry-run`: runs that are executed, perhaps executed or linked, the reasons, and the durations. */
export function renderReplay(preview: ReplayPreview, options: TextOptions): string[] {
  const { runs } = preview;
  const due = runs.filter(({ action }) => action !== "link");
  const linked = runs.filter(({ action }) => action === "link");
  const shown = [...due, ...linked.slice(0, LINKED_SHOWN)];
  const hidden = linked.length - LINKED_SHOWN;
  return [
    ...describeReplay(preview).map((spans) => renderSpans(spans, { ...options, columns: null })),
    "",
    ...renderReplayedRuns(shown, TITLES, options),
    ...(hidden > 0 ? [`… and ${hidden} more that are reused`] : []),
  ];
}

/** The beginning of it, in two or three lines. */
export function describeReplay(preview: ReplayPreview): Span[][] {
  const { replay_of, workflow, runs, unknown_durations } = preview;
  const count = (action: ReplayedRun["action"]) => runs.filter((run) => run.action === action).length;
  const perhaps = count("compare") === 0 ? "" : `, ${count("compare")} only if their inputs change`;
  const what = `${count("run")} to run${perhaps}, ${count("link")} reused; ${describeCost(preview)}`;
  const unknown = `  unknown how long these take, each estimated as ${formatDuration(preview.assumed_ms)}: `;
  return [
    [styled("bold", `Replay of ${replay_of.session_id}`), plain(` of ${workflow}: ${what}`)],
    ...replay_of.changes.map((change) => [styled("dim", "  with "), plain(change)]),
    ...(unknown_durations.length === 0 ? [] : [[styled("dim", unknown), plain(listFew(unknown_durations))]]),
  ];
}

function describeCost({ least_ms, most_ms }: ReplayPreview): string {
  const [least, most] = [formatDuration(least_ms), formatDuration(most_ms)];
  return least === most ? `takes about ${most}` : `takes about ${least} to ${most}`;
}
