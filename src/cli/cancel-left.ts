import { cancelLeftSession, findPlanOfLeft } from "../compose/resume/cancel-left-session.ts";
import { identifyRequester, sendRequest } from "../compose/send-request.ts";
import { type ControlRequest, nameAction, type RequestAction, tellRequester } from "../core/control-request.ts";
import { isScript, type SessionRecord } from "../core/run.ts";
import { CliError } from "./errors.ts";
import { type RegistryFlag, readRegistry } from "./open-registry.ts";
import { openActing } from "./open-workspace.ts";

/** A request to a session that no process works on. */
interface AskedOfLeft {
  session: SessionRecord;
  action: RequestAction;
  run: string | null;
  force: boolean;
}

/** Only as a whole can such a session be cancelled; there is no process that would do anything else. */
export function refuseOfLeft({ session, action, run }: Omit<AskedOfLeft, "force">): void {
  if (action === "cancel" && run === null) return;
  const { session_id } = session;
  const message = `session ${session_id} was cut off: no process runs it, so nothing can ${nameAction(action)} ${run ?? "it"}`;
  const goesOn = isScript(session) ? "" : `\`runweave resume ${session_id}\` continues it, `;
  throw new CliError("session-cut-off", message, { hint: `${goesOn}\`runweave cancel ${session_id}\` ends it` });
}

/** Takes such a session over and cancels it, which is what the request that is told of asks for. */
export async function cancelLeft(
  { session, force }: Pick<AskedOfLeft, "session" | "force">,
  flags: RegistryFlag & { requestId?: string },
): Promise<ControlRequest> {
  const { session_id: sessionId } = session;
  const kept = readRegistry(flags, (reader, folders) =>
    findPlanOfLeft(reader, session, { folders, nowMs: Date.now(), environment: process.env }),
  );
  const store = kept?.store ?? null;
  const workspace = openActing({ registry: flags.registry, from: process.cwd(), store });
  const { registry } = workspace;
  try {
    const asked = { sessionId, action: "cancel" as const, run: null, force };
    const requestId = flags.requestId ?? sendRequest(registry, asked);
    const reason = `cancelled by ${tellRequester(identifyRequester())}, after its session was cut off`;
    await cancelLeftSession({ workspace, sessionId, kept, force, reason, commandLine: process.argv.slice(2) });
    const request = registry.requestsOf(sessionId).find(({ request_id }) => request_id === requestId);
    if (request === undefined) throw new Error(`the registry has lost request ${requestId}`);
    return request;
  } finally {
    await workspace.close();
  }
}
