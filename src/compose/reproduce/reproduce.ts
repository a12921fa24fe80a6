import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Leniency } from "../../core/answer/leniency.ts";
import {
  formatDrift,
  type Reproduction,
  type ReproductionDrift,
  UNKNOWN_CONTENT,
} from "../../core/answer/reproduction.ts";
import type { RegistryReader } from "../../core/port/registry.ts";
import type { CommandTask, KedroTask } from "../../core/port/runner.ts";
import type { RunRecord } from "../../core/run.ts";
import { fillVariables } from "../../core/variables.ts";
import { compareEnvironments } from "../../explain/compare-environments.ts";
import { explainDivergence, findFirstOff, judgeDatasets, orderDatasets } from "../../explain/judge-reproduction.ts";
import { findProgram } from "../../processes/find-program.ts";
import { openRunners } from "../../runners/index.ts";
import { findPython } from "../../runners/interpreters/find-python.ts";
import { readEnvironment } from "../../runners/interpreters/read-environment.ts";
import { removeTree } from "../../versions/tree/remove-tree.ts";
import { listChangedVariables } from "../kept-plan/kept-variables.ts";
import type { StateLocation } from "../locate-state.ts";
import { renewPlan } from "../prepare/watch-sources.ts";
import type { RegistrySource } from "../registry-source.ts";
import { runSession } from "../session/run-session.ts";
import { openWorkspace, type Workspace } from "../workspace.ts";
import { bringInputs, isLinked } from "./bring-inputs.ts";
import { compareOutputs } from "./compare-outputs.ts";
import { findOtherNode } from "./find-other-node.ts";
import { type Move, moveTask } from "./move-task.ts";
import { type PastRun, readPastRun } from "./read-past-run.ts";
import { rebuildCode } from "./rebuild-code.ts";
import { rebuildEnvironment } from "./rebuild-environment.ts";
import type { Submodule } from "./rebuild-submodules.ts";
import type { StartedRun } from "./recall-run.ts";
import { refuseForeignWrites } from "./refuse-foreign-writes.ts";
import { ReproduceError } from "./reproduce-error.ts";

/** A set of two has the same order in every other process: once is not enough to tell that it comes out so each time. */
const MAX_REPEATS = 4;
/** Time after which a run is not repeated once more. */
const PATIENCE_MS = 20_000;

export interface ReproduceOptions {
  reader: RegistryReader;
  /** The same registry, for what planning asks of it. */
  source: RegistrySource;
  state: StateLocation;
  leniency: Leniency;
  /** Goes on though packages, Python, variables or data from outside are not what they were. */
  allowsDrift: boolean;
  /** Makes an environment with the recorded packages. */
  rebuildsEnvironment: boolean;
  keeps: boolean;
  environment: NodeJS.ProcessEnv;
  interrupt?: AbortSignal | undefined;
  kill?: AbortSignal | undefined;
  /** Told what is being done, for people who wait. */
  onStep?: ((step: string) => void) | undefined;
  /** Asked before anything is executed. Rejects if that is not to be. */
  confirm?: ((past: PastRun) => Promise<void>) | undefined;
}

/**
 * Does a recorded run again in a scratch place, on its code, parameters and versions, and compares its outputs. Writes
 * neither into the checkout, its repository nor the registry: all its data have places of their own. Throws
 * ReproduceError, EnvironmentError.
 */
export async function reproduce(record: StartedRun, options: ReproduceOptions): Promise<Reproduction> {
  const { reader, state, source, keeps } = options;
  const past = await readPastRun(reader, record, { state, source });
  refuseForeignWrites(past, state);
  await options.confirm?.(past);
  const scratch = mkdtempSync(join(tmpdir(), "runweave-reproduce-"));
  let isKept = false;
  try {
    const reproduction = await reproduceIn(scratch, past, options);
    // The scratch folder of a refused reproduction was named in no message.
    isKept = keeps;
    return reproduction;
  } finally {
    if (!isKept) await removeTree(scratch);
  }
}

