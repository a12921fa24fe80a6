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
  const only = listOption(command_line, ONLY).map(({ value }) => `only ${value}`);
  return [...only, ...(changes.length === 0 ? [] : [changes.join(", ")])];
}

/** `train[alpha=10] alpha=100` of `--set train[alpha=10].params.alpha=100`, as it is recorded; another change as it is. */
function shortenChange(change: string): string {
  return change.replace(/^--set /, "").replace(".params.", " ");
}
