import type { RegistryReader } from "../core/registry.ts";
import type { RunRecord, SessionRecord } from "../core/run.ts";
import { type RunId, timeOfRunId } from "../core/run-id.ts";
import { sayWhich } from "../core/suggest.ts";
import { CliError } from "./errors.ts";
import { foundOrThrow } from "./open-registry.ts";

/**
 * An attempt, as a command line names it: by run_id, its beginning, or a run's name in a session (default: the newest).
 * With `at`, the newest session and attempt of that time.
 */
export function findStartedRun(
  reader: RegistryReader,
  id: string,
  session: string | undefined,
  at?: string,
): RunRecord & { run_id: RunId } {
  const named = findNamed(findSession(reader, session, at), reader, { id, at });
  const found = named ?? reader.findRun(id);
  if (found === null) refuseArms(findSession(reader, session, at), id);
  const { run_id, ...run } = foundOrThrow(found, "run", id);
  if (run_id === null) throw new CliError("never-started", `${run.run} never started: ${run.reason ?? run.status}`);
  return { ...run, run_id };
}

/** The name of a run with a matrix is none of a run that was executed. */
export function refuseArms(session: SessionRecord | null, id: string): void {
  const arms = (session?.runs ?? []).map(({ run }) => run).filter((run) => run.startsWith(`${id}[`));
  if (arms.length === 0) return;
  throw new CliError("unknown-run", `"${id}" has a matrix, and so ${arms.length} runs`, { hint: sayWhich(arms) });
}

function findSession(reader: RegistryReader, id: string | undefined, at: string | undefined): SessionRecord | null {
  if (id !== undefined || at === undefined) return reader.findSession(id ?? "latest");
  const [newest] = reader.listSessions({ until: at, limit: 1 });
  return newest === undefined ? null : reader.findSession(newest.session_id);
}

function findNamed(
  session: SessionRecord | null,
  reader: RegistryReader,
  { id, at }: { id: string; at: string | undefined },
): RunRecord | null {
  const named = session?.runs.find(({ run }) => run === id) ?? null;
  if (named === null || at === undefined) return named;
  const begun = reader.attemptsOf(named.session_id, id).findLast(({ run_id }) => timeOfRunId(run_id) <= at);
  return begun === undefined ? named : reader.findRun(begun.run_id);
}
