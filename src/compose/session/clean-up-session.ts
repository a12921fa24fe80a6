import type { RunDiscarded } from "../../core/event/disposal-event.ts";
import type { RunEvent } from "../../core/event/event.ts";
import type { AttemptSummary, Registry } from "../../core/port/registry.ts";
import type { SessionId } from "../../core/run-id.ts";
import type { CleanupPolicy, Discard } from "../../core/trash.ts";
import { TrashFaultError } from "../../versions/trash/trash-manifest.ts";
import { RemovalError } from "../../versions/tree/remove-tree.ts";
import { type DiscardContext, type DiscardOrder, discardAttempt } from "../trash/discard-attempt.ts";
import { describeEntryFault } from "../trash/entry-fault.ts";
import { holdingTrash } from "../trash/hold-trash.ts";

export interface CleanUp {
  sessionId: SessionId;
  /** Under which this process has the session. */
  epoch: number;
  /** Gives up waiting for the trash. */
  signal?: AbortSignal;
  /** Policies by run; other runs' data are kept. */
  policies: ReadonlyMap<string, CleanupPolicy>;
}

export interface CleanUpContext extends Omit<DiscardContext, "record" | "registry"> {
  registry: Registry;
  emit(events: readonly RunEvent[]): void;
}

/**
 * Treats the data of failed, cancelled and cut-off attempts as their runs' policies say. Called when the session is
 * about to end, as until then a further attempt may build on an earlier one's results; a session that is cut off in
 * here is unfinished, and resuming it goes on. Data that users have restored from the trash stay. Returns failures, one
 * sentence each: remote data out of reach, or files that can't be removed.
 */
export async function cleanUpSession(context: CleanUpContext, cleanUp: CleanUp): Promise<string[]> {
  const { sessionId, policies } = cleanUp;
  const policyOf = (run: string): CleanupPolicy => policies.get(run) ?? "keep";
  // Nearly every session keeps everything: then its attempts need not be read.
  if ([...policies.values()].every((policy) => policy === "keep")) return [];
  const ended = context.registry.attemptsOfSession(sessionId).filter(({ run, status }) => {
    return (status === "failed" || status === "cancelled") && policyOf(run) !== "keep";
  });
  if (ended.length === 0) return [];
  const session = { session_id: sessionId, epoch: cleanUp.epoch };
  const hold = { act: "clean-up" as const, session, signal: cleanUp.signal };
  const record = (event: RunDiscarded) => {
    context.emit([event]);
    return true;
  };
  const discarding = { ...context, record };
  return await holdingTrash(context, hold, () => discardAll(discarding, { sessionId, ended, policyOf }));
}

interface Discarding {
  sessionId: SessionId;
  ended: readonly AttemptSummary[];
  policyOf(run: string): CleanupPolicy;
}

async function discardAll(context: DiscardContext, { sessionId, ended, policyOf }: Discarding): Promise<string[]> {
  const faults: string[] = [];
  const restored = listRestored(context, sessionId);
  for (const attempt of ended) {
    const how = policyOf(attempt.run);
    if (how === "keep" || restored.has(attempt.run_id) || isTakenOver(context, attempt)) continue;
    const { run, run_id } = attempt;
    const owner = { session_id: sessionId, run, run_id };
    const order = { attempt: owner, cause: "cleanup", how, reason: formatCause(attempt) } as const;
    const fault = await tryDiscard(context, order);
    if (fault !== null) faults.push(fault);
  }
  return faults;
}

async function tryDiscard(context: DiscardContext, order: DiscardOrder): Promise<string | null> {
  const { run, run_id } = order.attempt;
  try {
    await discardAttempt(context, order);
    return null;
  } catch (error) {
    if (error instanceof TrashFaultError) return describeFault(order, error);
    const fault = describeEntryFault(error);
    if (fault === null) throw error;
    const begun = context.registry.discardsOf([run_id])[0];
    return `data of ${run} (${run_id}) were not cleaned up: ${fault}; ${describeNext(error, begun)}`;
  }
}

function describeNext(error: unknown, begun: Discard | undefined): string {
  if (error instanceof RemovalError && begun?.state === "deleted")
    return "fix that; then `runweave trash empty --older-than 100w --yes` frees what is left";
  return begun === undefined
    ? "they stay where they are"
    : "`runweave trash empty` or `restore` continues with what is there";
}

/** Describes a fault of the trash: the session ends even so. */
function describeFault({ attempt: { run, run_id } }: DiscardOrder, { message }: TrashFaultError): string {
  return `data of ${run} (${run_id}) were not cleaned up: ${message}; they stay where they are, \`runweave doctor\` checks the trash`;
}

/** A later attempt that succeeded reads what this one had finished. */
function isTakenOver({ registry }: DiscardContext, { run_id }: AttemptSummary): boolean {
  const readers = registry.readersOf([run_id]).map((pin) => pin.run_id);
  return registry.findHeads(readers).some(({ status }) => status === "success");
}

function listRestored({ registry }: DiscardContext, sessionId: SessionId): ReadonlySet<string> {
  const restored = new Set<string>();
  for (const event of registry.events(sessionId)) if (event.type === "run.restored") restored.add(event.run_id);
  return restored;
}

function formatCause({ attempt, status, exception }: AttemptSummary): string {
  const what = exception === null ? "" : `: ${exception.type}`;
  return `attempt ${attempt} ${status === "failed" ? "failed" : "was cancelled"}${what}`;
}
