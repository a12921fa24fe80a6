import type { RunFilter, SessionFilter, SessionSummary } from "../core/port/registry-lists.ts";
import type { RunRecord, SessionRecord, VersionRecord } from "../core/run.ts";
import type { RunId, SessionId } from "../core/run-id.ts";
import { type AliasTarget, listAliases } from "../explain/aliases.ts";
import type { Fallback } from "../explain/find/find-named.ts";
import { findStartedRun } from "../explain/find/find-run.ts";
import { findSavedVersion } from "../explain/find/find-saved-version.ts";
import { findSessionOf } from "../explain/find/find-session.ts";
import { listTaints, type Taint } from "../explain/taint.ts";
import { openSqliteRegistry } from "../record/sqlite/registry.ts";
import { findRegistry } from "./find-registry.ts";
import { emitWarnings, warnOfCopy } from "./home/state-warnings.ts";

export interface OpenRegistryOptions {
  /** The state folder; default: the nearest `.runweave/`. */
  registry?: string;
}

/** Place where a name is looked for. */
export interface NameOptions {
  /** A session's id, or `latest`: the name is looked for there and nowhere else. Default: the newest session that has it. */
  session?: string;
}

/** Finding for a name; `fallback` has its session, if that is not the newest one. */
export type Named<T> = T & { readonly fallback: Fallback | null };

/** A version that a successful run saved; `location` is where it is. */
export interface SavedVersion extends VersionRecord {
  dataset: string;
  run: string;
  run_id: RunId;
  session_id: SessionId;
}

/**
 * View of earlier sessions' records, to read. Records have the keys that `--json` prints. Names are found as on the
 * command line; methods that take a name throw ExplainError, with a near miss, or AmbiguousIdError.
 */
export interface RegistryView extends Disposable {
  /** Sessions without their runs, newest first. */
  sessions(filter?: SessionFilter): SessionSummary[];
  /** A session by its id, a part of it, or `latest` (default); or the one that a run belongs to. */
  session(name?: string): Named<SessionRecord>;
  /** Records of runs, newest first: of each run of each session, the latest attempt. */
  runs(filter?: RunFilter): RunRecord[];
  /** An attempt by its run's name (`train`, `train[seed=1]`), its run_id or a part of it, or a version that it saved. */
  run(name: string, options?: NameOptions): Named<RunRecord & { run_id: RunId }>;
  /** A version as `DATASET@RUN` or an alias names it. */
  version(name: string, options?: NameOptions): Named<SavedVersion>;
  /** Version that each alias stands for now. */
  aliases(): AliasTarget[];
  /** Versions that users say are bad. */
  taints(): Taint[];
  close(): void;
}

/**
 * Opens the registry of earlier sessions; other processes may write to it meanwhile. Throws ExplainError
 * (`no-registry`) if there are none yet, RegistryError if it can't be read.
 */
export function openRegistry({ registry }: OpenRegistryOptions = {}): RegistryView {
  const state = findRegistry({ registry, environment: process.env, from: process.cwd() });
  const reader = openSqliteRegistry(state.registry, { readOnly: true });
  emitWarnings(warnOfCopy(reader, state));
  const close = () => reader.close();
  return {
    sessions: (filter) => reader.listSessions(filter),
    session: (name = "latest") => {
      const { session, fallback } = findSessionOf(reader, name);
      return { ...session, fallback };
    },
    runs: (filter) => reader.listRuns(filter),
    run: (name, { session } = {}) => {
      const { run, fallback } = findStartedRun(reader, name, { session });
      return { ...run, fallback };
    },
    version: (name, { session } = {}) => {
      const found = findSavedVersion(reader, name, { session, usage: "DATASET@RUN" });
      const { run, run_id, session_id } = found.head;
      return { ...found.version, dataset: found.dataset, run, run_id, session_id, fallback: found.fallback };
    },
    aliases: () => listAliases(reader),
    taints: () => listTaints(reader),
    close,
    [Symbol.dispose]: close,
  };
}
