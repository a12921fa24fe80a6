import { expect, onTestFinished, test } from "vitest";
import { KedroRunner } from "../../../src/runners/kedro/kedro-runner.ts";
import { makeKedroProject } from "../../rig/kedro-project.ts";
import { MarkedProcesses } from "../../rig/marked-processes.ts";
import { memoryHolds } from "../../rig/memory-holds.ts";
import { kedroTask, makeRun, makeStateFolders } from "../../rig/resolved-run.ts";
import { Rig } from "../../rig/rig.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";
import { findTestPython } from "../../rig/test-python.ts";

test("a worker that nobody needs is closed, but none that has a run; the next run gets a new one", async () => {
  const processes = new MarkedProcesses();
  const environment = { ...process.env, ...processes.environment };
  const folders = makeStateFolders(makeTemporaryFolder());
  const runner = new KedroRunner({ holds: memoryHolds(), folders, environment, idleMs: 40 });
  const rig = new Rig();
  onTestFinished(async () => {
    await runner.close();
    await rig.close();
  });
  const project = { project_path: makeKedroProject({}), python: findTestPython() };
  const start = (pipeline: string, runtime_params = {}) => {
    const task = kedroTask({ ...project, pipeline_names: [pipeline], runtime_params });
    return runner.start(makeRun({ task }), { onStarted: () => {}, onSignal: () => {} }).result;
  };
  const [, , socket = ""] = rig.command("long");
  const long = start("obey", { socket, name: "long" });
  const child = await rig.child("long");
  // Several times as long as a worker may be idle.
  for (let count = 0; count < 3; count += 1) expect(await start("make")).toMatchObject({ status: "success" });
  void child.tell({ do: "return", value: 1 });
  expect(await long).toMatchObject({ status: "success" });
  expect(await processes.remaining()).toEqual([]);
  expect(await start("make")).toMatchObject({ status: "success" });
});
