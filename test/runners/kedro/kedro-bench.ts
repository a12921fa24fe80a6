import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import type { AttemptSignal } from "../../../src/core/event/attempt-event.ts";
import type { KedroTask, StateFolders } from "../../../src/core/port/runner.ts";
import { KedroRunner } from "../../../src/runners/kedro/kedro-runner.ts";
import { attemptFolder, attemptLog } from "../../../src/versions/layout.ts";
import { writeKedroProject } from "../../rig/kedro-project.ts";
import { MarkedProcesses } from "../../rig/marked-processes.ts";
import { memoryHolds } from "../../rig/memory-holds.ts";
import { kedroTask, makeRun, makeStateFolders, type RunParts } from "../../rig/resolved-run.ts";
import { Rig } from "../../rig/rig.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";
import { findTestPython } from "../../rig/test-python.ts";

export const python = findTestPython();

/** A runner over a Kedro project of its own, with a rig for the nodes that obey the test. */
export interface KedroBench {
  project: string;
  folders: StateFolders;
  runner: KedroRunner;
  rig: Rig;
  processes: MarkedProcesses;
}

/** For all tests of a file, which end it with `closeBench`. */
export function openBench(folder: string, variables: Record<string, string> = {}): KedroBench {
  const project = join(folder, "project");
  writeKedroProject(project);
  const folders = makeStateFolders(folder);
  const processes = new MarkedProcesses();
  const environment = { ...process.env, ...processes.environment, ...variables };
  const runner = new KedroRunner({ holds: memoryHolds(), folders, environment, graceMs: 300 });
  return { project, folders, runner, rig: new Rig(), processes };
}

/** Ends what the bench has started, and sees that nothing is left. */
export async function closeBench({ runner, rig, processes }: KedroBench): Promise<void> {
  await runner.close();
  await rig.close();
  expect(await processes.remaining()).toEqual([]);
}

/** One for a single test, which may change the project or end its workers. */
export function makeBench(variables?: Record<string, string>): KedroBench {
  const bench = openBench(makeTemporaryFolder(), variables);
  onTestFinished(() => closeBench(bench));
  return bench;
}

/** An attempt at a pipeline of the project, with all that it tells. */
export function start(
  bench: KedroBench,
  pipeline: string,
  parts: Partial<KedroTask> & Partial<RunParts<KedroTask>> = {},
) {
  const { inputs = {}, ...task } = parts;
  const made = kedroTask({ project_path: bench.project, python, pipeline_names: [pipeline], ...task });
  const run = makeRun({ task: made, inputs });
  const happened: (AttemptSignal | { type: "started"; pid: number | null; log: string })[] = [];
  const attempt = bench.runner.start(run, {
    onStarted: (started) => happened.push({ type: "started", ...started }),
    onSignal: (signal) => happened.push(signal),
  });
  return {
    ...attempt,
    run,
    happened,
    folder: attemptFolder(bench.folders, run.run_id),
    log: attemptLog(bench.folders, run.run_id),
  };
}

/** An attempt whose one node obeys the test, as the child `name` of the rig. */
export function startObeying(bench: KedroBench, name: string, task: Partial<KedroTask> = {}) {
  const [, , socket = ""] = bench.rig.command(name);
  return start(bench, "obey", { ...task, runtime_params: { socket, name } });
}

/** The process that started this one. */
export function parentOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
}