async function reproduceIn(scratch: string, past: PastRun, options: ReproduceOptions): Promise<Reproduction> {
  const { reader, state, environment, onStep = () => {} } = options;
  const { record, code } = past;
  const move = { from: code.checkout, to: join(scratch, "code") };
  onStep("rebuilding the code");
  const absent = await rebuildCode(code, { folder: move.to, root: state.root });
  const python = await choosePython(past, scratch, options);
  const drifts = [
    ...python.drifts,
    ...findOtherNode(past.planned.task, past.session.origin?.node, process.versions.node),
    ...findOtherVariables(past, options),
    ...absent.map(describeAbsent),
    ...(code.patch?.left_out ?? []).filter((path) => !isLinked(`/${path}`)).map(describeLeftOut),
    ...(await bringInputs(past, { reader, state, move })),
  ];
  refuseDrifts(drifts, options);
  const workspace = openWorkspace({ registry: join(scratch, ".runweave"), from: scratch, environment });
  try {
    const again = await compareAgain({ past, move, python: python.path, workspace, drifts }, options);
    const { run_id, run, session_id } = record;
    const about = { run_id, run, session_id, commit: code.commit, patch: code.patch?.digest ?? null };
    return { ...about, ...again, drifts, scratch: options.keeps ? scratch : null };
  } finally {
    await workspace.close();
  }
}

/** The interpreter that the run had, or one with the packages that it had; and what differs from the recorded ones. */
async function choosePython(
  { planned: { task }, environment: recorded }: PastRun,
  scratch: string,
  { environment, rebuildsEnvironment, onStep = () => {} }: ReproduceOptions,
): Promise<{ path: string | null; drifts: ReproductionDrift[] }> {
  // A command that told of no environment is no Python, nor is a module.
  if (task.kind === "module" || (task.kind === "command" && recorded === null)) return { path: null, drifts: [] };
  const found = await findInterpreter(task, environment);
  if (recorded === null) return { path: found, drifts: [] };
  const findDrifts = async (path: string) => compareEnvironments(recorded, await readEnvironment(path, environment));
  // The program of a command is as it was; only another one has to be put in its place.
  if (!rebuildsEnvironment) return { path: task.kind === "command" ? null : found, drifts: await findDrifts(found) };
  onStep("rebuilding the environment");
  const path = await rebuildEnvironment(recorded, { base: found, folder: join(scratch, "venv"), environment });
  return { path, drifts: await findDrifts(path) };
}

async function findInterpreter(task: KedroTask | CommandTask, environment: NodeJS.ProcessEnv): Promise<string> {
  if (task.kind === "kedro") {
    return await findPython({ explicit: task.python, projectPath: task.project_path, environment });
  }
  const { argv, cwd } = task;
  return findProgram({ program: fillVariables(argv[0] ?? "", environment), cwd, environment });
}

/** A missing submodule may have been there at the time of the run; most were not. */
function describeAbsent({ path, commit }: Submodule): ReproductionDrift {
  return { kind: "input", name: `submodule ${path} at ${commit}`, before: UNKNOWN_CONTENT, after: null };
}

/** Tells that a file is missing in the rebuilt code, as its changes were not kept. */
function describeLeftOut(path: string): ReproductionDrift {
  const name = `${path}, which looks like a secret and so is in no patch`;
  return { kind: "input", name, before: UNKNOWN_CONTENT, after: null };
}

function findOtherVariables({ kept }: PastRun, { environment, state }: ReproduceOptions): ReproductionDrift[] {
  const changed = listChangedVariables(kept.variables, { environment, stateFolder: state.root });
  return changed.map((name) => ({ kind: "variable", name, before: "its value then", after: "another, or none" }));
}

/** Refuses drifts, but for another platform and for data that may or may not have changed. */
function refuseDrifts(
  drifts: readonly ReproductionDrift[],
  { allowsDrift, rebuildsEnvironment }: ReproduceOptions,
): void {
  const found = drifts.filter(({ kind, before }) => kind !== "platform" && before !== UNKNOWN_CONTENT);
  if (found.length === 0 || allowsDrift) return;
  const isOfPython = found.some(({ kind }) => kind === "package" || kind === "python");
  const rebuild =
    isOfPython && !rebuildsEnvironment ? "--rebuild-env makes an environment with what was recorded; " : "";
  throw new ReproduceError(
    "drifted",
    `not everything is as it was: ${found.map(formatDrift).join("; ")}`,
    `${rebuild}--allow-drift continues anyway`,
  );
}

