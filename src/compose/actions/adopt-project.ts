import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import { basename, isAbsolute, join, resolve } from "node:path";
import { RefusalError } from "../../core/error/refusal-error.ts";
import type { RunEvent } from "../../core/event/event.ts";
import { formatTime } from "../../core/port/clock.ts";
import type { ProjectAddress } from "../../core/port/project-agent.ts";
import type { KedroTask, PipelineFilters } from "../../core/port/runner.ts";
import type { ProbeAnswer, SliceFacts } from "../../core/project-facts.ts";
import type { VersionRecord } from "../../core/run.ts";
import { isRunId, type RunId, type SessionId, timeOfRunId } from "../../core/run-id.ts";
import { hashVersion } from "../../versions/files-beside.ts";
import { findProject } from "../check-machine.ts";
import type { ProbeProject } from "../prepare/probe-runs.ts";
import { valueOrThrow } from "../workflow-error.ts";
import type { Workspace } from "../workspace.ts";
import { askingStep } from "./asking-step.ts";
import { type ActionContext, during, type StateAddress } from "./context.ts";
import { withWorkspace } from "./session.ts";

/** Kedro's save version: the time to the millisecond (kedro/io/core.py, VERSION_FORMAT). */
const KEDRO_VERSION = /^\d{4}-\d{2}-\d{2}T\d{2}\.\d{2}\.\d{2}\.\d{3}Z$/;
const RUN = "unknown";
const EVERYTHING: PipelineFilters = {
  tags: [],
  node_names: [],
  from_nodes: [],
  to_nodes: [],
  from_inputs: [],
  to_outputs: [],
  namespaces: [],
};

/** A past run, as far as it is known: the datasets that a Kedro project saved under one version. */
export interface AdoptedRun {
  run_id: RunId;
  version: string;
  datasets: string[];
  /** True if the version was adopted before. */
  known: boolean;
}

/** Past runs of a project. */
export interface Adoption {
  project: string;
  runs: AdoptedRun[];
  /** True if runweave saved versions of the project too: those are on record with their runs. */
  hasOwn: boolean;
}

/** A Kedro project whose versions are to be recorded. */
export interface AdoptRequest {
  /** The project's folder, or one in it. Default: the working folder. */
  folder?: string | undefined;
  /** The project's Python. Default: its `.venv`, the active one, `python3`. */
  python?: string | undefined;
  /** Kedro's environment. */
  env?: string | undefined;
  /** True to look only, without a record. */
  dryRun?: boolean | undefined;
}

/**
 * Records the versions that a Kedro project already has on disk as past runs of unknown origin, one per version: they can be
 * consumed by run_id and traced. Leaves versions alone that were adopted before, or that a run of this registry saved.
 * Throws RefusalError for a folder without a project, WorkflowError and EnvironmentError if the project can't be asked.
 */
export async function adoptProject(
  address: StateAddress,
  { folder = ".", dryRun = false, ...about }: AdoptRequest = {},
  context: ActionContext = {},
): Promise<Adoption> {
  const found = findProject(resolve(folder));
  if (found === null) {
    const hint = "name the folder with the pyproject.toml that has a [tool.kedro] section";
    throw new RefusalError("no-project", `there is no Kedro project at ${resolve(folder)}, nor above it`, hint);
  }
  const project = { ...found, python: about.python ?? found.python, env: about.env ?? found.env };
  const place = { ...address, from: project.project_path };
  return await withWorkspace(place, {}, context, async (workspace) => {
    const recording = recordVersions(project, { workspace, dryRun });
    return { project: project.project_path, ...(await during(context, askingStep([{ kind: "kedro" }]), recording)) };
  });
}

async function recordVersions(
  address: ProjectAddress,
  { workspace, dryRun }: { workspace: Workspace; dryRun: boolean },
): Promise<Omit<Adoption, "project">> {
  const { registry, clock, probe } = workspace;
  const { found, hasOwn } = await findVersions(await askEverything(address, probe));
  const adopted: AdoptedRun[] = [];
  for (const [version, places] of [...found].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const run_id = nameRun(address.project_path, version);
    const known = registry.findRun(run_id) !== null;
    adopted.push({ run_id, version, datasets: [...places.keys()].sort(), known });
    if (known || dryRun) continue;
    const outputs = await describeVersions(version, places);
    registry.append(describeRun({ address, run_id, outputs, recorded: formatTime(clock.now()) }));
  }
  return { runs: adopted, hasOwn };
}

