import { isAbsolute, join, resolve } from "node:path";
import type { WatchedFile } from "../../core/fingerprint.ts";
import { hasCatalog, isProcess } from "../../core/kinds.ts";
import type { CommandTask, KedroTask } from "../../core/port/runner.ts";
import type { ProjectFacts, SliceFacts, WorkFacts } from "../../core/project-facts.ts";
import type { Json, JsonObject } from "../../core/run.ts";
import type { WorkflowDefinition } from "../../define/definition.ts";
import { formatCanonical, isSameJson } from "../../plan/canonical-json.ts";
import type { ExpandedRun, Plan, PlannedRun } from "../../plan/plan.ts";
import type { FindFile } from "../../resolve/lock/compare-locks.ts";
import type { Lock, LockedEnvironment, LockedRun } from "../../resolve/lock/lock.ts";
import type { ContentCache } from "../reuse/content-cache.ts";
import { describeKedro } from "../reuse/describe-kedro.ts";
import { describeProcessSources } from "../reuse/describe-process.ts";
import type { DescribedWork } from "../reuse/described-work.ts";
import { createProgramTeller, type IdentifyProgram } from "../reuse/identify-program.ts";
import { hashText } from "../reuse/open-reuse.ts";
import { describePins } from "./describe-pins.ts";
import { describeProgram } from "./describe-program.ts";
import { describeTask } from "./describe-task.ts";
import { expandHidden, hideParameter } from "./hide-values.ts";
import { askIgnored, type FindIgnored } from "./ignored-parameters.ts";
import { createPathWriter, type WritePath } from "./portable-path.ts";

const DIGEST_LENGTH = 16;

export interface LockSources {
  definition: WorkflowDefinition;
  plan: Plan;
  facts: ProjectFacts;
  content: ContentCache;
  environment: Readonly<Record<string, string | undefined>>;
}

/** A plan as a lock file has it. */
export interface DescribedLock {
  lock: Lock;
  findFile: FindFile;
  /** Files that each command is made of, as they were looked at. */
  watched: ReadonlyMap<string, WatchedFile[]>;
}

/** All that the runs of a plan depend on, as far as it is known before anything runs. */
export async function describeLock({
  definition,
  plan,
  facts,
  content,
  environment: outside,
}: LockSources): Promise<DescribedLock> {
  const write = createPathWriter(definition.dir);
  const hidden = expandHidden(definition);
  const environments: Record<string, LockedEnvironment> = {};
  const runs: Record<string, LockedRun> = {};
  const watched = new Map<string, WatchedFile[]>();
  const identify = createProgramTeller({ content, environment: outside });
  for (const planned of plan.runs) {
    const slice = facts.get(planned.run);
    const shown = hidden.get(planned.run);
    if (shown === undefined) throw new Error(`it is unknown how the file writes ${planned.run}`);
    const parts = { planned, slice, hidden: shown, write, content, identify };
    const { watched: files, runsIn, ...described } = await describeRun(parts, definition.dir);
    const environment = nameEnvironment(planned, runsIn, { hidden: shown, write, environments });
    if (files.length > 0) watched.set(planned.run, files);
    const locked = { ...described, environment };
    const what = { ...locked, unlocked: [], environment: environment === null ? null : environments[environment] };
    runs[planned.run] = { ...locked, fingerprint: hashText(formatCanonical(what as unknown as Json)) };
  }
  const { name, on_failure, isolate } = definition;
  const publish = plan.publish.map(({ run, dataset }) => `${dataset} of ${run}`).sort();
  const lock = { workflow: { name, on_failure, isolate, publish }, environments, runs };
  return { lock, findFile: createFileFinder({ definition, facts, plan, write }), watched };
}

interface RunParts {
  planned: PlannedRun;
  slice: SliceFacts | undefined;
  hidden: ExpandedRun;
  write: WritePath;
  content: ContentCache;
  identify: IdentifyProgram;
}

type DescribedRun = Omit<LockedRun, "environment" | "fingerprint"> & {
  watched: WatchedFile[];
  runsIn: LockedEnvironment | null;
};

async function describeRun(parts: RunParts, dir: string): Promise<DescribedRun> {
  const { planned, slice, hidden, write, identify } = parts;
  const { task } = planned;
  const work = await describeWork(parts, dir);
  const findIgnored = hasCatalog(task) ? await askIgnored(task.project_path, slice?.work?.origins) : () => null;
  const shown = showParameters(work.parameters, { hidden, values: slice?.work?.shown ?? {}, findIgnored });
  const started = isProcess(task) ? await describeProgram(task, { hidden, write, identify }) : null;
  return {
    task: describeTask(planned, { hidden, write }),
    program: started?.program ?? {},
    code: { ...work.code, ...nameNodes(slice?.work?.nodes ?? {}) },
    parameters: shown.parameters,
    catalog: work.catalog,
    pins: describePins(planned, { hidden, slice, external: work.inputs, write }),
    unlocked: [...work.obstacles, ...shown.unlocked, ...(started?.unlocked ?? [])].sort(),
    watched: [...work.watched, ...(started?.watched ?? [])],
    runsIn: started === null ? (slice?.environment ?? null) : started.environment,
  };
}

