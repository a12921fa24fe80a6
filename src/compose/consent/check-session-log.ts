import { RefusalError } from "../../core/error/refusal-error.ts";
import type { RegistryReader } from "../../core/port/registry.ts";
import type { SessionId } from "../../core/run-id.ts";
import type { StateLocation } from "../locate-state.ts";
import { verifyRecords } from "../verify/verify-records.ts";
import type { MarkedLog } from "./log-marks.ts";

/** The tables say something else of a session than its log, or the log was changed: nothing of it is executed. */
export class RecordsDifferError extends RefusalError<"records-differ"> {}

/** Looks at a session's log while other processes write to it. */
const MOST_LOOKS = 20;

interface LogPlace {
  reader: RegistryReader;
  folders: StateLocation;
}

/**
 * Checks that the registry's tables say of a session what its log says: commit, changes, environments, pins and outputs. Returns the log's
 * hashes and mark. Throws RecordsDifferError.
 */
export function checkSessionLog(session: SessionId, { reader, folders }: LogPlace): MarkedLog {
  let mark = reader.logMarkOf(session);
  let hashes = readHashes(session, folders);
  // Another process may log meanwhile: mark and hashes are of one moment if the mark is the same before and after.
  for (let look = 1; look < MOST_LOOKS; look += 1) {
    const now = reader.logMarkOf(session);
    if (now === mark) break;
    mark = now;
    hashes = readHashes(session, folders);
  }
  return { mark, hashes };
}

function readHashes(session: SessionId, folders: StateLocation): (string | null)[] {
  const hashes: (string | null)[] = [];
  const onLink = ({ hash }: { hash: string | null }) => hashes.push(hash);
  // A registry from before events had hashes has no mark either, so that the user is asked.
  const { findings } = verifyRecords(folders.registry, { session, expected: null, allowsUnsealed: true, onLink });
  const [first, ...more] = findings.filter(({ verdict }) => verdict === "broken");
  if (first === undefined) return hashes;
  const rest = more.length === 0 ? "" : `, and ${more.length} more differences`;
  const message = `the record of session ${session} is not what was logged, so nothing of it is executed: ${first.message}${rest}`;
  throw new RecordsDifferError("records-differ", message, `\`runweave verify ${session}\` lists what differs`);
}
