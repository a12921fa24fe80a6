import { expect, onTestFinished, test } from "vitest";
import type { AttemptSignal } from "../../../src/core/event/attempt-event.ts";
import { KedroRunner } from "../../../src/runners/kedro/kedro-runner.ts";
import { makeKedroProject } from "../../rig/kedro-project.ts";
import { memoryHolds } from "../../rig/memory-holds.ts";
import { kedroTask, makeRun, makeStateFolders } from "../../rig/resolved-run.ts";
import { Rig } from "../../rig/rig.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";
import { findTestPython } from "../../rig/test-python.ts";

test("what a run starts carries its mark beside those of the runs around it; what it leaves behind is ended, with a warning", async () => {
  const environment = { ...process.env, RUNWEAVE_RUN_ID: "around", RUNWEAVE_ANCESTORS: "outermost:around" };
  const runner = new KedroRunner({
    holds: memoryHolds(),
    folders: makeStateFolders(makeTemporaryFolder()),
    environment,
  });
  const rig = new Rig();
  onTestFinished(async () => {
    await runner.close();
    await rig.close();
  });
  const [, , socket = ""] = rig.command("run");
  const task = { project_path: makeKedroProject({}), python: findTestPython(), pipeline_names: ["obey"] };
  const run = makeRun({ task: kedroTask({ ...task, runtime_params: { socket, name: "run" } }) });
  const signals: AttemptSignal[] = [];
  const { result } = runner.start(run, { onStarted: () => {}, onSignal: (signal) => signals.push(signal) });
  const child = await rig.child("run");
  const argv = ["setsid", "--fork", ...rig.command("daemon")];
  await child.tell({ do: "run", argv });
  const daemon = await rig.child("daemon");
  const found = await daemon.tell({ do: "environment" });
  expect(found).toMatchObject({ RUNWEAVE_ANCESTORS: `outermost:around:${run.run_id}` });
  void child.tell({ do: "return", value: 1 });
  expect(await result).toMatchObject({ status: "success" });
  await daemon.gone;
  const message = expect.stringMatching(new RegExp(`^it left a process behind, .*\\(pid ${daemon.pid}\\)$`));
  expect(signals.at(-1)).toEqual({ type: "run.warned", code: "left-behind", message });
});
