import type { SessionSummary } from "../../core/port/registry-lists.ts";
import { listOption } from "../../core/text/option-values.ts";

const ONLY = "--only";
const SET = "--set";

/**
 * Describes the purpose of a session that did more than run its workflow: `replay of <id>: train alpha=100`; and
 * whether it was taken back.
 */
export function describePurpose(session: SessionSummary): string {
  const takenBack = session.rollback === null ? [] : ["rolled back"];
  return [...describeStart(session), ...takenBack].join("; ");
}

function describeStart({ replay_of, command_line }: SessionSummary): string[] {
  if (replay_of !== null) {
    const what = `${replay_of.heals ? "healing" : "replay"} of ${replay_of.session_id}`;
    return [replay_of.changes.length === 0 ? what : `${what}: ${replay_of.changes.map(shortenChange).join(", ")}`];
  }
  const changes = listOption(command_line, SET).map(({ value }) => shortenChange(value));
  const named = [...listOption(command_line, ONLY).map(({ value }) => value), ...listNamedRuns(command_line)];
  const only = named.length === 0 ? [] : [`only ${named.join(", ")}`];
  return [...only, ...(changes.length === 0 ? [] : [changes.join(", ")])];
}

/** Options of `run` that take the next word. */
const WITH_VALUE = new Set([
  ONLY,
  SET,
  "--from",
  "--cache",
  "--max-parallel",
  "--on-failure",
  "--keep-worker",
  "--registry",
]);

/** Lists the runs that `run [FILE] RUN...` names; words after `--fresh` are its own. */
function listNamedRuns(commandLine: readonly string[]): string[] {
  const from = commandLine.slice(0, 2).indexOf("run") + 1;
  const named: string[] = [];
  let isFresh = false;
  for (let at = from; from > 0 && at < commandLine.length; at += 1) {
    const word = commandLine[at] ?? "";
    if (!word.startsWith("-")) named.push(...(isFresh ? [] : [word]));
    else if (WITH_VALUE.has(word)) at += 1;
    if (word.startsWith("-")) isFresh = word === "--fresh";
  }
  // A run's name has neither a dot nor a `/` before its `[`; a file has one.
  return /^[^[]*[./]/.test(named[0] ?? "") ? named.slice(1) : named;
}

/** `train[alpha=10] alpha=100` of `--set train[alpha=10].params.alpha=100`, as it is recorded; another change as it is. */
function shortenChange(change: string): string {
  return change.replace(/^--set /, "").replace(".params.", " ");
}
