import { randomUUID } from "node:crypto";
import { hostname, userInfo } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import type { ControlRequest, RequestAction, Requester } from "../core/control-request.ts";
import { formatTime, systemClock } from "../core/port/clock.ts";
import type { Registry } from "../core/port/registry.ts";
import type { SessionId } from "../core/run-id.ts";

const POLL_MS = 50;

export interface RequestToSend {
  sessionId: SessionId;
  action: RequestAction;
  /** Null for the whole session. */
  run: string | null;
  force: boolean;
}

/** Records a request, which the session's process takes up. Throws if the session ends in this moment. */
export function sendRequest(registry: Registry, { sessionId, ...asked }: RequestToSend): string {
  const request_id = randomUUID();
  const time = formatTime(systemClock.now());
  registry.append([
    { type: "request.made", time, session_id: sessionId, request_id, ...asked, by: identifyRequester() },
  ]);
  return request_id;
}

interface Awaited {
  sessionId: SessionId;
  requestId: string;
  /** True while there is a process that can answer. */
  isAwaited(): boolean;
  /** Gives up waiting; the request stays. */
  signal: AbortSignal;
  /** Called when the registry has changed and the answer is still to come. */
  onChange(request: ControlRequest): void;
}

/** Waits for the answer; null if it is awaited no more. Throws the signal's reason if it fires first. */
export async function awaitAnswer(
  registry: Registry,
  { sessionId, requestId, isAwaited, signal, onChange }: Awaited,
): Promise<ControlRequest | null> {
  let seen: string | null = null;
  while (true) {
    // Asked before the answer is looked at, as the answer may be the process's last act.
    const isLast = !isAwaited();
    const mark = registry.othersMark();
    if (mark !== seen) {
      seen = mark;
      const request = registry.requestsOf(sessionId).find(({ request_id }) => request_id === requestId);
      if (request === undefined) throw new Error(`the registry has lost request ${requestId}`);
      if (request.answered_time !== null) return request;
      onChange(request);
    }
    if (isLast) return null;
    await delay(POLL_MS, undefined, { signal });
  }
}

export function identifyRequester(): Requester {
  return { user: userName(), host: hostname(), pid: process.pid };
}

/** A user id without an entry in the password file has no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? "unknown");
  }
}
