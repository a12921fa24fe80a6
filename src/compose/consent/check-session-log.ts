import { RefusalError } from "../../core/error/refusal-error.ts";
import type { SessionId } from "../../core/run-id.ts";
import type { StateLocation } from "../locate-state.ts";
import { verifyRecords } from "../verify/verify-records.ts";
import type { MarkedLog } from "./log-marks.ts";

/** The tables say something else of a session than its log, or the log was changed: nothing of it is executed. */
export class RecordsDifferError extends RefusalError<"records-differ"> {}

/**
 * Checks that the registry's tables say of a session what its log says: commit, changes, environments, pins and outputs. Returns the log's
 * hashes and mark, read at one moment. Throws RecordsDifferError.
 */
export function checkSessionLog(session: SessionId, folders: StateLocation): MarkedLog {
  const hashes: (string | null)[] = [];
  const onLink = ({ hash }: { hash: string | null }) => hashes.push(hash);
  // A registry from before events had hashes has no mark either, so that the user is asked.
  const { mark, findings } = verifyRecords(folders.registry, { session, expected: null, allowsUnsealed: true, onLink });
  const [first, ...more] = findings.filter(({ verdict }) => verdict === "broken");
  if (first === undefined) return { mark, hashes };
  const rest = more.length === 0 ? "" : `, and ${more.length} more differences`;
  const message = `the record of session ${session} is not what was logged, so nothing of it is executed: ${first.message}${rest}`;
  throw new RecordsDifferError("records-differ", message, `\`runweave verify ${session}\` lists what differs`);
}
