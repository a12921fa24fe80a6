import {
  type ControlRequest,
  describeRequester,
  formatRequest,
  nameAction,
  type RequestAction,
} from "../../core/control-request.ts";
import { RefusalError } from "../../core/error/refusal-error.ts";
import { lostRecord, SessionLostError } from "../../core/error/registry-error.ts";
import type { Registry } from "../../core/port/registry.ts";
import { isScript, type SessionRecord, TERMINAL_STATUSES } from "../../core/run.ts";
import { listFew } from "../../core/text/list-few.ts";
import { findControlled } from "../../explain/find/find-controlled.ts";
import { type Fallback, listFallbacks } from "../../explain/find/find-named.ts";
import { followHealing } from "../heal/record-healing.ts";
import { refuseFormer } from "../home/home-state.ts";
import type { StateLocation } from "../locate-state.ts";
import { cancelLeftSession, findPlanOfLeft } from "../resume/cancel-left-session.ts";
import { NotResumableError } from "../resume/find-resumable.ts";
import { awaitAnswer, identifyRequester, sendRequest } from "../send-request.ts";
import { ownerOf } from "../session/session-lease.ts";
import { type ActionContext, during, reportFound, type StateAddress, writeRegistry } from "./context.ts";
import { leadSession, withWorkspace } from "./session.ts";

/** A request to the process that runs a session. */
export interface Control {
  /** A session; to cancel: or a run of it. */
  id: string;
  action: RequestAction;
  /** Session in which a run's name is looked for. */
  session?: string | undefined;
  /** True to kill the runs at once, without asking them to stop first. */
  force?: boolean | undefined;
  /** False to send the request, and not to wait until it is done. */
  wait?: boolean | undefined;
}

/** A request that was made, and its answer if that was waited for. */
export interface Controlled {
  request: ControlRequest;
  fallbacks: Fallback[];
}

const NAMES_SHOWN = 5;
/** Time that the session's process has to take a request up before the caller is told, in milliseconds. */
const SILENCE_MS = 3_000;

/**
 * Cancels, pauses or continues a session: asks the process that runs it, and waits until it has done so. A session whose process is
 * gone is cancelled by this call. Throws RefusalError for a request that the session can't fulfil, ExplainError, RegistryError,
 * InterruptedError: then the request stays on record.
 */
export async function controlSession(
  address: StateAddress,
  control: Control,
  context: ActionContext & { onProgress?(text: string): void } = {},
): Promise<Controlled> {
  const { id, action } = control;
  return await writeRegistry(address, context, async (registry, folders) => {
    const choice = { session: control.session, goesOn: true };
    const { session, run, fallback } = reportFound(context, findControlled(registry, id, choice));
    if (action !== "cancel" && run !== null) {
      const message = `${id} is a run, and only a whole session can ${nameAction(action)}`;
      throw new RefusalError("invalid-usage", message);
    }
    refuseOver(session, run, action);
    // The process that runs it reads the registry at its own place, and would never answer.
    refuseFormer({ registry, folders }, session.session_id);
    const request = await new Controller(registry, { address, folders, context, session, run, control }).carryOut();
    return { request, fallbacks: listFallbacks(fallback) };
  });
}

interface Asked {
  address: StateAddress;
  folders: StateLocation;
  context: Parameters<typeof controlSession>[2] & object;
  session: SessionRecord;
  run: string | null;
  control: Control;
}

/** Asks the session's process and waits for its answer. Cancels the session itself if there is no process. */
class Controller {
  readonly #registry: Registry;
  readonly #asked: Asked;
  /** The request, once it is on record. */
  #requestId: string | null = null;

  constructor(registry: Registry, asked: Asked) {
    this.#registry = registry;
    this.#asked = asked;
  }

  async carryOut(): Promise<ControlRequest> {
    if (this.#isOwned()) this.#send();
    const answered = await this.#askOwner();
    if (answered !== null) return answered;
    try {
      return await this.#cancelLeft();
    } catch (error) {
      if (!isTaken(error)) throw error;
    }
    // Another process has resumed the session meanwhile, so the request goes to that.
    return await this.carryOut();
  }

  /** Returns the request, with its answer unless the caller does not wait; null if none was sent, or no process is left to answer. */
  async #askOwner(): Promise<ControlRequest | null> {
    if (this.#requestId === null) return null;
    return this.#asked.control.wait === false ? this.#find(this.#requestId) : await this.#await(this.#requestId);
  }

  #isOwned = (): boolean => ownerOf(this.#registry, this.#asked.session) === "working";

  /** Records the request, once. Throws RefusalError if the session or its run has ended meanwhile. */
  #send(): string {
    const { session, run, control } = this.#asked;
    const { action, force = false } = control;
    try {
      this.#requestId ??= sendRequest(this.#registry, { sessionId: session.session_id, action, run, force });
      return this.#requestId;
    } catch (error) {
      const now = this.#registry.findSession(session.session_id);
      if (now !== null) refuseOver(now, run, action);
      throw error;
    }
  }

