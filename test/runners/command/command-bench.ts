import { onTestFinished } from "vitest";
import type { CommandTask } from "../../../src/core/port/runner.ts";
import { COMMAND_PROCESS } from "../../../src/runners/command/command-kind.ts";
import { ProcessRunner } from "../../../src/runners/process/process-runner.ts";
import { attemptFolder } from "../../../src/versions/layout.ts";
import { memoryHolds } from "../../rig/memory-holds.ts";
import { commandTask, makeRun, makeStateFolders, type RunParts } from "../../rig/resolved-run.ts";
import { Rig } from "../../rig/rig.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";

/** Handlers for a run whose events do not matter. */
export const ignore = { onStarted() {}, onSignal() {} };
/** A script and its arguments, as `$1` and so on. */
export const sh = (script: string, ...args: string[]) => ["sh", "-c", script, "sh", ...args];

export type CommandBench = ReturnType<typeof makeBench>;

/** A runner of commands, the folder that they run in, and a rig for those that obey the test. Gone with the test. */
export function makeBench() {
  const cwd = makeTemporaryFolder();
  const folders = makeStateFolders(cwd);
  const rig = new Rig();
  const runner = new ProcessRunner(COMMAND_PROCESS, {
    holds: memoryHolds(),
    folders,
    environment: { PATH: process.env.PATH, KEEP: "kept" },
    graceMs: 100,
  });
  onTestFinished(async () => {
    await runner.close();
    await rig.close();
  });
  const start = (argv: string[], parts: Partial<CommandTask> & Partial<RunParts<CommandTask>> = {}) => {
    const { inputs = {}, values = {}, ...task } = parts;
    const run = makeRun({ task: commandTask(argv, { cwd, ...task }), inputs, values });
    const started: { pid: number | null; log: string }[] = [];
    const attempt = runner.start(run, { ...ignore, onStarted: (value) => started.push(value) });
    return { ...attempt, run, started, folder: attemptFolder(folders, run.run_id) };
  };
  return { cwd, folders, rig, runner, start };
}
