import { dirname, resolve } from "node:path";
import type { Problem } from "../../core/error/problem.ts";
import { RegistryError } from "../../core/error/registry-error.ts";
import { hasCatalog } from "../../core/kinds.ts";
import { systemClock } from "../../core/port/clock.ts";
import type { ProjectAddress } from "../../core/port/project-agent.ts";
import type { WorkflowDefinition } from "../../define/definition.ts";
import { loadWorkflow } from "../../define/load.ts";
import { NotRebuiltError } from "../../record/replay/rebuild-registry.ts";
import { openUpkeep } from "../../runners/index.ts";
import { checkMachine, findProject } from "../check-machine.ts";
import { type Finding, findingFail } from "../doctor/finding.ts";
import { type RebuiltState, rebuildState } from "../doctor/rebuild-state.ts";
import { findRegistry } from "../find-registry.ts";
import { type Settled, settleState } from "../home/settle-state.ts";
import { locateState } from "../locate-state.ts";
import { openProbe } from "../prepare/open-probe.ts";
import { askingStep } from "./asking-step.ts";
import { type ActionContext, completeAddress, during, type StateAddress, writeRegistry } from "./context.ts";

/** Things to be checked beside the machine and the state folder. */
export interface DiagnoseRequest {
  /** A workflow file, whose projects are checked too. */
  file?: string | undefined;
  /** True to let projects that were found to leak run warm again. */
  forgetCold?: boolean | undefined;
  /** True to end the Kedro workers that wait for a session. */
  endWorkers?: boolean | undefined;
}

export interface Diagnosis {
  findings: Finding[];
  /** Problems of the workflow file. */
  problems: Problem[];
  /** The broken part: the machine or the state folder, else only the file; null if there is none. */
  broken: "machine" | "file" | null;
}

/** Checks that this machine has what runs need, and that the state folder is whole. Throws RegistryError for a folder that is not trusted. */
export async function diagnoseMachine(
  address: StateAddress,
  { file, forgetCold = false, endWorkers = false }: DiagnoseRequest = {},
  context: ActionContext = {},
): Promise<Diagnosis> {
  const loaded = file === undefined ? null : await loadWorkflow(file);
  const definition = loaded?.ok ? loaded.value : null;
  const problems = loaded === null || loaded.ok ? [] : loaded.problems;
  const here = findProject(process.cwd());
  const addresses = definition === null ? (here === null ? [] : [here]) : listProjects(definition);
  const location = completeAddress(address, file === undefined ? process.cwd() : dirname(resolve(file)));
  const { probe, close } = openProbe();
  try {
    if (endWorkers) await openUpkeep(locateState(location)).endWaiting();
    if (forgetCold) openUpkeep(locateState(location)).forgetCold();
    const step = askingStep(addresses.map(() => ({ kind: "kedro" }))) ?? "checking the state folder";
    const checking = checkMachine(location, { addresses, probe, isAssumed: definition === null });
    const found = await during(context, step, checking);
    const ofFile = judgeFile(file, problems);
    const isOk = (findings: readonly Finding[]) => findings.every(({ ok }) => ok);
    const broken = isOk(found) ? (isOk(ofFile) ? null : "file") : "machine";
    return { findings: [...found, ...ofFile], problems, broken };
  } finally {
    await close();
  }
}

/** Judges the file alone: all other checks are made even if it is no valid workflow. */
function judgeFile(file: string | undefined, problems: readonly Problem[]): Finding[] {
  const errors = problems.filter(({ severity }) => severity === "error").length;
  if (file === undefined || errors === 0) return [];
  const detail = `it has ${errors} ${errors === 1 ? "problem" : "problems"}, so its projects were not checked`;
  return [findingFail(`workflow ${file}`, detail, `\`runweave validate ${file}\` tells of them alone`)];
}

/** Each project of the workflow once per Python, env and configuration. */
function listProjects({ runs }: WorkflowDefinition): ProjectAddress[] {
  const addresses = runs.flatMap((run) => {
    if (!hasCatalog(run)) return [];
    const { project: project_path, python, env, conf_source } = run;
    return [{ project_path, python, env, conf_source }];
  });
  return [...new Map(addresses.map((address) => [JSON.stringify(address), address])).values()];
}

/** Accepts a state folder as it is now, though it was copied or moved, or its registry is older than its data. */
export async function settleStateFolder(
  address: StateAddress,
  context: ActionContext = {},
): Promise<Settled & { root: string }> {
  // Settling removes the cause of warnings on opening the registry.
  const silent = { ...context, onWarnings: () => {} };
  return await writeRegistry(address, silent, async (registry, state) => {
    return { ...(await settleState({ registry, state, clock: systemClock })), root: state.root };
  });
}

/** Makes a registry at `target` from the log of the present one, and compares the two. Throws RegistryError. */
export function rebuildRecords(address: StateAddress, target: string): RebuiltState {
  const state = findRegistry(completeAddress(address));
  try {
    return rebuildState(state, target);
  } catch (error) {
    if (!(error instanceof NotRebuiltError)) throw error;
    const hint = "put a backup of the registry in its place; data that runs have saved are not affected";
    const message = `the registry can't be made anew: ${error.message}`;
    throw new RegistryError("not-rebuilt", message, hint, { cause: error });
  }
}