interface Again {
  past: PastRun;
  move: Move;
  python: string | null;
  workspace: Workspace;
  drifts: readonly ReproductionDrift[];
}

async function compareAgain(
  again: Again,
  options: ReproduceOptions,
): Promise<Pick<Reproduction, "verdict" | "datasets" | "divergence" | "exception">> {
  const { past, drifts, workspace } = again;
  const { leniency, onStep = () => {} } = options;
  onStep("running it again");
  const first = await runAgain(again, options);
  const { exception } = first;
  if (first.status !== "success") return { verdict: "failed", datasets: [], divergence: null, exception };
  const how = { task: taskOf(again), projects: workspace.projects, leniency };
  const compared = await compareOutputs(past.record.outputs, first.outputs, how);
  const datasets = orderDatasets(compared, past.saved);
  const off = findFirstOff(datasets);
  if (off === null) return { verdict: judgeDatasets(datasets), datasets, divergence: null, exception: null };
  onStep("running it once more, as the result differs");
  const isSame = async ({ status, outputs }: RunRecord) => {
    const [repeated] = await compareOutputs(pick(first.outputs, off.dataset), outputs, how);
    if (status !== "success") return false;
    return repeated === undefined ? outputs[off.dataset] === undefined : isAlike(repeated.verdict);
  };
  const isStable = await repeats(isSame, again, options);
  return { verdict: "different", datasets, divergence: explainDivergence(off, { isStable, drifts }), exception: null };
}

/** Tells if the run comes to the same on other processes too, several times if that does not take long. */
async function repeats(
  isSame: (run: RunRecord) => Promise<boolean>,
  again: Again,
  options: ReproduceOptions,
): Promise<boolean> {
  const since = performance.now();
  for (let done = 0; done < MAX_REPEATS; done++) {
    if (done > 0 && performance.now() - since > PATIENCE_MS) break;
    if (!(await isSame(await runApart(again, options)))) return false;
  }
  return true;
}

/**
 * Makes one more attempt on a worker of its own. Another fork of the same worker would have the same order of sets, and the same
 * random numbers that its modules drew.
 */
async function runApart(again: Again, options: ReproduceOptions): Promise<RunRecord> {
  const { workspace } = again;
  const { close, ...apart } = openRunners({
    folders: workspace.folders,
    environment: options.environment,
    holds: workspace.registry.holds,
  });
  try {
    return await runAgain({ ...again, workspace: { ...workspace, ...apart } }, options);
  } finally {
    await close();
  }
}

function isAlike(verdict: string): boolean {
  return verdict === "identical" || verdict === "equal";
}

function pick<T>(from: Readonly<Record<string, T>>, key: string): Record<string, T> {
  const value = from[key];
  return value === undefined ? {} : { [key]: value };
}

function taskOf({ past, move, python }: Again) {
  return moveTask(past.planned.task, move, python);
}

/** One more attempt of the run, as a session of the scratch registry. */
async function runAgain(again: Again, { interrupt, kill }: ReproduceOptions): Promise<RunRecord> {
  const { past, workspace } = again;
  const { planned, kept, code, record } = past;
  const alone = renewPlan(kept.plan, [{ ...planned, task: taskOf(again) }]);
  const plan = { ...alone, file: null, publish: [], capacity: null };
  const { record: session } = await runSession({
    ...{ workspace, plan, maxParallel: 1 },
    code: { git: { commit: code.commit, dirty: code.patch !== null } },
    commandLine: ["reproduce", record.run_id],
    ...{ interrupt, kill },
  });
  const [run] = session.runs;
  if (run === undefined) throw new Error(`the scratch registry has lost ${planned.run}`);
  return run;
}
