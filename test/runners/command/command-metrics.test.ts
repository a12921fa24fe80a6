import { readFileSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import type { AttemptSignal } from "../../../src/core/event/attempt-event.ts";
import { COMMAND_PROCESS } from "../../../src/runners/command/command-kind.ts";
import { ProcessRunner } from "../../../src/runners/process/process-runner.ts";
import { attemptLog } from "../../../src/versions/layout.ts";
import { memoryHolds } from "../../rig/memory-holds.ts";
import { commandTask, makeRun, makeStateFolders } from "../../rig/resolved-run.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";

async function run(script: string) {
  const cwd = makeTemporaryFolder();
  const folders = makeStateFolders(cwd);
  const runner = new ProcessRunner(COMMAND_PROCESS, {
    holds: memoryHolds(),
    folders,
    environment: { PATH: process.env.PATH },
    graceMs: 100,
  });
  onTestFinished(() => runner.close());
  const resolved = makeRun({ task: commandTask(["sh", "-c", script], { cwd }) });
  const signals: AttemptSignal[] = [];
  const result = await runner.start(resolved, { onStarted() {}, onSignal: (signal) => signals.push(signal) }).result;
  return { status: result.status, signals, log: readFileSync(attemptLog(folders, resolved.run_id), "utf8") };
}

test("what a command writes to RUNWEAVE_METRICS is reported, if it fails too", async () => {
  const script = `echo '{"rows": 3, "by": {"x": 0.5}}' > "$RUNWEAVE_METRICS"`;
  const signals = [{ type: "metrics.reported", metrics: { rows: 3, by: { x: 0.5 } } }];
  expect(await run(script)).toMatchObject({ status: "success", signals });
  expect(await run(`${script}; exit 3`)).toMatchObject({ status: "failed", signals });
});

test("metrics that can't be used fail no run, and its log says why", async () => {
  const { status, signals, log } = await run(`echo '[1]' > "$RUNWEAVE_METRICS"`);
  expect([status, signals]).toEqual(["success", []]);
  expect(log).toContain("left out: it is not a JSON object");
});
