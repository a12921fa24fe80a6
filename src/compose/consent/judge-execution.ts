import type { RegistryReader } from "../../core/port/registry.ts";
import { remember } from "../../core/remember.ts";
import type { SessionId } from "../../core/run-id.ts";
import { listFew } from "../../core/text/list-few.ts";
import { cleanText } from "../../report/text/clean-text.ts";
import { findForeign } from "../home/trust-state.ts";
import { readLoggedOrigin } from "../kept-plan/logged-origin.ts";
import { describeExecution, describeFiles, type Execution } from "./describe-execution.ts";
import { type ConsentContext, isOwnSession } from "./own-session.ts";

/** Reasons why the user has to consent to an execution, and lines that describe it. All are for people, without control characters. */
export interface Doubt {
  reasons: string[];
  lines: string[];
  /** Files that would be written, moved or removed, one a line. */
  files: string[];
}

/**
 * Judges whether runs from a registry may be executed unasked. They may if no other user can have written the state folder, and if the log of
 * each session bears the user's mark, as do the logs of sessions whose results it reuses. Null if they may. Throws RecordsDifferError if the
 * tables differ from the log, KeptPlanError if the log names another plan than the table.
 */
export function judgeExecution(executions: readonly Execution[], context: ConsentContext): Doubt | null {
  const foreign = findForeignPlace(executions, context);
  // Sessions stand for runs of each other: the log of each is replayed once.
  const isOwn = remember(context.reader, (id) => isOwnSession(id as SessionId, context));
  const judged = executions.map((execution) => ({ execution, strange: listStrange(execution, context.reader, isOwn) }));
  const asked = judged.filter(({ strange }) => foreign !== null || strange.length > 0);
  if (asked.length === 0) return null;
  const strange = new Set(asked.flatMap((each) => each.strange));
  const unmarked = `nothing shows that you made the record of session ${listFew([...strange])} on this machine`;
  const reasons = [...(foreign === null ? [] : [foreign]), ...(strange.size === 0 ? [] : [unmarked])];
  const described = asked.map(({ execution }) => execution);
  return { reasons, lines: described.flatMap(describeExecution), files: described.flatMap(describeFiles) };
}

/** Finds a place that others may have written. It counts though `RUNWEAVE_TRUST` names it: that only lets it be read. */
function findForeignPlace(executions: readonly Execution[], { folders }: ConsentContext): string | null {
  const stores = new Set([folders.store, ...executions.flatMap(({ store }) => store ?? [])]);
  const [fault] = [...stores].flatMap((store) => findForeign({ ...folders, store }, process.getuid?.()) ?? []);
  return fault === undefined ? null : `others may have written the state folder: ${cleanText(fault.what)}`;
}

/** Lists the sessions that nothing shows to be the user's: of this one, and of those whose attempts stand for its runs. */
function listStrange(
  { session: { session_id } }: Execution,
  reader: RegistryReader,
  isOwn: (id: SessionId) => boolean,
): SessionId[] {
  const run_ids = reader.runsOf([session_id]).flatMap(({ run_id }) => run_id ?? []);
  const sessions = new Set([session_id, ...reader.findHeads(run_ids).map((head) => head.session_id)]);
  return [...sessions].filter((id) => {
    // The session of a script has no plan: its commands stand in files that are not on record.
    return !isOwn(id) || (id === session_id && readLoggedOrigin(reader, id)?.plan === undefined);
  });
}
