import type { ControlRequest } from "../../../core/control-request.ts";
import type { ReadVersion, RegistryReader } from "../../../core/port/registry.ts";
import type { EnvironmentFacts, RunRecord, SessionRecord } from "../../../core/run.ts";
import { type AliasTarget, listAliases } from "../../../explain/aliases.ts";
import { listEarlierAttempts } from "../../../explain/earlier-attempts.ts";
import { type Fallback, listFallbacks } from "../../../explain/find/find-named.ts";
import { findSessionOrNewest } from "../../../explain/find/find-session.ts";
import { listOuterWriters } from "../../../explain/outer-writers.ts";
import { listBad } from "../../../explain/taint.ts";
import { type OwnerState, ownerOf } from "../../session/session-lease.ts";
import { type ActionContext, readRegistry, reportFound, type StateAddress } from "../context.ts";

/** A session or a run of it, as a user names it. */
export interface ShowRequest {
  /** A session, a run or a version. Default: the session of `session`, else the newest. */
  id?: string | undefined;
  /** Session in which a run's name is looked for. */
  session?: string | undefined;
}

/** A session with all that the registry has about its runs; with a run, only what is about that run. */
export interface ShownSession {
  session: SessionRecord;
  /** The run that was named; null if it was a session. */
  run: RunRecord | null;
  /** State of the process that owns a running session; null for a session that has ended. */
  owner: OwnerState | null;
  /** Attempts that were retried, oldest first. */
  earlier_attempts: RunRecord[];
  /** Environments of the runs by their digests; null for one that is not on record. */
  environments: Record<string, EnvironmentFacts | null>;
  /** Aliases of versions that the session's runs saved. */
  aliases: AliasTarget[];
  tainted: ReturnType<typeof listBad>;
  /** Requests to cancel, pause or change the session. */
  requests: ControlRequest[];
  loads: ReadVersion[];
  /** Runs of other sessions that saved versions which these runs read. */
  writers: ReturnType<typeof listOuterWriters>;
  /** Folder of the logs of attempts, absolute. */
  logsFolder: string;
  fallbacks: Fallback[];
}

/** Reads a session, run by run, or one run. Throws ExplainError if there is none of that name. */
export function showSession(
  address: StateAddress,
  { id, session: within }: ShowRequest,
  context: ActionContext = {},
): ShownSession {
  return readRegistry(address, context, (reader, state) => {
    const { session, run, fallback } = reportFound(context, findSessionOrNewest(reader, id, within));
    const shown = run === null ? session.runs : [run];
    return {
      session,
      run,
      owner: ownerOf(reader, session),
      earlier_attempts: listEarlier(reader, session, run),
      environments: listEnvironments(reader, shown),
      aliases: listAliases(reader).filter(({ run_id }) => shown.some((each) => each.run_id === run_id)),
      tainted: listBad(reader, shown),
      requests: reader.requestsOf(session.session_id).filter((each) => run === null || each.run === run.run),
      loads: run === null ? [...reader.loads(session.session_id)] : run.run_id ? reader.loadsOf([run.run_id]) : [],
      writers: listOuterWriters(reader, shown),
      logsFolder: state.logs,
      fallbacks: listFallbacks(fallback),
    };
  });
}

/** Lists the attempts before the last one: of all runs, or of one. */
function listEarlier(reader: RegistryReader, { session_id, runs }: SessionRecord, run: RunRecord | null): RunRecord[] {
  const retried = (run === null ? runs : [run]).some(({ attempt }) => attempt > 1);
  const earlier = retried ? listEarlierAttempts(reader, session_id) : [];
  return run === null ? earlier : earlier.filter((each) => each.run === run.run && each.attempt < run.attempt);
}

function listEnvironments(reader: RegistryReader, runs: readonly RunRecord[]): Record<string, EnvironmentFacts | null> {
  const digests = new Set(runs.flatMap(({ environment }) => environment ?? []));
  return Object.fromEntries(Array.from(digests, (digest) => [digest, reader.findEnvironment(digest)]));
}
