import type { RegistryReader } from "../core/registry.ts";
import type { RunRecord, SessionRecord } from "../core/run.ts";
import { refuseArms } from "./find-run.ts";
import { foundOrThrow } from "./open-registry.ts";

/**
 * A session by its session_id, a beginning of it, or `latest`; or the one that a run belongs to, and that run. A run is named by
 * its run_id or a beginning, or by its name in the newest session, whether it has started or not.
 */
export function findSessionOf(reader: RegistryReader, id: string): { session: SessionRecord; run: RunRecord | null } {
  const whole = reader.findSession(id);
  if (whole !== null) return { session: whole, run: null };
  const newest = reader.findSession("latest");
  const run = newest?.runs.find((each) => each.run === id) ?? reader.findRun(id);
  if (run === null) refuseArms(newest, id);
  return { session: foundOrThrow(reader.findSession(run?.session_id ?? id), "session", id), run };
}
