import { InterruptedError } from "../../core/error/interrupted-error.ts";
import type { Problem } from "../../core/error/problem.ts";
import type { Hold } from "../../core/hold.ts";
import type { PhaseClock } from "../../core/phase-clock.ts";
import type { KeepOptions } from "../../core/port/project-agent.ts";
import type { Registry, RegistryReader } from "../../core/port/registry.ts";
import type { Reporter } from "../../core/port/reporter.ts";
import type { RunRecord } from "../../core/run.ts";
import type { SessionId } from "../../core/run-id.ts";
import type { Fallback } from "../../explain/find/find-named.ts";
import type { Plan } from "../../plan/plan.ts";
import { openSqliteRegistry } from "../../record/sqlite/registry.ts";
import type { Doubt } from "../consent/judge-execution.ts";
import { openLogMarks } from "../consent/log-marks.ts";
import { findRegistry } from "../find-registry.ts";
import { type ReservedAct, withReserve } from "../home/space-reserve.ts";
import { emitWarnings, warnOfCopy } from "../home/state-warnings.ts";
import type { LocateOptions, StateLocation } from "../locate-state.ts";

/** Place where an action looks for the state folder. */
export interface StateAddress {
  /** The state folder, or the registry's file in it. Default: `RUNWEAVE_REGISTRY`, else the nearest `.runweave/`. */
  registry?: string | undefined;
  /** Folder in which that search begins, absolute. Default: the workflow file's, else the working folder. */
  from?: string | undefined;
}

/** A session that is about to begin, or to go on. */
export interface SessionStart {
  plan: Pick<Plan, "runs">;
  /** Runs at once. */
  maxParallel: number;
  state: StateLocation;
  /** Reads the records of the session's runs from the registry. */
  readRuns(session: SessionId): readonly RunRecord[];
}

/** Listeners of an action, and signals that stop it. Everything is optional. */
export interface ActionContext {
  /** Gives up what is not on record yet, with InterruptedError; cancels a session, and waits for its end. */
  interrupt?: AbortSignal | undefined;
  /** Ends the runs of a session without asking them. */
  kill?: AbortSignal | undefined;
  /** Reporters of a session's events, or a function that makes them for the session. Closed when the session has ended. */
  reporters?: readonly Reporter[] | ((session: SessionStart) => readonly Reporter[]) | undefined;
  /** Options for Kedro workers that wait for the next session. Default: they end with this one. */
  keep?: KeepOptions | undefined;
  /** Clock that measures the phases of the action. */
  phases?: PhaseClock | undefined;
  /** Failed runs of a session that its result explains, at most. Default: all. */
  failuresExplained?: number | undefined;
  /** Command line that is recorded with a session. Default: that of this process. */
  commandLine?: readonly string[] | undefined;
  /** Called with warnings, which don't stop the action. Default: those about the state folder are emitted as warnings of Node. */
  onWarnings?(warnings: readonly Problem[], of: WarningSource): void;
  /** Called with a step that begins and may take seconds; with null when it is over. */
  onStep?(step: string | null): void;
  /** Asked for consent before commands from a registry are executed, without a sign that this user planned them. Default: no consent. */
  onDoubt?(doubt: Doubt): Promise<boolean>;
  /** Called before the action begins to change or execute something. */
  onAct?(): void;
  /** Called if a name was found in an older session than the newest. */
  onFallback?(fallback: Fallback): void;
  /** Called with another act that has to end first. */
  onWait?(before: Hold): void;
  /** Called with an entry of the trash that was emptied earlier, and still takes space. */
  onUnfreed?(unfreed: { id: string; error: Error }): void;
}

/** Subject of warnings: the state folder, or the workflow and its plan. */
export type WarningSource = "state" | "plan";

/** Fills in the parts that an address leaves out. */
export function completeAddress({ registry, from }: StateAddress, folder = process.cwd()): LocateOptions {
  return { registry, from: from ?? folder, environment: process.env };
}

