import type { SessionSummary } from "../core/registry.ts";

const ONLY = "--only";
const SET = "--set";

/** What a session was started for, where it was more than to run its workflow: `replay of <id>: train alpha=100`; and whether it was taken back. */
export function describePurpose(session: SessionSummary): string {
  const takenBack = session.rollback === null ? [] : ["rolled back"];
  return [...describeStart(session), ...takenBack].join("; ");
}

function describeStart({ replay_of, command_line }: SessionSummary): string[] {
  if (replay_of !== null) {
    const what = `${replay_of.heals ? "healing" : "replay"} of ${replay_of.session_id}`;
    return [replay_of.changes.length === 0 ? what : `${what}: ${replay_of.changes.map(shortenChange).join(", ")}`];
  }
  const changes = findValues(command_line, SET).map((change) => shortenChange(change));
  const only = findValues(command_line, ONLY).map((run) => `only ${run}`);
  return [...only, ...(changes.length === 0 ? [] : [changes.join(", ")])];
}

/** `train[alpha=10] alpha=100` of `--set train[alpha=10].params.alpha=100`, as it is recorded; another change as it is. */
function shortenChange(change: string): string {
  return change.replace(/^--set /, "").replace(".params.", " ");
}

/** The values of an option, wherever and however often it stands. */
function findValues(commandLine: readonly string[], option: string): string[] {
  return commandLine.flatMap((word, at) => {
    if (word === option) return commandLine.slice(at + 1, at + 2);
    return word.startsWith(`${option}=`) ? [word.slice(option.length + 1)] : [];
  });
}
