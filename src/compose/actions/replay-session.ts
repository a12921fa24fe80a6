import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { ReplayPreview } from "../../core/answer/replay.ts";
import type { Problem } from "../../core/error/problem.ts";
import type { RegistryReader } from "../../core/port/registry.ts";
import type { SessionRecord } from "../../core/run.ts";
import { findControlled } from "../../explain/find/find-controlled.ts";
import { type Fallback, listFallbacks } from "../../explain/find/find-named.ts";
import { type CapturedCode, captureCode, pickCapture } from "../capture/capture-origin.ts";
import { type Comparison, compareSessions } from "../compare-runs.ts";
import { type Doubt, judgeExecution } from "../consent/judge-execution.ts";
import { settleDoubt } from "../consent/settle-doubt.ts";
import type { KeptPlan } from "../kept-plan/keep-plan.ts";
import { listChangedVariables } from "../kept-plan/kept-variables.ts";
import type { StateLocation } from "../locate-state.ts";
import { openProbe } from "../prepare/open-probe.ts";
import type { ProbeProject } from "../prepare/probe-runs.ts";
import { type RegistrySource, sourceOf } from "../registry-source.ts";
import { codeFolder } from "../replay/describe-changes.ts";
import { describeVariables, formatDrift } from "../replay/describe-drift.ts";
import { readReplayable } from "../replay/find-replayable.ts";
import { fillOwnParameters, readOwnParameters } from "../replay/own-parameters.ts";
import { type PreparedReplay, prepareReplay } from "../replay/prepare-replay.ts";
import { previewReplay } from "../replay/preview-replay.ts";
import { runSession } from "../session/run-session.ts";
import type { EndedSession } from "../session/session-result.ts";
import { valueOrThrow } from "../workflow-error.ts";
import { chooseParallelism } from "../workspace.ts";
import { askingStep } from "./asking-step.ts";
import {
  type ActionContext,
  during,
  readRegistry,
  readRegistryAsync,
  reportFound,
  type StateAddress,
  warn,
} from "./context.ts";
import { leadSession, withWorkspace } from "./session.ts";

/** A session to be done again, with changes. */
export interface ReplayRequest {
  /** A session; or a run of it, which is then executed with all that is downstream of it. */
  id: string;
  /** Session in which a run's name is looked for. */
  session?: string | undefined;
  /** Changed fields of runs, each as `RUN.FIELD=VALUE`. */
  set?: readonly string[] | undefined;
  /** Versions that runs are to read, each as `DATASET@RUN=RUN_ID`. */
  pin?: readonly string[] | undefined;
  /** Runs that are executed though their inputs are unchanged. */
  fresh?: readonly string[] | undefined;
  /** True to publish what the workflow publishes. */
  publish?: boolean | undefined;
  maxParallel?: number | undefined;
}

/** Plan of a replay. */
export interface PlannedReplaySession {
  preview: ReplayPreview;
  warnings: Problem[];
  fallbacks: Fallback[];
}

/** A replay that has ended, and how it differs from the session that it replays. */
export interface EndedReplay extends EndedSession {
  comparison: Comparison;
  fallbacks: Fallback[];
}

/**
 * Tells which runs a replay would execute, and how long that would take; leaves no trace. Throws as `replaySession`.
 */
export async function planReplay(
  address: StateAddress,
  request: ReplayRequest,
  context: ActionContext = {},
): Promise<PlannedReplaySession> {
  return await readRegistryAsync(address, context, async (registry, folders) => {
    const replayed = findReplayed(registry, folders, { request, context });
    // Preparing asks the projects that the plan names, with the Python that it names.
    await settleDoubt(replayed.doubt, context);
    const projects = openProbe();
    const scratch = mkdtempSync(join(tmpdir(), "runweave-patch-"));
    try {
      const source = sourceOf(registry, folders.registry);
      const tools = { registry, source, probe: projects.probe, patches: scratch };
      const { prepared, warnings } = await prepare(replayed, { request, context, tools });
      const preview = await previewReplay(prepared, { registry, maxParallel: request.maxParallel ?? null });
      return { preview, warnings, fallbacks: replayed.fallbacks };
    } finally {
      rmSync(scratch, { recursive: true, force: true });
      await projects.close();
    }
  });
}

