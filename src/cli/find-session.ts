import type { RegistryReader } from "../core/registry.ts";
import type { RunRecord, SessionRecord } from "../core/run.ts";
import { didYouMean } from "../core/suggest.ts";
import { CliError } from "./errors.ts";
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
  if (run === null) {
    refuseArms(newest, id);
    refuseUnknown(newest, id);
  }
  return { session: foundOrThrow(reader.findSession(run.session_id), "session", run.session_id), run };
}

/** What is done to a whole session, and so is not done for the name of a run. */
export interface WholeCommand {
  /** `rollback`. */
  name: string;
  /** `a session is rolled back as a whole`. */
  why: string;
  /** What there is besides for this one run, for the hint. */
  orElse?(run: RunRecord): string | null;
}

/** A session by its session_id, a beginning of it, or `latest`. What names a run instead is told which session that is of. */
export function findWholeSession(
  reader: RegistryReader,
  id: string,
  { name, why, orElse = () => null }: WholeCommand,
): SessionRecord {
  const whole = reader.findSession(id);
  if (whole !== null) return whole;
  const newest = reader.findSession("latest");
  const run = newest?.runs.find((each) => each.run === id || each.run.startsWith(`${id}[`)) ?? reader.findRun(id);
  if (run === null) return refuseUnknown(newest, id);
  const { session_id } = run;
  const what = run.run === id || run.run_id?.startsWith(id) === true ? "a run" : "a run with a matrix";
  const other = orElse(run);
  const hint = `\`runweave ${name} ${session_id}\`${other === null ? "" : `, or ${other}`}`;
  throw new CliError("not-a-session", `"${id}" is ${what} of session ${session_id}, and ${why}`, { hint });
}

function refuseUnknown(newest: SessionRecord | null, id: string): never {
  const near = didYouMean(id, newest?.runs.map(({ run }) => run) ?? []);
  if (near === null) return foundOrThrow<never>(null, "session", id);
  const message = `there is no session "${id}" in the registry, nor a run of that name in the newest one`;
  throw new CliError("unknown-session", message, { hint: near });
}
