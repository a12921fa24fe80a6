import type { NamedRun } from "../../core/port/name-questions.ts";
import type { RegistryReader } from "../../core/port/registry.ts";
import type { SessionId } from "../../core/run-id.ts";
import { sayWhich } from "../../core/text/suggest.ts";
import { ExplainError } from "../explain-error.ts";

/**
 * Finds the run of a session that was named instead of it: the only complete one. Throws ExplainError if there are
 * several.
 */
export function findOnlyRun(
  reader: RegistryReader,
  sessionId: SessionId,
  describeLack: (run: NamedRun) => string | null,
): NamedRun {
  const runs = listRunsOf(reader, sessionId);
  const fit = runs.filter((run) => describeLack(run) === null);
  const [only = runs[0], ...others] = fit;
  if (only === undefined) throw new ExplainError("unknown-run", `session ${sessionId} has no runs`);
  if (others.length === 0) return only;
  const hint = `${sayWhich(fit.map(({ run }) => run))}, with --session ${sessionId}`;
  throw new ExplainError("unknown-run", `session ${sessionId} has ${fit.length} runs, and one is wanted`, hint);
}

/** The runs of a session, in plan order. */
function listRunsOf(reader: RegistryReader, sessionId: SessionId): NamedRun[] {
  const session_time = reader.findSessionHead(sessionId)?.start_time ?? "";
  return reader.runsOf([sessionId]).map(({ session_id, run, run_id, status }) => {
    return { session_id, session_time, run, run_id, status };
  });
}
