import type { GivenVersion, RunFailure } from "../../core/error/run-failure.ts";
import type { ExceptionRecord } from "../../core/run.ts";
import { clipText } from "../text/clean-text.ts";
import { describeException } from "../text/describe-reason.ts";
import { plain, renderSpans, type Span, styled, type TextOptions } from "../text/spans.ts";
import { countTries } from "./count-tries.ts";

const FAILURES_SHOWN = 20;
const VERSIONS_SHOWN = 8;
const LINE_WIDTH = 200;
const TRACE_LINES = 12;
const FRAME_LINES = 3;
const FRAME = /^ {2}File "/;
const LIBRARY_FRAME = /^ {2}File "[^"]*[/\\](?:site-packages|dist-packages|lib[/\\]python3[.\d]*|runweave_worker)[/\\]/;

interface FailureOptions extends TextOptions {
  /** Number of failures that are shown. */
  shown?: number;
  /** Number of all failures, if only some are given. */
  total?: number;
  /** Option with which a command finds the registry, quoted for a shell; empty if it needs none. */
  registryOption?: string;
}

/** Renders one screen for each failed run, from the failure to the command that repeats it. */
export function renderRunFailures(failures: readonly RunFailure[], options: FailureOptions): string[] {
  const { shown = FAILURES_SHOWN, total = failures.length, registryOption = "" } = options;
  const told = failures.slice(0, shown).flatMap((failure, at) => [...(at === 0 ? [] : [[]]), ...describe(failure)]);
  const more = total - Math.min(shown, failures.length);
  const command = `runweave errors ${failures[0]?.session_id ?? ""}`;
  const rest =
    more > 0 ? [[], [styled("dim", `and ${more} more: ${`${command} --json ${registryOption}`.trimEnd()}`)]] : [];
  // A command line that was cut could not be pasted.
  return [...told, ...rest].map((spans) => renderSpans(spans, { ...options, columns: null }));
}

function describe(failure: RunFailure): Span[][] {
  const { run, run_id, allow_failure, node, exception, reason, log, log_tail, reproduce } = failure;
  const { tries, most } = countTries(failure);
  const which = most > 1 ? `  attempt ${tries} of ${most}` : "";
  const allowed = allow_failure ? "  (may fail)" : "";
  return [
    [styled("red", run), plain(`  ${run_id ?? "never started"}${which}${allowed}`)],
    ...describeField("node", node),
    ...describeChain(exception),
    ...describeField("reason", exception !== null && exception.message === reason ? null : reason),
    ...describeGiven(failure.loaded_from),
    ...describeBlock("trace", lastLines(exception)),
    ...describeField("log", log),
    ...describeBlock("", log_tail),
    ...describeField("again", reproduce),
  ];
}

function describeChain(exception: ExceptionRecord | null): Span[][] {
  const lines: Span[][] = [];
  for (let link = exception; link !== null; link = link.cause) {
    lines.push(...describeField(link === exception ? "error" : "cause", describeException(link)));
  }
  return lines;
}

function describeGiven(given: readonly GivenVersion[]): Span[][] {
  const lines = given.slice(0, VERSIONS_SHOWN).map(({ dataset, version, from_run, loaded }) => {
    const source = from_run === null ? "" : ` (${from_run})`;
    return `${dataset} <- ${version}${source}${loaded === false ? ", not loaded" : ""}`;
  });
  const more = given.length - VERSIONS_SHOWN;
  return describeBlock("given", more > 0 ? [...lines, `and ${more} more`] : lines);
}

/**
 * Selects the last lines: of a Python traceback, the line that raised and the project's own line that led there, if
 * library frames lie between; of a command, its output, which the log has too.
 */
function lastLines(exception: ExceptionRecord | null): string[] {
  if (exception?.classes === undefined) return [];
  const lines = (exception.traceback ?? "").trimEnd().split("\n");
  const own = lines.findLastIndex((line) => FRAME.test(line) && !LIBRARY_FRAME.test(line));
  if (own === -1 || own >= lines.length - TRACE_LINES) return lines.slice(-TRACE_LINES);
  const size = lines.slice(own + 1).findIndex((line) => FRAME.test(line)) + 1;
  const frame = lines.slice(own, own + Math.min(size || FRAME_LINES, FRAME_LINES));
  return [...frame, "  ...", ...lines.slice(frame.length + 1 - TRACE_LINES)];
}

function describeField(name: string, value: string | null): Span[][] {
  return value === null ? [] : [[styled("dim", `  ${name.padEnd(7)}`), plain(value)]];
}

function describeBlock(name: string, lines: readonly string[]): Span[][] {
  return lines.map((line, at) => {
    return [styled("dim", `  ${(at === 0 ? name : "").padEnd(7)}`), plain(clipText(line, LINE_WIDTH))];
  });
}