/** Names nodes: how a node is wired is code too. */
function nameNodes(nodes: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(nodes).map(([node, digest]) => [`node ${node}`, digest]));
}

/** Digests are not keyed: the key of a registry stays on its machine. */
async function describeWork(
  { planned, slice, content }: RunParts,
  dir: string,
): Promise<DescribedWork["parts"] & Pick<DescribedWork, "obstacles" | "watched">> {
  const nothing = { task: {}, environment: {}, code: {}, parameters: {}, catalog: {}, inputs: {} };
  const { task } = planned;
  if (isProcess(task)) {
    return { ...nothing, ...(await describeProcessSources({ ...planned, task }, { dir, content })) };
  }
  if (slice?.work === undefined) return { ...nothing, obstacles: ["its project did not report its code"], watched: [] };
  const options = { facts: { ...slice, work: slice.work satisfies WorkFacts }, dir, content, environment: {} };
  const { parts, obstacles } = await describeKedro(
    { ...planned, task: task satisfies KedroTask },
    { ...options, digest: (text) => hashText(text).slice("sha256:".length).slice(0, DIGEST_LENGTH) },
  );
  return { ...parts, obstacles, watched: [] };
}

/**
 * Shows values that are short and no secret, and digests of the others; leaves out secrets, by name, form or source.
 */
function showParameters(
  digests: Readonly<Record<string, string>>,
  { hidden, values, findIgnored }: { hidden: ExpandedRun; values: JsonObject; findIgnored: FindIgnored },
): { parameters: Record<string, Json>; unlocked: string[] } {
  const params = hasCatalog(hidden.task) ? hidden.task.runtime_params : {};
  const parameters: Record<string, Json> = {};
  const unlocked: string[] = [];
  for (const [leaf, digest] of Object.entries(digests)) {
    const value = Object.hasOwn(values, leaf) ? values[leaf] : undefined;
    const rule = hideParameter(leaf, { params, value, findIgnored });
    if (rule === null) parameters[leaf] = value === undefined ? digest : value;
    else if ("shown" in rule) parameters[leaf] = rule.shown;
    else unlocked.push(`the value of the parameter '${leaf}': ${rule.hidden}`);
  }
  return { parameters, unlocked };
}

/**
 * Names an environment by the project's folder, or a command's program; with a number where one of them has several. A
 * command in a known environment shares its name. Null for a run without one.
 */
function nameEnvironment(
  { task }: PlannedRun,
  facts: LockedEnvironment | null,
  { hidden, write, environments }: NamedEnvironments,
): string | null {
  if (facts === null) return null;
  const same = Object.entries(environments).find(([, known]) => isSameJson({ ...known }, { ...facts }));
  if (isProcess(task) && same !== undefined) return same[0];
  const name = write(hasCatalog(task) ? task.project_path : ((hidden.task as CommandTask).argv[0] ?? ""));
  for (let number = 1; ; number++) {
    const key = number === 1 ? name : `${name} (${number})`;
    const known = environments[key];
    if (known !== undefined && !isSameJson({ ...known }, { ...facts })) continue;
    environments[key] = facts;
    return key;
  }
}

/** A command's program, if it is one of the checkout. */
function findOwnProgram(task: PlannedRun["task"], write: WritePath): string | null {
  if (task.kind !== "command" || task.shell || !task.argv[0]?.includes("/")) return null;
  const path = write(resolve(task.cwd, task.argv[0]));
  return isAbsolute(path) ? null : path;
}

interface NamedEnvironments {
  hidden: ExpandedRun;
  write: WritePath;
  environments: Record<string, LockedEnvironment>;
}

/** The workflow file for what it says, the project's files for modules. */
function createFileFinder({
  definition,
  facts,
  plan,
  write,
}: Omit<LockSources, "content" | "environment"> & { write: WritePath }): FindFile {
  const projects = new Map(plan.runs.map(({ run, task }) => [run, hasCatalog(task) ? task.project_path : null]));
  const programs = new Map(plan.runs.map(({ run, task }) => [run, findOwnProgram(task, write)]));
  return (part, key, run) => {
    if (part === "program") return programs.get(run) ?? null;
    if (part === "workflow" || part === "task") return definition.file === null ? null : write(definition.file);
    const project = projects.get(run);
    const module = part === "code" ? facts.get(run)?.work?.modules?.[key] : undefined;
    return project == null || module === undefined ? null : write(join(project, module));
  };
}
