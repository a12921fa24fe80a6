import type { SessionSummary } from "../core/registry.ts";

const ONLY = "--only";

/** What a session was started for, where it was more than to run its workflow: `replay of <id>: train alpha=100`. */
export function describePurpose({ replay_of, command_line }: SessionSummary): string {
  if (replay_of !== null) {
    const what = `${replay_of.heals ? "healing" : "replay"} of ${replay_of.session_id}`;
    return replay_of.changes.length === 0 ? what : `${what}: ${replay_of.changes.map(shortenChange).join(", ")}`;
  }
  const only = findOnly(command_line);
  return only === null ? "" : `only ${only}`;
}

/** `train[alpha=10] alpha=100` of `--set train[alpha=10].params.alpha=100`, as it is recorded; another change as it is. */
function shortenChange(change: string): string {
  return change.replace(/^--set /, "").replace(".params.", " ");
}

function findOnly(commandLine: readonly string[]): string | null {
  const at = commandLine.indexOf(ONLY);
  if (at !== -1) return commandLine[at + 1] ?? null;
  return commandLine.find((word) => word.startsWith(`${ONLY}=`))?.slice(ONLY.length + 1) ?? null;
}
