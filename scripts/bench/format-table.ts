import { type Benchmark, type BenchmarkRow, findRatio, meetsGoal } from "./benchmark.ts";

const HEAD = ["what", "median", "next to", "its median", "ratio", "goal", ""];

/** The rows of one benchmark as a table of text, with their notes below it. */
export function formatTable(benchmark: Benchmark, rows: readonly BenchmarkRow[]): string {
  const cells = [HEAD, ...rows.map(formatRow)];
  const widths = HEAD.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const lines = cells.map((row) => row.map((cell, column) => pad(cell, column, widths[column] ?? 0)).join("  "));
  const rule = widths.map((width) => "-".repeat(width)).join("  ");
  const notes = [...new Set(rows.flatMap(({ note }) => (note ? [`  note: ${note}`] : [])))];
  return [benchmark.title, "", lines[0], rule, ...lines.slice(1), ...notes].map((line) => line?.trimEnd()).join("\n");
}

/** How many goals there are, and which are missed. */
export function formatVerdict(rows: readonly BenchmarkRow[]): string {
  const judged = rows.filter((row) => meetsGoal(row) !== undefined);
  const missed = judged.filter((row) => meetsGoal(row) === false);
  const list = missed.map(({ what, rival }) => `\n  MISSED: ${what}${rival ? `, next to ${rival.name}` : ""}`);
  return `${judged.length - missed.length} of ${judged.length} goals met${list.join("")}`;
}

function formatRow(row: BenchmarkRow): string[] {
  const ratio = findRatio(row);
  const met = meetsGoal(row);
  const format = row.unit === "MB" ? formatMb : formatMs;
  return [
    row.what,
    format(row.measured),
    row.rival?.name ?? "",
    row.rival ? format(row.rival.median) : "",
    ratio === undefined ? "" : formatTimes(ratio),
    row.goal ? `<= ${"atMost" in row.goal ? format(row.goal.atMost) : formatTimes(row.goal.atMostTimes)}` : "",
    met === undefined ? "" : met ? "met" : "MISSED",
  ];
}

function pad(cell: string, column: number, width: number): string {
  const isNumber = [1, 3, 4].includes(column);
  return isNumber ? cell.padStart(width) : cell.padEnd(width);
}

/** A ratio as people say it: 1/20 below one, 3.4x above. */
function formatTimes(times: number): string {
  return times < 1 ? `1/${Number((1 / times).toFixed(1))}` : `${Number(times.toFixed(2))}x`;
}

function formatMs(ms: number): string {
  return ms < 10_000 ? `${ms.toFixed(ms < 100 ? 1 : 0)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}

function formatMb(mb: number): string {
  return `${mb.toFixed(1)} MB`;
}