/**
 * Does a session again with changes, as a new one: runs that they affect are executed, others are reused. `onPreview` is called with
 * the plan before it is executed. Throws NotReplayableError, WorkflowError with every problem of the changes, ExplainError,
 * EnvironmentError, RegistryError, InterruptedError.
 */
export async function replaySession(
  address: StateAddress,
  request: ReplayRequest,
  context: ActionContext & { onPreview?(preview: ReplayPreview): void } = {},
): Promise<EndedReplay> {
  const replayed = readRegistry(address, context, (reader, folders) =>
    findReplayed(reader, folders, { request, context }),
  );
  const { session, kept, fallbacks } = replayed;
  await settleDoubt(replayed.doubt, context);
  return await withWorkspace(address, { store: kept.store }, context, async (workspace) => {
    const { registry, earlier: source, probe, folders, phases } = workspace;
    phases.enter("plan");
    const tools = { registry, source, probe, patches: folders.root };
    const { prepared, warnings, code } = await prepare(replayed, { request, context, tools });
    const { plan, origin: replayOf } = prepared;
    warn(context, warnings, "plan");
    context.onPreview?.(await previewReplay(prepared, { registry, maxParallel: request.maxParallel ?? null }));
    const own = await readOwnParameters(kept.plan, plan, probe);
    const maxParallel = chooseParallelism(plan, request.maxParallel);
    const ended = await leadSession(context, { plan, maxParallel, workspace }, (led) =>
      runSession({ ...led, plan, code, replayOf }),
    );
    const compared = await compareSessions(registry, folders, { a: session, b: ended.record });
    return { ...ended, comparison: fillOwnParameters(compared, own), fallbacks };
  });
}

interface Replayed {
  session: SessionRecord;
  kept: KeptPlan;
  /** The run that was named, if one was. */
  run: string | null;
  fallbacks: Fallback[];
  doubt: Doubt | null;
}

function findReplayed(
  reader: RegistryReader,
  folders: StateLocation,
  { request: { id, session: within }, context }: Pick<Preparation, "request" | "context">,
): Replayed {
  const found = reportFound(context, findControlled(reader, id, { session: within, takesMatrix: true }));
  const { session, run, fallback } = found;
  const kept = readReplayable(reader, session, { folders, nowMs: Date.now() });
  const execution = { session, runs: kept.plan.runs, store: kept.store };
  const doubt = judgeExecution([execution], { reader, folders, environment: process.env });
  return { session, run, kept, doubt, fallbacks: listFallbacks(fallback) };
}

interface Preparation {
  request: ReplayRequest;
  context: ActionContext;
  /** `patches` is where uncommitted changes are kept. */
  tools: { registry: RegistryReader; source: RegistrySource; probe: ProbeProject; patches: string };
}

async function prepare(
  { session, kept, run }: Replayed,
  { request, context, tools }: Preparation,
): Promise<{ prepared: PreparedReplay; warnings: Problem[]; code: CapturedCode }> {
  const { set = [], pin = [], fresh = [], publish = false } = request;
  const folder = codeFolder(session, kept);
  const code = await captureCode(folder, { root: tools.patches, ...pickCapture(kept.plan) });
  const changes = { settings: set, pins: pin, fresh: [...(run === null ? [] : [run]), ...fresh] };
  const about = { ...tools, session, kept, changes, environment: process.env, publishes: publish };
  const preparing = prepareReplay(about);
  const checked = await during(context, askingStep(kept.plan.runs.map(({ task }) => task)), preparing);
  const prepared = valueOrThrow(checked, "the replay");
  const stateFolder = dirname(tools.source.path);
  const drift = await formatDrift(session, code, { folder, kept, stateFolder });
  const changed = listChangedVariables(kept.variables, { environment: process.env, stateFolder });
  const warnings = [...drift, ...describeVariables(changed), ...(checked.ok ? checked.warnings : [])];
  return { prepared, warnings, code };
}
