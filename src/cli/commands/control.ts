import { refuseFormer } from "../../compose/home/home-state.ts";
import { awaitAnswer, type RequestToSend, sendRequest } from "../../compose/send-request.ts";
import { type ControlRequest, nameAction, type RequestAction, tellRequest } from "../../core/control-request.ts";
import { lostRecord } from "../../core/error/registry-error.ts";
import type { Registry } from "../../core/port/registry.ts";
import { type SessionRecord, TERMINAL_STATUSES } from "../../core/run.ts";
import type { Fallback } from "../../explain/find/find-named.ts";
import { cancelLeft, refuseOfLeft } from "../cancel-left.ts";
import { CliError, type ExitCode, interruptedError } from "../errors.ts";
import { findControlled } from "../find/find-and-tell.ts";
import { listFallbacks } from "../find/tell-fallback.ts";
import { type RegistryFlag, writeRegistry } from "../open-registry.ts";
import { ownerOf } from "../tell-owner.ts";
import { writeLines } from "../terminal.ts";
import { watchSignals } from "../watch-signals.ts";
import { writeAnswer } from "../write-answer.ts";

export interface ControlFlags extends RegistryFlag {
  session?: string;
  force?: boolean;
  json?: boolean;
  wait?: boolean;
}

const NAMES_SHOWN = 5;
/** How long the session's process may take to take a request up before somebody is told, in milliseconds. */
const SILENCE_MS = 3_000;

/** `runweave cancel`, `pause` and `unpause`: asks the process that runs the session, and waits until it has done so. */
export async function controlSession(action: RequestAction, id: string, flags: ControlFlags): Promise<ExitCode> {
  return await writeRegistry(flags, async (registry, folders) => {
    const { session, run, fallback } = findControlled(registry, id, { session: flags.session, goesOn: true });
    if (action !== "cancel" && run !== null) {
      throw new CliError("invalid-usage", `${id} is a run, and only a whole session can ${nameAction(action)}`);
    }
    refuseOver(session, run, action);
    // The process that runs it reads the registry at its own place, and would never answer.
    refuseFormer({ registry, folders }, session.session_id);
    const request = await carryOut(registry, { session, run, action, fallback }, flags);
    if (request === null) return 0;
    if (flags.json) writeAnswer("control", { ...request, fallbacks: listFallbacks(fallback) });
    else writeLines(process.stdout, [tellAnswer(request)]);
    return request.outcome === "done" ? 0 : 1;
  });
}

interface Asked {
  session: SessionRecord;
  run: string | null;
  action: RequestAction;
  fallback: Fallback | null;
}

/** Asks the session's process and waits for its answer; does it here if there is none. Null if the answer is not waited for. */
async function carryOut(registry: Registry, asked: Asked, flags: ControlFlags): Promise<ControlRequest | null> {
  const { session, run, action } = asked;
  const force = flags.force ?? false;
  const isOwned = () => ownerOf(registry, session) === "working";
  if (!isOwned()) {
    refuseOfLeft(asked);
    return await cancelLeft({ session, force }, flags);
  }
  const requestId = askUnlessOver(registry, { sessionId: session.session_id, action, run, force });
  if (flags.wait === false) {
    tellSent(registry, asked, requestId, flags);
    return null;
  }
  const answer = await awaitEnd(registry, requestId, { session, isOwned, isQuiet: flags.json ?? false });
  if (answer !== null) return answer;
  refuseOfLeft(asked);
  return await cancelLeft({ session, force }, { ...flags, requestId });
}

/** The session may end between the look at it and the request. */
function askUnlessOver(registry: Registry, asked: RequestToSend): string {
  try {
    return sendRequest(registry, asked);
  } catch (error) {
    const session = registry.findSession(asked.sessionId);
    if (session !== null) refuseOver(session, asked.run, asked.action);
    throw error;
  }
}

/** What has ended needs no answer from anybody. */
function refuseOver(session: SessionRecord, run: string | null, action: RequestAction): void {
  const { session_id, status } = session;
  if (status !== "running") {
    const hint = "`runweave sessions --status running` lists those that still run";
    throw new CliError("session-over", `session ${session_id} has ended: ${status}`, { hint });
  }
  const record = session.runs.find((other) => other.run === run);
  if (record === undefined || !TERMINAL_STATUSES.has(record.status)) return;
  throw new CliError("run-over", `${record.run} of session ${session_id} has ended: ${record.status}`, {
    hint: `there is nothing left to ${nameAction(action)}`,
  });
}

function tellSent(registry: Registry, { session, fallback }: Asked, requestId: string, { json }: ControlFlags): void {
  const request = registry.requestsOf(session.session_id).find(({ request_id }) => request_id === requestId);
  if (request === undefined) throw lostRecord(`request ${requestId}`);
  if (json) writeAnswer("control", { ...request, fallbacks: listFallbacks(fallback) });
  else writeLines(process.stdout, [`request sent; \`runweave show ${session.session_id}\` shows the answer`]);
}

async function awaitEnd(
  registry: Registry,
  requestId: string,
  { session, isOwned, isQuiet }: { session: SessionRecord; isOwned(): boolean; isQuiet: boolean },
): Promise<ControlRequest | null> {
  const stops = watchSignals();
  const sessionId = session.session_id;
  let told = "";
  const tell = (line: string) => {
    if (!isQuiet && line !== told) writeLines(process.stderr, [line]);
    told = line;
  };
  const silence = setTimeout(
    () => tell("the session's process has not answered yet; the request stays until it does"),
    SILENCE_MS,
  );
  try {
    return await awaitAnswer(registry, {
      sessionId,
      requestId,
      isAwaited: isOwned,
      signal: stops.interrupt,
      onChange: (request) => {
        if (request.accepted_time === null) return;
        clearTimeout(silence);
        tell(tellProgress(registry.findSession(sessionId) ?? session, request));
      },
    });
  } catch (error) {
    if (!stops.interrupt.aborted) throw error;
    tell("no longer waiting; the request is still sent");
    throw interruptedError();
  } finally {
    clearTimeout(silence);
    stops.close();
  }
}

function tellProgress(session: SessionRecord, request: ControlRequest): string {
  const running = session.runs.filter(({ run, status }) => status === "running" && (request.run ?? run) === run);
  const names = running.slice(0, NAMES_SHOWN).map(({ run }) => run);
  const more = running.length > NAMES_SHOWN ? ` and ${running.length - NAMES_SHOWN} more` : "";
  return names.length === 0
    ? `${tellRequest(request)} accepted`
    : `${tellRequest(request)} accepted, waiting for ${names.join(", ")}${more}`;
}

function tellAnswer(request: ControlRequest): string {
  const { session_id, outcome, message } = request;
  return `${tellRequest(request)} (${session_id}) ${outcome === "done" ? "done" : "not done"}: ${message}`;
}
