import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { KedroRunner } from "../../../src/runners/kedro/kedro-runner.ts";
import { attemptFolder, attemptLog } from "../../../src/versions/layout.ts";
import { MarkedProcesses } from "../../rig/marked-processes.ts";
import { memoryHolds } from "../../rig/memory-holds.ts";
import { kedroTask, makeRun, makeStateFolders } from "../../rig/resolved-run.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";
import { findTestPython } from "../../rig/test-python.ts";

const python = findTestPython();
const workerFolder = fileURLToPath(new URL("./fake-worker", import.meta.url));

function startWith(fault: string) {
  const project_path = makeTemporaryFolder();
  const folders = makeStateFolders(makeTemporaryFolder());
  const processes = new MarkedProcesses();
  const environment = { ...process.env, ...processes.environment, FAKE_FAULT: fault };
  const runner = new KedroRunner({ holds: memoryHolds(), folders, environment, workerFolder });
  onTestFinished(async () => {
    await runner.close();
    expect(await processes.remaining()).toEqual([]);
  });
  const run = makeRun({ task: kedroTask({ project_path, python }) });
  const signals: unknown[] = [];
  const { result } = runner.start(run, { onStarted() {}, onSignal: (signal) => signals.push(signal) });
  const address = { project_path, python, env: null, conf_source: null };
  const probe = () => runner.probe(address, { runtime_params: {}, slices: {} });
  return {
    result,
    signals,
    probe,
    log: attemptLog(folders, run.run_id),
    folder: attemptFolder(folders, run.run_id),
    folders,
  };
}

test.each([
  ["manifest-malformed", "ManifestInvalid", /can't be used: .*JSON/],
  ["manifest-wrong-shape", "ManifestInvalid", /not the shape of a manifest/],
  ["manifest-with-a-way-out", "ManifestInvalid", /not the shape of a manifest/],
  ["manifest-of-another", "ManifestInvalid", /is of 2026-11-23T21.04.54.666Z-0000d783fb92/],
  ["manifest-without-reason", "ManifestInvalid", /a failure without saying which/],
  ["manifest-without-seal", "ManifestInvalid", /was not written by the process of this attempt/],
  ["manifest-with-the-seal-of-its-end", "ManifestInvalid", /was not written by the process of this attempt/],
  ["manifest-with-the-word-for-its-seal", "ManifestInvalid", /was not written by the process of this attempt/],
  ["manifest-changed-after-its-seal", "ManifestInvalid", /or was changed/],
  ["manifest-then-crash", "ProcessDied", /ended with exit code 139 before/],
  ["garbage", "WorkerDied", /^the worker died: .*none: Traceback/],
  ["unknown-message", "WorkerDied", /^the worker died: .*none: {"event": "surprise"}/],
  ["dies-at-start", "WorkerDied", /^the worker died: /],
  ["refuses", "ProjectError", /^start-failed: no$/],
  ["fails", "EnvironmentError", /^kedro-too-old: Kedro 0.18 is too old \(upgrade\)$/],
])("a worker that does this fails the run: %s", async (fault, type, message) => {
  const exception = { type, message: expect.stringMatching(message) };
  expect(await startWith(fault).result).toMatchObject({ status: "failed", cancelled: false, outputs: {}, exception });
});

test("a worker that does not start is an error of the environment, with what it said", async () => {
  const { result, probe, folders } = startWith("no-start");
  const { exception } = await result;
  expect(exception).toMatchObject({ type: "EnvironmentError", message: expect.stringContaining("exit code 1") });
  expect(exception?.traceback).toContain("ImportError: something is missing");
  expect(exception?.message).toContain(join(folders.logs, "worker_"));
  await expect(probe()).rejects.toMatchObject({ name: "EnvironmentError", code: "worker-died" });
});

test("an answer to a probe that has not the shape of one is refused", async () => {
  await expect(startWith("sound").probe()).rejects.toMatchObject({ code: "worker-broken" });
});

test("a zygote that must not fork starts nothing: the run gets a process of its own, whose exit is recorded", async () => {
  const { result, folder } = startWith("unsafe");
  expect(await result).toMatchObject({ status: "success", exitCode: 0 });
  expect(JSON.parse(readFileSync(join(folder, "exit"), "utf8"))).toMatchObject({ exit_code: 0, signal: null });
});

test("lines that are no events are passed over and noted, an unfinished one is ignored", async () => {
  const { result, signals, log } = startWith("sound");
  expect(await result).toMatchObject({ status: "success" });
  expect(signals).toEqual([{ type: "node.started", time: "2026-11-23T21:04:54.666Z", node: "a" }]);
  expect(readFileSync(log, "utf8")).toContain("1 lines of its events could not be read");
});
