import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type CapturedCode, captureCode } from "../../compose/capture/capture-origin.ts";
import { compareSessions } from "../../compose/compare-runs.ts";
import type { KeptPlan } from "../../compose/kept-plan/keep-plan.ts";
import { listChangedVariables } from "../../compose/kept-plan/kept-variables.ts";
import { openProbe } from "../../compose/prepare/open-probe.ts";
import type { ProbeProject } from "../../compose/prepare/probe-runs.ts";
import { lookForRegistry, type RegistrySource } from "../../compose/registry-source.ts";
import { readReplayable } from "../../compose/replay/find-replayable.ts";
import { fillOwnParameters, readOwnParameters } from "../../compose/replay/own-parameters.ts";
import { type PreparedReplay, prepareReplay } from "../../compose/replay/prepare-replay.ts";
import { previewReplay } from "../../compose/replay/preview-replay.ts";
import { folderOf } from "../../compose/replay/probe-again.ts";
import { tellDrift, tellVariables } from "../../compose/replay/tell-drift.ts";
import { runSession } from "../../compose/session/run-session.ts";
import { defaultParallelism, type Workspace } from "../../compose/workspace.ts";
import type { Problem } from "../../core/error/problem.ts";
import type { PhaseClock } from "../../core/phase-clock.ts";
import type { RegistryReader } from "../../core/port/registry.ts";
import type { SessionRecord } from "../../core/run.ts";
import type { Fallback } from "../../explain/find/find-named.ts";
import { toDiffText } from "../../explain/text/diff-text.ts";
import { describeReplay, renderReplay } from "../../report/result/replay.ts";
import { renderSpans } from "../../report/text/spans.ts";
import { showLine } from "../await-plan.ts";
import { type ExitCode, interruptedError } from "../errors.ts";
import { findControlled } from "../find/find-and-tell.ts";
import { listFallbacks } from "../find/tell-fallback.ts";
import { type RegistryFlag, readRegistry } from "../open-registry.ts";
import { openActing } from "../open-workspace.ts";
import { toProblemJson } from "../problem-json.ts";
import { valueOrThrow } from "../read-workflow.ts";
import { exitCodeOf, type OutputFlags, openReporters, writeEnding } from "../session-output.ts";
import { lookOf, writeLines, writeProblems, writeText } from "../terminal.ts";
import { type TimingFlags, timeCommand } from "../time-command.ts";
import { orInterrupted, type Stops, watchSignals } from "../watch-signals.ts";
import { writeAnswer } from "../write-answer.ts";

export interface ReplayFlags extends OutputFlags, RegistryFlag, TimingFlags {
  session?: string;
  set?: string[];
  pin?: string[];
  fresh?: string[];
  dryRun?: boolean;
  publish?: boolean;
  maxParallel?: number;
}

/** `runweave replay SESSION|RUN`. */
export async function replaySession(id: string, flags: ReplayFlags): Promise<ExitCode> {
  return await timeCommand(flags, (phases) => replayTimed(id, flags, phases));
}

async function replayTimed(id: string, flags: ReplayFlags, phases: PhaseClock): Promise<ExitCode> {
  const stops = watchSignals();
  try {
    const replayed = findReplayed(id, flags);
    return flags.dryRun ? await foretell(replayed, flags, stops) : await execute(replayed, flags, { stops, phases });
  } finally {
    stops.close();
  }
}

interface Replayed {
  session: SessionRecord;
  kept: KeptPlan;
  /** The run that was named, if one was. */
  run: string | null;
  fallback: Fallback | null;
}

function findReplayed(id: string, flags: ReplayFlags): Replayed {
  return readRegistry(flags, (reader, folders) => {
    const { session, run, fallback } = findControlled(reader, id, { session: flags.session, takesMatrix: true });
    return { session, run, fallback, kept: readReplayable(reader, session, { folders, nowMs: Date.now() }) };
  });
}

/** Leaves nothing behind. */
async function foretell(replayed: Replayed, flags: ReplayFlags, stops: Stops): Promise<ExitCode> {
  const source = lookForRegistry({ registry: flags.registry, environment: process.env, from: process.cwd() });
  const registry = source.open();
  if (registry === null) throw new Error(`the registry at ${source.path} is gone`);
  const projects = openProbe();
  const scratch = mkdtempSync(join(tmpdir(), "runweave-patch-"));
  try {
    const tools = { registry, source, probe: projects.probe };
    const code = await captureCode(codeFolder(replayed), { root: scratch, written: replayed.kept.plan.written });
    const { prepared, warnings } = await prepare(replayed, { flags, stops, tools, code });
    const preview = await previewReplay(prepared, { registry, maxParallel: flags.maxParallel ?? null });
    if (flags.json) {
      const fallbacks = listFallbacks(replayed.fallback);
      writeAnswer("replay-plan", { ...preview, warnings: warnings.map(toProblemJson), fallbacks });
    } else {
      writeProblems(process.stderr, warnings);
      writeLines(process.stdout, renderReplay(preview, lookOf(process.stdout)));
    }
    return 0;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
    await projects.close();
    source.close();
  }
}