/** Passes warnings to the context's listener, if there are any. */
export function warn(
  { onWarnings = warnOfState }: ActionContext,
  warnings: readonly Problem[],
  of: WarningSource,
): void {
  if (warnings.length > 0) onWarnings(warnings, of);
}

function warnOfState(warnings: readonly Problem[], of: WarningSource): void {
  if (of === "state") emitWarnings(warnings);
}

/** Returns a finding, and reports it if it is of an older session than the newest. */
export function reportFound<T extends { fallback: Fallback | null }>({ onFallback }: ActionContext, found: T): T {
  if (found.fallback !== null) onFallback?.(found.fallback);
  return found;
}

/** Waits for a step that may take seconds. Throws InterruptedError as soon as the context's signal comes. */
export async function during<T>(
  { onStep, interrupt }: ActionContext,
  step: string | null,
  work: Promise<T>,
): Promise<T> {
  const stopped = Promise.withResolvers<never>();
  const onAbort = () => stopped.reject(new InterruptedError());
  if (interrupt?.aborted) onAbort();
  interrupt?.addEventListener("abort", onAbort);
  if (step !== null) onStep?.(step);
  try {
    return await Promise.race([work, stopped.promise]);
  } finally {
    if (step !== null) onStep?.(null);
    interrupt?.removeEventListener("abort", onAbort);
    // Later rejections of both are ignored.
    for (const left of [work, stopped.promise]) left.catch(() => {});
  }
}

/** Opens the registry of earlier sessions to read it; it need not be writable. Throws ExplainError if there is none. */
export function readRegistry<T>(
  address: StateAddress,
  context: ActionContext,
  ask: (reader: RegistryReader, state: StateLocation) => T,
): T {
  const { reader, state } = openReader(address, context);
  try {
    return ask(reader, state);
  } finally {
    reader.close();
  }
}

/** Reads a registry in the same way, for questions that take time. */
export async function readRegistryAsync<T>(
  address: StateAddress,
  context: ActionContext,
  ask: (reader: RegistryReader, state: StateLocation) => Promise<T>,
): Promise<T> {
  const { reader, state } = openReader(address, context);
  try {
    return await ask(reader, state);
  } finally {
    reader.close();
  }
}

function openReader(address: StateAddress, context: ActionContext): { reader: Registry; state: StateLocation } {
  const state = findRegistry(completeAddress(address));
  const reader = openSqliteRegistry(state.registry, { readOnly: true });
  try {
    warn(context, warnOfCopy(reader, state), "state");
  } catch (error) {
    reader.close();
    throw error;
  }
  return { reader, state };
}

/** Opens the registry of earlier sessions to add to it. Throws ExplainError if there is none. */
export async function writeRegistry<T>(
  address: StateAddress,
  context: ActionContext,
  work: (registry: Registry, state: StateLocation) => Promise<T> | T,
): Promise<T> {
  return await useRegistry(findRegistry(completeAddress(address)), context, work);
}

/** Opens a registry in the same way, for acts that free space: on a full disk too. */
export async function freeWithRegistry<T>(
  address: StateAddress,
  context: ActionContext & { act: ReservedAct },
  work: (registry: Registry, state: StateLocation) => Promise<T>,
): Promise<T> {
  const state = findRegistry(completeAddress(address));
  return await withReserve(state.root, context.act, () => useRegistry(state, context, work));
}

async function useRegistry<T>(
  state: StateLocation,
  context: ActionContext,
  work: (registry: Registry, state: StateLocation) => Promise<T> | T,
): Promise<T> {
  context.onAct?.();
  const registry = openSqliteRegistry(state.registry, { markLog: openLogMarks(state, process.env) });
  try {
    warn(context, warnOfCopy(registry, state), "state");
    return await work(registry, state);
  } finally {
    registry.close();
  }
}
