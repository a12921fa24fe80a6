import type { RegistryReader } from "../../core/port/registry.ts";
import type { SessionId } from "../../core/run-id.ts";
import type { StateLocation } from "../locate-state.ts";
import { checkSessionLog } from "./check-session-log.ts";
import { isOwnLog } from "./log-marks.ts";

export interface ConsentContext {
  reader: RegistryReader;
  folders: StateLocation;
  environment: Readonly<Record<string, string | undefined>>;
}

/** True if a session's log bears this user's mark. Throws RecordsDifferError if the tables differ from the log. */
export function isOwnSession(session: SessionId, { folders, environment }: Omit<ConsentContext, "reader">): boolean {
  return isOwnLog(checkSessionLog(session, folders), folders, environment);
}
