import { checkMachine, findProject, type ProjectAddress } from "../../compose/check-machine.ts";
import { type Finding, findingFail } from "../../compose/doctor/finding.ts";
import { type RebuiltState, rebuildState } from "../../compose/doctor/rebuild-state.ts";
import { findRegistry } from "../../compose/find-registry.ts";
import { type Settled, settleState } from "../../compose/home/settle-state.ts";
import { locateState, type StateLocation } from "../../compose/locate-state.ts";
import { openProbe } from "../../compose/prepare/open-probe.ts";
import type { Problem } from "../../core/error/problem.ts";
import { systemClock } from "../../core/port/clock.ts";
import type { Registry } from "../../core/port/registry.ts";
import type { WorkflowDefinition } from "../../define/definition.ts";
import { loadWorkflow } from "../../define/load.ts";
import { NotRebuiltError } from "../../record/replay/rebuild-registry.ts";
import { cleanText } from "../../report/text/clean-text.ts";
import { forgetColdProjects } from "../../runners/kedro/workers/cold-projects.ts";
import { CliError, type ExitCode } from "../errors.ts";
import { useNearest } from "../find/choose-workflow.ts";
import { writeRegistry } from "../open-registry.ts";
import { toProblemJson } from "../problem-json.ts";
import { folderOf } from "../read-workflow.ts";
import { writeLines, writeProblems } from "../terminal.ts";
import { writeAnswer } from "../write-answer.ts";

export interface DoctorFlags {
  json?: boolean;
  registry?: string;
  forgetCold?: boolean;
  settle?: boolean;
  /** The new file. */
  rebuild?: string;
}

/** `runweave doctor [FILE]`: exit 3 if something is missing or broken, 2 if it is only the file. */
export async function printDiagnosis(said: string | undefined, flags: DoctorFlags): Promise<ExitCode> {
  if (flags.settle) return await settle(flags);
  if (flags.rebuild !== undefined) return rebuild(flags.rebuild, flags);
  const file = said ?? useNearest() ?? undefined;
  const loaded = file === undefined ? null : await loadWorkflow(file);
  const definition = loaded?.ok ? loaded.value : null;
  const problems = loaded === null || loaded.ok ? [] : loaded.problems;
  const here = findProject(process.cwd());
  const addresses = definition === null ? (here === null ? [] : [here]) : listProjects(definition);
  const { probe, close } = openProbe();
  try {
    const from = file === undefined ? process.cwd() : folderOf(file);
    const location = { registry: flags.registry, environment: process.env, from };
    if (flags.forgetCold) forgetColdProjects(locateState(location).root);
    const found = await checkMachine(location, { addresses, probe, isAssumed: definition === null });
    const findings = [...found, ...judgeFile(file, problems)];
    const ok = findings.every((finding) => finding.ok);
    if (flags.json) writeAnswer("doctor", { ok, findings, problems: problems.map(toProblemJson) });
    else {
      writeLines(process.stdout, findings.flatMap(describeFinding).map(cleanText));
      writeProblems(process.stderr, problems);
    }
    return ok ? 0 : found.every((finding) => finding.ok) ? 2 : 3;
  } finally {
    await close();
  }
}

/** A file that can't be read as a workflow keeps nothing else from being checked. */
function judgeFile(file: string | undefined, problems: readonly Problem[]): Finding[] {
  const errors = problems.filter(({ severity }) => severity === "error").length;
  if (file === undefined || errors === 0) return [];
  const detail = `it has ${errors} ${errors === 1 ? "problem" : "problems"}, so its projects were not checked`;
  return [findingFail(`workflow ${file}`, detail, `\`runweave validate ${file}\` tells of them alone`)];
}

/** Each project of the workflow once per Python, env and configuration. */
function listProjects({ runs }: WorkflowDefinition): ProjectAddress[] {
  const addresses = runs.flatMap((run) => {
    if (run.kind !== "kedro") return [];
    const { project: project_path, python, env, conf_source } = run;
    return [{ project_path, python, env, conf_source }];
  });
  return [...new Map(addresses.map((address) => [JSON.stringify(address), address])).values()];
}

const LEVEL: Readonly<Record<Finding["level"], string>> = { ok: "ok   ", warn: "warn ", fail: "FAIL " };

function describeFinding({ what, level, detail, hint }: Finding): string[] {
  const lines = [`${LEVEL[level]} ${what}: ${detail}`];
  return level === "ok" || hint === null ? lines : [...lines, `      hint: ${hint}`];
}

/** `runweave doctor --settle`: the state folder, and its registry, count as they are. */
async function settle(flags: DoctorFlags): Promise<ExitCode> {
  const work = async (registry: Registry, state: StateLocation): Promise<ExitCode> => {
    const settled = await settleState({ registry, state, clock: systemClock });
    const { movedFrom: moved_from, ended, lost } = settled;
    if (flags.json) writeAnswer("doctor-settle", { settled: state.root, moved_from, ended, lost });
    else writeLines(process.stdout, tellSettled(settled, state.root).map(cleanText));
    return 0;
  };
  // Warnings on opening the registry are left out: settling removes their cause.
  return await writeRegistry(flags, work, () => []);
}

function tellSettled({ movedFrom, ended, lost }: Settled, root: string): string[] {
  const home = `${root} is a state folder of its own from now on; what lies at ${movedFrom} is not touched from here`;
  return [
    ...(movedFrom === null ? [] : [home]),
    ...ended.map((sessionId) => `session ${sessionId} was under way at ${movedFrom}: here it counts as cancelled`),
    ...(lost === 0
      ? []
      : [`the registry counts as it is: ${lost === 1 ? "1 session" : `${lost} sessions`} that it does not know`]),
    ...(movedFrom === null && lost === 0 ? [`nothing is to be settled: ${root} is where it was made`] : []),
  ];
}

/** `runweave doctor --rebuild FILE`: exit 1 if the registry is not as its log says. */
function rebuild(target: string, { registry, json }: DoctorFlags): ExitCode {
  const state = findRegistry({ registry, environment: process.env, from: process.cwd() });
  const rebuilt = tryToRebuild(() => rebuildState(state, target));
  if (json) writeAnswer("doctor-rebuild", rebuilt);
  else writeLines(process.stdout, tellRebuilt(rebuilt).map(cleanText));
  return rebuilt.findings.length === 0 ? 0 : 1;
}

function tryToRebuild<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof NotRebuiltError)) throw error;
    const hint = "put a backup of the registry in its place; data that runs have saved are not affected";
    throw new CliError("not-rebuilt", `the registry can't be made anew: ${error.message}`, {
      exitCode: 3,
      hint,
      cause: error,
    });
  }
}

function tellRebuilt({ rebuilt, registry, events, findings }: RebuiltState): string[] {
  const made = `${rebuilt} has what the ${events} events of the log say`;
  if (findings.length === 0) return [`${made}; ${registry} has the same`];
  return [
    ...findings.map(({ code, message }) => `differs  ${code}: ${message}`),
    `${made}; ${registry} has something else at ${findings.length} ${findings.length === 1 ? "place" : "places"}`,
    "to use the new one: end all that runs, move the old file away with its -wal and -shm, and put the new one in its place",
  ];
}