async function execute(
  replayed: Replayed,
  flags: ReplayFlags,
  { stops, phases }: { stops: Stops; phases: PhaseClock },
): Promise<ExitCode> {
  phases.enter("open");
  const workspace = openActing({
    registry: flags.registry,
    from: process.cwd(),
    store: replayed.kept.store,
    phases,
  });
  phases.enter("plan");
  try {
    const { registry, earlier, probe, folders } = workspace;
    const code = await captureCode(codeFolder(replayed), { root: folders.root, written: replayed.kept.plan.written });
    const tools = { registry, source: earlier, probe };
    const { prepared, warnings } = await prepare(replayed, { flags, stops, tools, code });
    if (!flags.json) {
      writeProblems(process.stderr, warnings);
      const preview = await previewReplay(prepared, { registry, maxParallel: flags.maxParallel ?? null });
      const look = { ...lookOf(process.stdout), columns: null };
      writeLines(
        process.stdout,
        describeReplay(preview).map((spans) => renderSpans(spans, look)),
      );
    }
    return await conduct(prepared, { replayed, flags, stops, workspace, code });
  } finally {
    await workspace.close();
  }
}

interface Conduct {
  replayed: Replayed;
  flags: ReplayFlags;
  stops: Stops;
  workspace: Workspace;
  code: CapturedCode;
}

/** Runs it as a session, and tells how that differs from the one that was replayed. */
async function conduct(
  { plan, origin }: PreparedReplay,
  { replayed, flags, stops, workspace, code }: Conduct,
): Promise<ExitCode> {
  const maxParallel = flags.maxParallel ?? plan.maxParallel ?? defaultParallelism();
  const { reporters, close } = openReporters(flags, { plan, maxParallel, stops, workspace });
  const { interrupt, kill } = stops;
  const about = { workspace, plan, code, reporters, maxParallel, interrupt, kill };
  const commandLine = process.argv.slice(2);
  const own = await readOwnParameters(replayed.kept.plan, plan, workspace.probe);
  const result = await runSession({ ...about, commandLine, replayOf: origin }).finally(close);
  const { registry, folders } = workspace;
  const compared = await compareSessions(registry, folders, { a: replayed.session, b: result.record });
  const comparison = fillOwnParameters(compared, own);
  if (flags.json) writeAnswer("replay.compared", { ...comparison, fallbacks: listFallbacks(replayed.fallback) });
  else {
    writeEnding(result, workspace, workspace.phases.totalMs());
    writeText(process.stdout, `\n${toDiffText(comparison)}`);
  }
  return exitCodeOf(result, stops);
}

interface Preparation {
  flags: ReplayFlags;
  stops: Stops;
  tools: { registry: RegistryReader; source: RegistrySource; probe: ProbeProject };
  code: CapturedCode;
}

async function prepare(
  { session, kept, run }: Replayed,
  { flags, stops, tools, code }: Preparation,
): Promise<{ prepared: PreparedReplay; warnings: Problem[] }> {
  const fresh = [...(run === null ? [] : [run]), ...(flags.fresh ?? [])];
  const changes = { settings: flags.set ?? [], pins: flags.pin ?? [], fresh };
  const about = {
    ...tools,
    session,
    kept,
    changes,
    environment: process.env,
    publishes: flags.publish ?? false,
  };
  const asksProjects = kept.plan.runs.some(({ task }) => task.kind === "kedro");
  const dropLine = asksProjects ? showLine("reading the project's pipelines …", process.stderr) : () => {};
  try {
    const checked = await orInterrupted(prepareReplay(about), stops.interrupt, interruptedError);
    const prepared = valueOrThrow(checked, "the replay");
    const stateFolder = dirname(tools.source.path);
    const drift = await tellDrift(session, code, { folder: codeFolder({ session, kept }), kept, stateFolder });
    const changed = listChangedVariables(kept.variables, { environment: process.env, stateFolder });
    return { prepared, warnings: [...drift, ...tellVariables(changed), ...(checked.ok ? checked.warnings : [])] };
  } finally {
    dropLine();
  }
}

function codeFolder({ session, kept }: Pick<Replayed, "session" | "kept">): string {
  return session.project_path ?? folderOf(kept.plan);
}
