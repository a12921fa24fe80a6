import { formatElapsed } from "./duration.ts";
import type { ActiveRun, ProgressState } from "./progress-state.ts";
import { plain, renderSpans, type Span, styled } from "./spans.ts";
import { alignRows, type Column } from "./table.ts";

export interface LinesOptions {
  /** Of the terminal; no line is wider, and there are no more lines than `rows`. */
  columns: number;
  rows: number;
  nowMs: number;
  color: boolean;
  /** Null while nobody knows. */
  remainingMs: number | null;
}

const SEPARATOR: Span = styled("dim", " · ");
const INDENT = plain("  ");
const ACTIVE_COLUMNS: readonly Column[] = [
  { title: "run", flexible: true },
  { title: "node", flexible: true },
  { title: "elapsed", align: "right" },
];

/** What a terminal shows of a session under way: a header, the running runs, and what waits. */
export function renderLines(state: ProgressState, options: LinesOptions): string[] {
  const { columns, rows, color } = options;
  const active = [...state.active.values()];
  const shown = countShown(state, rows);
  const cells = active.slice(0, shown).map((run) => describeActive(run, options.nowMs));
  const body = alignRows(ACTIVE_COLUMNS, cells, columns - INDENT.text.length).map((line) => [INDENT, ...line]);
  const tail = describeRest(active.length - shown, state.counts.pending);
  const lines = [describeSession(state, options), ...body, ...(tail.length > 0 ? [[INDENT, ...tail]] : [])];
  return lines.slice(0, rows).map((line) => renderSpans(line, { columns, color }));
}

/** How many running runs fit between the header and a last line for the rest. */
function countShown(state: ProgressState, rows: number): number {
  const hasRest = state.counts.pending > 0 || state.active.size > rows - 1;
  return Math.max(0, Math.min(state.active.size, rows - 1 - (hasRest ? 1 : 0)));
}

function describeSession(state: ProgressState, { nowMs, remainingMs }: LinesOptions): Span[] {
  const { counts, total } = state;
  const parts: Span[] = [styled("bold", `Run ${total - counts.pending} of ${total}`)];
  if (state.isPaused) parts.push(styled("yellow", "paused"));
  if (counts.failed > 0) parts.push(styled("red", `${counts.failed} failed`));
  if (counts.skipped > 0) parts.push(styled("yellow", `${counts.skipped} skipped`));
  if (counts.cancelled > 0) parts.push(styled("yellow", `${counts.cancelled} cancelled`));
  if (state.startedMs !== null) parts.push(plain(`elapsed ${formatElapsed(nowMs - state.startedMs)}`));
  if (remainingMs !== null) parts.push(plain(`ETA ${formatElapsed(remainingMs)}`));
  return joinParts(parts);
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

function describeRest(hidden: number, queued: number): Span[] {
  const parts: Span[] = [];
  if (hidden > 0) parts.push(styled("dim", `${hidden} more running`));
  if (queued > 0) parts.push(styled("dim", `${queued} queued`));
  return joinParts(parts);
}

function joinParts(parts: readonly Span[]): Span[] {
  return parts.flatMap((part, at) => (at === 0 ? [part] : [SEPARATOR, part]));
}
