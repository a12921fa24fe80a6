import type { RegistryReader } from "../core/registry.ts";
import type { RunRecord } from "../core/run.ts";
import type { RunId } from "../core/run-id.ts";
import { CliError } from "./errors.ts";
import { foundOrThrow } from "./open-registry.ts";

/** An attempt, as a command line names it: by run_id, its beginning, or a run's name in a session (default: the newest). */
export function findStartedRun(
  reader: RegistryReader,
  id: string,
  session: string | undefined,
): RunRecord & { run_id: RunId } {
  const named = reader.findSession(session ?? "latest")?.runs.find(({ run }) => run === id);
  const { run_id, ...run } = foundOrThrow(named ?? reader.findRun(id), "run", id);
  if (run_id === null) throw new CliError("never-started", `${run.run} never started: ${run.reason ?? run.status}`);
  return { ...run, run_id };
}
