import type { RunEvent } from "../../core/event/event.ts";
import type { Plan } from "../../plan/plan.ts";
import { LiveSession, type SessionContext, type SessionIdentity } from "./live-session.ts";
import type { SessionPast } from "./restore-session.ts";
import type { SessionResult } from "./session-result.ts";

export interface ConductOptions extends SessionContext {
  plan: Plan;
  maxParallel: number;
  /** State of the session that another process left. */
  past?: SessionPast;
  /** True to end the session: it does not succeed, and so publishes no version, even if all its runs succeeded. */
  cancels?: boolean;
}

/**
 * Executes a plan as the owner of its session, and closes its record. `opening` is recorded first; null for a session that is on
 * record already. Rejects with what the registry throws; SessionLostError says that another process has the session now.
 */
export async function conductSession(
  options: ConductOptions,
  identity: SessionIdentity,
  opening: readonly RunEvent[] | null,
): Promise<SessionResult> {
  const { plan, cancels } = options;
  using session = new LiveSession(options, identity);
  if (opening !== null) session.declare(plan, opening);
  session.begin();
  await session.execute(plan, options);
  return await session.end({ cancels });
}
