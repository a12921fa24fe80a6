import type { Reporter } from "../../core/port/reporter.ts";
import { listOuterWriters } from "../../explain/outer-writers.ts";
import { explainFailures } from "../failures/explain-failures.ts";
import type { StateLocation } from "../locate-state.ts";
import type { SessionContext } from "../session/live-session.ts";
import type { EndedSession, SessionResult } from "../session/session-result.ts";
import { listTaintedAgain } from "../session/warn-tainted.ts";
import { openState, openWorkspace, type Workspace, type WorkspaceOptions } from "../workspace.ts";
import { type ActionContext, completeAddress, type SessionStart, type StateAddress, warn } from "./context.ts";

/** Options of a session's workspace, beside the address. */
type Needs = Pick<WorkspaceOptions, "store" | "asksAnew" | "environment"> & {
  /** Called as soon as the state folder exists, before the registry is opened. */
  onState?(state: StateLocation): void;
};

/** Opens a workspace for one action, reports its warnings, and closes it in any case. */
export async function withWorkspace<T>(
  address: StateAddress,
  { onState, ...needs }: Needs,
  context: ActionContext,
  work: (workspace: Workspace) => Promise<T>,
): Promise<T> {
  const { phases, keep } = context;
  const options = { ...completeAddress(address), ...needs, phases, keep };
  phases?.enter("open");
  const state = openState(options);
  onState?.(state);
  context.onAct?.();
  const workspace = openWorkspace(options, state);
  try {
    warn(context, workspace.warnings, "state");
    return await work(workspace);
  } finally {
    await workspace.close();
  }
}

/** Options of each session that an action leads. */
interface Led extends SessionContext {
  reporters: readonly Reporter[];
  commandLine: string[];
  maxParallel: number;
}

/** Leads a session to its end: its reporters are made before its first event, and closed after its last. */
export async function leadSession(
  context: ActionContext,
  { plan, maxParallel, workspace }: Pick<SessionStart, "plan" | "maxParallel"> & { workspace: Workspace },
  lead: (options: Led) => Promise<SessionResult>,
): Promise<EndedSession> {
  const { reporters: told = [], interrupt, kill, commandLine = process.argv.slice(1) } = context;
  const { registry, folders: state } = workspace;
  const readRuns: SessionStart["readRuns"] = (session) => registry.findSession(session)?.runs ?? [];
  const reporters = typeof told === "function" ? told({ plan, maxParallel, state, readRuns }) : told;
  const led = { workspace, reporters, interrupt, kill, commandLine: [...commandLine], maxParallel };
  const result = await lead(led).finally(() => {
    for (const reporter of reporters) reporter.close?.();
  });
  const explained = { session: result.record, state, limit: context.failuresExplained };
  const tainted = listTaintedAgain(registry, result.record);
  const writers = listOuterWriters(registry, result.record.runs);
  return { ...result, failures: explainFailures(registry, explained), tainted, state, writers };
}
