import { formatElapsed } from "../text/duration.ts";
import { plain, renderSpans, type Span, styled } from "../text/spans.ts";
import { alignRows, type Column } from "../text/table.ts";
import { type ActiveRun, countDone, type ProgressState } from "./progress-state.ts";

export interface LinesOptions {
  /** Size of the terminal; no line is wider, and there are no more lines than `rows`. */
  columns: number;
  rows: number;
  nowMs: number;
  color: boolean;
  /** Null while it is unknown. */
  remainingMs: number | null;
}

const SEPARATOR: Span = styled("dim", " · ");
const INDENT = plain("  ");
const ACTIVE_COLUMNS: readonly Column[] = [
  { title: "run", flexible: true },
  { title: "node", flexible: true },
  { title: "elapsed", align: "right" },
];

/** Renders a session under way for a terminal: a header with ended and waiting runs, and the running runs. */
export function renderLines(state: ProgressState, options: LinesOptions): string[] {
  const { columns, rows, color } = options;
  const active = [...state.active.values()];
  const shown = countShown(state, rows);
  const cells = active.slice(0, shown).map((run) => describeActive(run, options.nowMs));
  const body = alignRows(ACTIVE_COLUMNS, cells, columns - INDENT.text.length).map((line) => [INDENT, ...line]);
  const hidden = active.length - shown;
  const tail = hidden > 0 ? [[INDENT, styled("dim", `${hidden} more running`)]] : [];
  const lines = [describeSession(state, options), ...body, ...tail];
  return lines.slice(0, rows).map((line) => renderSpans(line, { columns, color }));
}

/** Counts the running runs that fit between the header and a last line for the rest. */
function countShown(state: ProgressState, rows: number): number {
  const hasRest = state.active.size > rows - 1;
  return Math.max(0, Math.min(state.active.size, rows - 1 - (hasRest ? 1 : 0)));
}

function describeSession(state: ProgressState, { nowMs, remainingMs }: LinesOptions): Span[] {
  const { counts } = state;
  const parts: Span[] = [styled("bold", countRuns(state))];
  if (state.isPaused) parts.push(styled("yellow", "paused"));
  if (counts.failed > 0) parts.push(styled("red", `${counts.failed} failed`));
  if (counts.skipped > 0) parts.push(styled("yellow", `${counts.skipped} skipped`));
  if (counts.cancelled > 0) parts.push(styled("yellow", `${counts.cancelled} cancelled`));
  if (state.startedMs !== null) parts.push(plain(`elapsed ${formatElapsed(nowMs - state.startedMs)}`));
  if (remainingMs !== null) parts.push(plain(`ETA ${formatElapsed(remainingMs)}`));
  return joinParts(parts);
}

/** `1 done, 4 running, 3 pending of 8`. */
function countRuns(state: ProgressState): string {
  const { counts, total } = state;
  if (total === 0) return "starting";
  const groups = [
    [countDone(state), "done"],
    [counts.running, "running"],
    [counts.pending, "pending"],
  ] as const;
  const shown = groups.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`);
  return `${shown.join(", ")} of ${total}`;
}

function describeActive(run: ActiveRun, nowMs: number): Span[] {
  return [styled("cyan", run.run), plain(describeNodes(run)), styled("dim", formatElapsed(nowMs - run.startedMs))];
}

function describeNodes({ nodes, doneNodes, totalNodes }: ActiveRun): string {
  const newest = nodes.at(-1);
  const others = nodes.length > 1 ? ` +${nodes.length - 1}` : "";
  if (totalNodes === null) return newest === undefined ? "" : `${newest}${others}`;
  const at = Math.min(totalNodes, doneNodes + nodes.length);
  return `node ${at} of ${totalNodes}${newest === undefined ? "" : ` ${newest}${others}`}`;
}

function joinParts(parts: readonly Span[]): Span[] {
  return parts.flatMap((part, at) => (at === 0 ? [part] : [SEPARATOR, part]));
}
