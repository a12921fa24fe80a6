import type { Phase, PhaseTime } from "../../core/phase-clock.ts";
import { formatDuration } from "../text/duration.ts";
import { plain, styled, type TextOptions } from "../text/spans.ts";
import { type Column, renderTable } from "../text/table.ts";

const COLUMNS: readonly Column[] = [{ title: "PHASE" }, { title: "TIME", align: "right" }];

const NAMES: Readonly<Record<Phase, string>> = {
  start: "start the program",
  read: "read the workflow",
  open: "open the registry",
  ask: "ask the projects",
  worker: "start workers",
  plan: "make the plan",
  record: "record the session",
  runs: "runs",
  between: "between runs",
  finish: "publish and clean up",
  close: "end workers",
};

/** Renders the duration of a command, phase by phase, and its sum. */
export function renderTimings(phases: readonly PhaseTime[], options: TextOptions): string[] {
  const total = phases.reduce((sum, { duration_ms }) => sum + duration_ms, 0);
  const rows = phases.map(({ phase, duration_ms }) => [plain(NAMES[phase]), plain(formatDuration(duration_ms))]);
  return renderTable(COLUMNS, [...rows, [styled("bold", "total"), styled("bold", formatDuration(total))]], options);
}
