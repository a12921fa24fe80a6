import type { ShownSession } from "../compose/actions/look/show-session.ts";
import type { SessionSummary } from "../core/port/registry-lists.ts";
import { isScript } from "../core/run.ts";

type OwnerState = NonNullable<ShownSession["owner"]>;

const WHY: Readonly<Record<Exclude<OwnerState, "working">, string>> = {
  gone: "its process has ended",
  silent: "its process has been silent for longer than its lease",
};

/** A line for a session that no process works on any more, though its record says that it runs. */
export function describeAbandoned(
  session: Pick<SessionSummary, "session_id" | "workflow_file" | "origin">,
  owner: OwnerState | null,
): string[] {
  if (owner === null || owner === "working") return [];
  const { session_id } = session;
  const does = isScript(session) ? "closes it; then start the script again" : "finishes it";
  return [`${session_id} was cut off: ${WHY[owner]}; \`runweave resume ${session_id}\` ${does}`];
}
