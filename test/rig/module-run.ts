import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { AttemptSignal } from "../../src/core/event/attempt-event.ts";
import type { ModuleTask } from "../../src/core/port/runner.ts";
import type { JsonObject } from "../../src/core/run.ts";
import { MODULE_PROCESS } from "../../src/runners/module/module-kind.ts";
import { ProcessRunner } from "../../src/runners/process/process-runner.ts";
import { attemptFolder, attemptLog } from "../../src/versions/layout.ts";
import { memoryHolds } from "./memory-holds.ts";
import { makeRun, makeStateFolders, moduleTask, type RunParts } from "./resolved-run.ts";
import { makeTemporaryFolder } from "./temporary-folder.ts";
import { writeFiles } from "./toy-project.ts";

type Parts = Partial<Omit<ModuleTask, "module">> &
  Partial<Pick<RunParts<ModuleTask>, "inputs" | "values">> & {
    params?: JsonObject;
    /** Further files, by path beside the module. */
    files?: Record<string, string>;
    name?: string;
    /** The module to run, if it is another one. */
    module?: string;
    variables?: Record<string, string>;
  };

/** Starts a run of a module with this text. */
export function startModule(text: string, parts: Parts = {}) {
  const {
    params = {},
    files = {},
    name = "score.ts",
    module: other = name,
    variables = {},
    inputs,
    values,
    ...task
  } = parts;
  const cwd = makeTemporaryFolder();
  writeFiles(cwd, { [name]: text, ...files });
  const folders = makeStateFolders(cwd);
  const runner = new ProcessRunner(MODULE_PROCESS, {
    holds: memoryHolds(),
    folders,
    environment: { PATH: process.env.PATH, ...variables },
    graceMs: 100,
  });
  onTestFinished(() => runner.close());
  const module = { path: join(cwd, other), params };
  const given = { inputs: inputs ?? {}, values: values ?? {} };
  const run = makeRun({ task: moduleTask(module, { cwd, ...task }), ...given });
  const signals: AttemptSignal[] = [];
  const attempt = runner.start(run, { onStarted() {}, onSignal: (signal) => signals.push(signal) });
  const log = attemptLog(folders, run.run_id);
  const readLog = () => (existsSync(log) ? readFileSync(log, "utf8") : "");
  return { ...attempt, run, cwd, signals, readLog, folder: attemptFolder(folders, run.run_id) };
}

/** Paths of their own, by name. */
export function ownPaths(...names: string[]): ModuleTask["outputs"] {
  return Object.fromEntries(names.map((name) => [name, { path: null }]));
}
