import type { ExceptionRecord, RunRecord } from "../../core/run.ts";
import { listFew } from "../../core/text/list-few.ts";
import { clipText } from "../text/clean-text.ts";
import { describeException } from "../text/describe-reason.ts";
import { plain, renderSpans, type Span, styled, type TextOptions } from "../text/spans.ts";
import { countTries } from "./count-tries.ts";

const FAILURES_SHOWN = 20;
const GROUPS_SHOWN = 10;
const NAMES_SHOWN = 5;
const OUTPUT_LINES_SHOWN = 3;
const OUTPUT_WIDTH = 200;

/** Each failed run with its exception, its node and its log: what one looks at first. */
export function renderFailures(runs: readonly RunRecord[], options: TextOptions & { logsFolder: string }): string[] {
  const failed = runs.filter((run) => run.status === "failed");
  if (failed.length === 0) return [];
  const shown = failed.slice(0, FAILURES_SHOWN).flatMap((run) => describeFailure(run, options.logsFolder));
  const more = failed.length - FAILURES_SHOWN;
  const rest = more > 0 ? [[styled("dim", `  and ${more} more`)]] : [];
  return toLines([[styled("bold", "Failed")], ...shown, ...rest], options);
}

function describeFailure(record: RunRecord, logsFolder: string): Span[][] {
  const { run, run_id, exception, reason } = record;
  const { tries } = countTries(record);
  const what = exception === null ? (reason ?? "no reason is known") : describeException(exception);
  const lines: Span[][] = [[plain("  "), styled("red", run), plain(`  ${what}`)]];
  if (tries > 1) lines.push(describeField("tries", String(tries)));
  if (exception !== null && exception.node !== null) lines.push(describeField("node", exception.node));
  if (exception !== null && exception.cause !== null)
    lines.push(describeField("cause", describeException(exception.cause)));
  for (const line of lastOutput(exception)) lines.push(describeField("said", line));
  if (run_id !== null) lines.push(describeField("log", `${logsFolder}/run_${run_id}.log`));
  return lines;
}

/** Last output of a process; for a node, its exception is enough. */
function lastOutput(exception: ExceptionRecord | null): string[] {
  const output = exception?.node === null ? (exception.traceback ?? "") : "";
  const lines = output.split("\n").filter((line) => line.trim() !== "");
  return lines.slice(-OUTPUT_LINES_SHOWN).map((line) => clipText(line, OUTPUT_WIDTH));
}

function describeField(name: string, value: string): Span[] {
  return [styled("dim", `    ${name.padEnd(6)}`), plain(value)];
}

/** The runs that were skipped, or those that were cancelled; runs with one reason together. */
export function renderUnrun(
  runs: readonly RunRecord[],
  { status, ...options }: TextOptions & { status: "skipped" | "cancelled" },
): string[] {
  const groups = Map.groupBy(
    runs.filter((run) => run.status === status),
    (run) => run.reason ?? "no reason is known",
  );
  if (groups.size === 0) return [];
  const shown = [...groups].slice(0, GROUPS_SHOWN).map(([reason, members]) => {
    const names = listFew(
      members.map((run) => run.run),
      NAMES_SHOWN,
    );
    return [plain("  "), styled("yellow", names), plain(`  ${reason}`)];
  });
  const more = groups.size - GROUPS_SHOWN;
  const rest = more > 0 ? [[styled("dim", `  and for ${more} more reasons`)]] : [];
  return toLines([[styled("bold", status === "skipped" ? "Skipped" : "Cancelled")], ...shown, ...rest], options);
}

function toLines(lines: readonly Span[][], options: TextOptions): string[] {
  return lines.map((spans) => renderSpans(spans, { ...options, columns: null }));
}
