import { type Comparison, compareRuns, compareSessions } from "../../compose/compare-runs.ts";
import type { RegistryReader } from "../../core/registry.ts";
import type { SessionRecord } from "../../core/run.ts";
import type { RunId } from "../../core/run-id.ts";
import { toDiffText } from "../../explain/diff-text.ts";
import { CliError, type ExitCode } from "../errors.ts";
import { findStartedRun } from "../find-run.ts";
import { type RegistryFlag, readRegistryAsync } from "../open-registry.ts";
import { writeJson } from "../terminal.ts";

/** `runweave diff A B`: of two runs, or of two sessions. */
export async function showDiff(a: string, b: string, flags: RegistryFlag & { json?: boolean }): Promise<ExitCode> {
  const comparison = await readRegistryAsync(flags, async (reader, state): Promise<Comparison> => {
    const [left, right] = [findSide(reader, a), findSide(reader, b)];
    if (typeof left === "string" && typeof right === "string")
      return await compareRuns(reader, state, { a: left, b: right });
    if (typeof left !== "string" && typeof right !== "string")
      return await compareSessions(reader, state, { a: left, b: right });
    const hint = "name two runs, or two sessions";
    throw new CliError("unlike", "a run and a session can't be compared", { hint });
  });
  if (flags.json) writeJson(comparison);
  else process.stdout.write(toDiffText(comparison));
  return 0;
}

/** A session's id, or a run's id or name. */
function findSide(reader: RegistryReader, id: string): SessionRecord | RunId {
  return reader.findSession(id) ?? findStartedRun(reader, id, undefined).run_id;
}