/** Asks the project for all its pipelines at once. A dataset that none of them reads or writes has no history. */
async function askEverything(address: ProjectAddress, probe: ProbeProject): Promise<SliceFacts> {
  const ask = async (pipeline_names: string[]): Promise<ProbeAnswer> => {
    const question = { pipeline_names, filters: EVERYTHING, runner: "SequentialRunner", is_async: false };
    const slices = { all: { ...question, outputs: [], supplied: [] } };
    return valueOrThrow(await probe(toTask(address), { runtime_params: {}, slices }));
  };
  const { pipelines } = await ask(["__default__"]);
  const whole = await ask(pipelines);
  const all = whole.slices.all;
  if (all === undefined) throw new Error("the answer of the probe has lost the question");
  return all;
}

function toTask(address: ProjectAddress): KedroTask {
  const what = {
    pipeline_names: [],
    filters: EVERYTHING,
    runtime_params: {},
    outputs: [],
    floating: [],
    remote_stores: {},
  };
  return { kind: "kedro", ...address, ...what, runner: "SequentialRunner", is_async: false, isolate: "none" };
}

/** Finds, for each version, the folders of the datasets that have it. `hasOwn` is true if runweave saved versions too. */
async function findVersions({
  datasets,
}: SliceFacts): Promise<{ found: Map<string, Map<string, string>>; hasOwn: boolean }> {
  const found = new Map<string, Map<string, string>>();
  let hasOwn = false;
  for (const [dataset, { location, versioned }] of Object.entries(datasets)) {
    if (!versioned || location === null || !isAbsolute(location)) continue;
    for (const version of await listFolder(location)) {
      // The writer of a version that runweave saved is on record, here or in another registry.
      hasOwn ||= isRunId(version);
      if (!KEDRO_VERSION.test(version)) continue;
      const places = found.get(version) ?? new Map<string, string>();
      found.set(version, places.set(dataset, location));
    }
  }
  return { found, hasOwn };
}

async function listFolder(path: string): Promise<string[]> {
  try {
    return await readdir(path);
  } catch {
    return [];
  }
}

async function describeVersions(
  version: string,
  places: ReadonlyMap<string, string>,
): Promise<Record<string, VersionRecord>> {
  const outputs: Record<string, VersionRecord> = {};
  for (const [dataset, plain_location] of places) {
    const location = join(plain_location, version, basename(plain_location));
    const content = await hashVersion({ version, location }).catch(() => null);
    // A folder without the file was left by a writer that was cut off.
    if (content !== null) outputs[dataset] = { version, location, ...content, entry: null, plain_location };
  }
  return outputs;
}

/** Names a run: the same project and version have the same id, so that a second adoption adds no run. */
function nameRun(projectPath: string, version: string): RunId {
  const digest = createHash("sha256").update(`${projectPath}\0${version}`).digest("hex").slice(0, 12);
  const id = `${version}-${digest}`;
  if (!isRunId(id)) throw new Error(`${id} is not a run_id`);
  return id;
}

function describeRun({
  address: { project_path, env },
  run_id,
  outputs,
  recorded,
}: {
  address: ProjectAddress;
  run_id: RunId;
  outputs: Record<string, VersionRecord>;
  recorded: string;
}): RunEvent[] {
  const session_id = run_id as string as SessionId;
  const time = timeOfRunId(run_id);
  const stamp = { time, session_id };
  const attempt = { ...stamp, run: RUN, run_id, attempt: 1 };
  const workflow = `adopted from ${basename(project_path)}`;
  const declared = { run: RUN, kind: "kedro" as const, needs: [], env, runtime_params: {}, pipeline_names: [] };
  const outcome = { run: RUN, run_id, status: "success" as const, duration_ms: null, load_versions: {} };
  return [
    {
      type: "session.started",
      ...stamp,
      workflow,
      workflow_file: null,
      project_path,
      command_line: [],
      git: { commit: null, dirty: null },
    },
    { type: "runs.declared", ...stamp, runs: [{ ...declared, filters: {}, max_attempts: 1, allow_failure: false }] },
    { type: "run.resolved", ...attempt, pins: [] },
    { type: "run.started", ...attempt, pid: null, log: "" },
    { type: "run.succeeded", ...attempt, duration_ms: 0, outputs, outputs_location: null, peak_memory_bytes: null },
    {
      type: "run.noted",
      ...stamp,
      run: RUN,
      run_id,
      time: recorded,
      text: "adopted: saved before runweave knew the project",
    },
    {
      type: "session.finished",
      ...stamp,
      status: "success",
      duration_ms: 0,
      runs: [{ ...outcome, allow_failure: false, reason: "adopted" }],
    },
  ];
}
