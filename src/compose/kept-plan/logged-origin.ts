import { isDeepStrictEqual } from "node:util";
import type { RegistryReader } from "../../core/port/registry.ts";
import type { SessionOrigin } from "../../core/run.ts";
import type { SessionId } from "../../core/run-id.ts";
import { KeptPlanError } from "./keep-plan.ts";

/**
 * Reads from the log where a session came from, with the digest of its plan, and checks that its row says the same. Null of a session that tells
 * of no origin. Throws KeptPlanError if the event was changed, or is gone, or the row says something else.
 */
export function readLoggedOrigin(reader: RegistryReader, session: SessionId): SessionOrigin | null {
  const [link] = reader.links({ session });
  const event = link?.event?.type === "session.started" ? link.event : null;
  const fault = event === null ? "the event of its start is gone or can't be read" : (link?.fault ?? null);
  if (event === null || fault !== null) throw changed(session, fault ?? "");
  const origin = event.origin ?? null;
  const row = reader.findSessionHead(session)?.origin ?? null;
  // The row holds what JSON keeps of it.
  if (!isDeepStrictEqual(row, origin)) throw changed(session, "its row and the log differ");
  return origin;
}

function changed(session: SessionId, why: string): KeptPlanError {
  const message = `the record of session ${session} was changed: ${why}; \`runweave verify ${session}\` lists what differs`;
  return new KeptPlanError(message, false);
}
