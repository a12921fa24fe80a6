import type { NamedRun } from "../../core/port/name-questions.ts";
import type { RegistryReader } from "../../core/port/registry.ts";
import type { RunId, SessionId } from "../../core/run-id.ts";
import { type Fallback, findNamed, type Wanted } from "./find-named.ts";
import { findOnlyRun } from "./find-only-run.ts";
import { readStarted, type StartedRun } from "./read-named-run.ts";
import { refuseArms } from "./refuse-unknown.ts";

export interface FoundRun {
  run: StartedRun;
  /** The dataset of it, if a version was named. */
  dataset: string | null;
  /** Null unless a name was found in an older session than the newest; it was told then. */
  fallback: Fallback | null;
}

/** Options of a command that takes one run. */
export interface RunChoice extends Pick<Wanted, "session" | "at"> {
  /** Tells what the run lacks for the command, besides an attempt that began. */
  lacks?(run: NamedRun & { run_id: RunId }): string | null;
}

/**
 * One attempt, as a command line names it. A session stands for its run if it has one that will do; a version for the run that
 * saved it. With `at`, the newest session and attempt of that time.
 */
export function findStartedRun(reader: RegistryReader, word: string, { session, at, lacks }: RunChoice = {}): FoundRun {
  const describeLack = (run: NamedRun) =>
    run.run_id === null ? describeUnstarted(run) : (lacks?.({ ...run, run_id: run.run_id }) ?? null);
  const named = findNamed(reader, word, { takes: "run", session, at, lacks: describeLack });
  if (named.kind === "arms") refuseArms(word, named.arms);
  const run = named.kind === "run" ? named.run : findOnlyRun(reader, named.sessionId, describeLack);
  const dataset = named.kind === "run" ? named.dataset : null;
  return { run: readStarted(reader, run), dataset, fallback: named.fallback };
}

export function describeUnstarted({ run_id }: NamedRun): string | null {
  return run_id === null ? "never started" : null;
}

/** The runs of a session of which an attempt began, in plan order. */
export function listStartedRuns(reader: RegistryReader, sessionId: SessionId): StartedRun[] {
  const runs = reader.findSession(sessionId)?.runs ?? [];
  return runs.flatMap(({ run_id, ...run }) => (run_id === null ? [] : [{ ...run, run_id }]));
}
