import type { SessionId } from "../../../core/run-id.ts";
import { type Fallback, listFallbacks } from "../../../explain/find/find-named.ts";
import { findSessionOrNewest } from "../../../explain/find/find-session.ts";
import { explainFailures } from "../../failures/explain-failures.ts";
import { type ActionContext, readRegistry, reportFound, type StateAddress } from "../context.ts";
import type { ShowRequest } from "./show-session.ts";

/** The failed runs of a session, in plan order. */
export interface ListedFailures {
  session_id: SessionId;
  errors: ReturnType<typeof explainFailures>;
  fallbacks: Fallback[];
}

/** Explains each failed run of a session. A run stands for its session. Throws ExplainError if there is none of that name. */
export function listFailures(
  address: StateAddress,
  { id, session: within }: ShowRequest,
  context: ActionContext = {},
): ListedFailures {
  return readRegistry(address, context, (reader, state) => {
    const { session, fallback } = reportFound(context, findSessionOrNewest(reader, id, within));
    const errors = explainFailures(reader, { session, state });
    return { session_id: session.session_id, errors, fallbacks: listFallbacks(fallback) };
  });
}