  #find(requestId: string): ControlRequest {
    const requests = this.#registry.requestsOf(this.#asked.session.session_id);
    const request = requests.find(({ request_id }) => request_id === requestId);
    if (request === undefined) throw lostRecord(`request ${requestId}`);
    return request;
  }

  async #await(requestId: string): Promise<ControlRequest | null> {
    const { session, context } = this.#asked;
    const tell = createTeller(context.onProgress);
    const silence = setTimeout(
      () => tell("the session's process has not answered yet; the request stays until it does"),
      SILENCE_MS,
    );
    const stop = new AbortController();
    const answer = awaitAnswer(this.#registry, {
      sessionId: session.session_id,
      requestId,
      isAwaited: this.#isOwned,
      signal: stop.signal,
      onChange: (request) => {
        if (request.accepted_time === null) return;
        clearTimeout(silence);
        tell(describeProgress(this.#registry.findSession(session.session_id) ?? session, request));
      },
    });
    try {
      return await during(context, null, answer);
    } catch (error) {
      if (context.interrupt?.aborted) tell("no longer waiting; the request is still sent");
      throw error;
    } finally {
      stop.abort();
      clearTimeout(silence);
    }
  }

  /** Takes over a session without a process, and cancels it as a whole: a request to it would have no effect. */
  async #cancelLeft(): Promise<ControlRequest> {
    const { address, folders, context, session, control } = this.#asked;
    refuseOfLeft(this.#asked);
    const { session_id: sessionId } = session;
    const search = { folders, nowMs: Date.now(), environment: process.env };
    const kept = findPlanOfLeft(this.#registry, session, search);
    const force = control.force ?? false;
    const asked = this.#send();
    await withWorkspace(address, { store: kept?.store ?? null }, context, async (workspace) => {
      const reason = `cancelled by ${describeRequester(identifyRequester())}, after its session was cut off`;
      const silent = { ...context, reporters: [], failuresExplained: 0 };
      await leadSession(silent, { plan: { runs: [] }, maxParallel: 1, workspace }, (led) =>
        cancelLeftSession({ ...led, ...followHealing(led, sessionId), sessionId, kept, force, reason }),
      );
    });
    return this.#find(asked);
  }
}

/** True if a session that no process ran has a process again. */
function isTaken(error: unknown): boolean {
  return error instanceof SessionLostError || (error instanceof NotResumableError && error.code === "session-owned");
}

function refuseOfLeft({ session, run, control: { action } }: Asked): void {
  if (action === "cancel" && run === null) return;
  const { session_id } = session;
  const message = `session ${session_id} was cut off: no process runs it, so nothing can ${nameAction(action)} ${run ?? "it"}`;
  const goesOn = isScript(session) ? "" : `\`runweave resume ${session_id}\` continues it, `;
  throw new RefusalError("session-cut-off", message, `${goesOn}\`runweave cancel ${session_id}\` ends it`);
}

/** Refuses a request to a session that has ended, which would never be answered. */
function refuseOver(session: SessionRecord, run: string | null, action: RequestAction): void {
  const { session_id, status } = session;
  if (status !== "running") {
    const hint = "`runweave sessions --status running` lists those that still run";
    throw new RefusalError("session-over", `session ${session_id} has ended: ${status}`, hint);
  }
  const record = session.runs.find((other) => other.run === run);
  if (record === undefined || !TERMINAL_STATUSES.has(record.status)) return;
  const message = `${record.run} of session ${session_id} has ended: ${record.status}`;
  throw new RefusalError("run-over", message, `there is nothing left to ${nameAction(action)}`);
}

/** Creates a listener that drops a text if it is the same as the text before. */
function createTeller(onProgress?: (text: string) => void): (text: string) => void {
  let told = "";
  return (text) => {
    if (text !== told) onProgress?.(text);
    told = text;
  };
}

function describeProgress(session: SessionRecord, request: ControlRequest): string {
  const running = session.runs.filter(({ run, status }) => status === "running" && (request.run ?? run) === run);
  const names = running.map(({ run }) => run);
  const accepted = `${formatRequest(request)} accepted`;
  return names.length === 0 ? accepted : `${accepted}, waiting for ${listFew(names, NAMES_SHOWN)}`;
}
