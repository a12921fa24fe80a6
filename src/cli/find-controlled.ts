import type { RegistryReader } from "../core/registry.ts";
import type { SessionRecord } from "../core/run.ts";
import { didYouMean } from "../core/suggest.ts";
import { CliError } from "./errors.ts";
import { refuseArms } from "./find-run.ts";
import { foundOrThrow } from "./open-registry.ts";

/** A session, or one run of it. */
export interface Controlled {
  session: SessionRecord;
  run: string | null;
}

/**
 * What a command line means by an id: a session by its session_id, a beginning of it, or `latest`; a run by its run_id or a
 * beginning, or by its name in a session (default: the newest).
 */
export function findControlled(reader: RegistryReader, id: string, sessionId: string | undefined): Controlled {
  if (sessionId !== undefined) {
    const session = foundOrThrow(reader.findSession(sessionId), "session", sessionId);
    return { session, run: nameRun(session, id) ?? refuseName(session, id) };
  }
  const session = reader.findSession(id);
  if (session !== null) return { session, run: null };
  const run = reader.findRun(id);
  if (run !== null)
    return { session: foundOrThrow(reader.findSession(run.session_id), "session", run.session_id), run: run.run };
  const newest = reader.findSession("latest");
  const named = newest === null ? null : nameRun(newest, id);
  if (newest !== null && named !== null) return { session: newest, run: named };
  if (newest !== null && /^[A-Za-z_]/.test(id)) return refuseName(newest, id);
  return foundOrThrow<Controlled>(null, "session", id);
}

/** By its name, or by the run_id of one of its attempts. */
function nameRun({ runs }: SessionRecord, id: string): string | null {
  return runs.find(({ run, run_id }) => run === id || run_id === id)?.run ?? null;
}

function refuseName(session: SessionRecord, id: string): never {
  refuseArms(session, id);
  const names = session.runs.map(({ run }) => run);
  throw new CliError("unknown-run", `session ${session.session_id} has no run "${id}"`, {
    hint: didYouMean(id, names),
  });
}
