import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { claimPath, giveUpAttempt } from "../../src/processes/claim.ts";
import { identifyProcess } from "../../src/processes/identity.ts";
import { markRun } from "../../src/processes/run-mark.ts";
import { openSeals } from "../../src/runners/attempt-seals.ts";
import { sealRecord } from "../../src/runners/manifest-seal.ts";
import { createRecovery } from "../../src/runners/recovery.ts";
import { attemptFolder } from "../../src/versions/layout.ts";
import { endedPid, leaveTemporary } from "../rig/left-temporaries.ts";
import { memoryHolds } from "../rig/memory-holds.ts";
import { commandTask, makeRun, makeStateFolders } from "../rig/resolved-run.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";

/** An attempt of a command as its orchestrator left it, with these files in its folder. */
function prepare(files: Record<string, (runId: string, sealOf: (record: string) => string) => string>) {
  const cwd = makeTemporaryFolder();
  const folders = makeStateFolders(cwd);
  const run = makeRun({ task: commandTask(["true"], { cwd }) });
  const folder = attemptFolder(folders, run.run_id);
  for (const parent of [folder, folders.logs]) mkdirSync(parent, { recursive: true });
  const sealOf = (record: string) => openSeals(folders)(run.run_id, record);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content(run.run_id, sealOf));
  const recovery = createRecovery({ folders, holds: memoryHolds(), told: new Map() });
  const adopt = () => recovery.adopt(run, { onStarted() {}, onSignal() {} }).result;
  return { adopt, inspect: () => recovery.inspect(run), folder, recovery, run, runId: run.run_id };
}

/** Of a process that has ended. */
const claim = () => JSON.stringify({ ...identifyProcess(process.pid), start_time: 1 });
const manifest = (more: object) => (run_id: string, sealOf: (record: string) => string) => {
  const exception = { type: "CommandFailed", message: "stopped", node: null, traceback: null, cause: null };
  const told = { run_id, status: "failed", outputs: {}, exception, peak_memory_bytes: null, ...more };
  return sealRecord(JSON.stringify(told), sealOf("manifest"));
};
const exit = (_: string, sealOf: (record: string) => string) => JSON.stringify({ exit_code: 0, seal: sealOf("exit") });

test("a command that failed has failed; one that its orchestrator had asked to stop is cut off: there is another attempt", async () => {
  const failed = await prepare({ claim, exit, manifest: manifest({ cancelled: false }) }).adopt();
  expect(failed).toMatchObject({ status: "failed", exception: { type: "CommandFailed" } });
  expect(failed.cutOff ?? false).toBe(false);
  const stopped = await prepare({ claim, exit, manifest: manifest({ cancelled: true }) }).adopt();
  expect(stopped).toMatchObject({ status: "failed", cutOff: true, exception: { type: "OrchestratorDied" } });
});

test("an attempt that is taken over keeps no temporary file, neither the dead owner's nor a stopped one's", async () => {
  const { adopt, folder } = prepare({ claim });
  // A living process: the one that this test is run by.
  const left = [leaveTemporary(folder, endedPid(), "exit"), leaveTemporary(folder, process.ppid, "manifest")];
  expect(await adopt()).toMatchObject({ cutOff: true });
  expect(left.map((path) => existsSync(path))).toEqual([false, false]);
});

test("one that is given up keeps none of a dead owner", async () => {
  const { folder, recovery, run } = prepare({});
  const left = leaveTemporary(folder, endedPid(), "claim");
  expect(recovery.inspect(run).claim).toBe("none");
  expect(recovery.claim(run)).toBe(true);
  expect([existsSync(left), readdirSync(folder)]).toEqual([false, ["claim"]]);
});

test("half a claim is waited for, but not until a clock that was set back has caught up", async () => {
  const { adopt, folder } = prepare({ claim: () => "{" });
  const inAnHour = Date.now() / 1000 + 3600;
  utimesSync(claimPath(folder), inAnHour, inAnHour);
  expect(await adopt()).toMatchObject({ status: "failed", cutOff: true });
});

/** A process that carries an attempt's mark, in a session of its own. */
async function startMarked(runId: string) {
  const env = { ...process.env, ...markRun({}, runId) };
  const child = spawn("sleep", ["600"], { detached: true, env, stdio: "ignore" });
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child, "spawn");
  return { ended: once(child, "exit") };
}

const lose: Readonly<Record<string, (folder: string) => void>> = {
  "whose records are deleted": (folder) => rmSync(folder, { recursive: true }),
  "whose folder is a file by now": (folder) => {
    rmSync(folder, { recursive: true });
    writeFileSync(folder, "");
  },
  "that was given up already": (folder) => void giveUpAttempt(folder),
};

test.each(Object.entries(lose))("an attempt %s has its processes ended before it is over", async (_, spoil) => {
  const { adopt, inspect, folder, runId } = prepare({});
  spoil(folder);
  const { ended } = await startMarked(runId);
  expect(inspect()).toEqual({ claim: "lost", startedMs: null });
  const message = expect.stringContaining("its records are gone, so its processes were ended");
  expect(await adopt()).toMatchObject({ cutOff: true, exception: { type: "OrchestratorDied", message } });
  expect(await ended).toEqual([null, "SIGTERM"]);
  expect(inspect()).toEqual({ claim: "given-up", startedMs: null });
});

test("an attempt without records or processes is not begun", () => {
  const { inspect, folder } = prepare({});
  rmSync(folder, { recursive: true });
  expect(inspect()).toEqual({ claim: "none", startedMs: null });
});

test("a claim that names no more than a pid is none of ours: the process that has the pid is not followed", async () => {
  const { adopt, inspect } = prepare({ claim: () => JSON.stringify({ pid: process.pid }) });
  expect(inspect()).toMatchObject({ claim: "unknown" });
  expect(await adopt()).toMatchObject({ cutOff: true });
});

/** Ends that nobody has seen who could have told of them. */
const FORGED_ENDS: Readonly<Record<string, (runId: string, sealOf: (record: string) => string) => string>> = {
  "has no seal": () => '{"exit_code":0}',
  "has the seal of another record": (_, sealOf) => JSON.stringify({ exit_code: 0, seal: sealOf("manifest") }),
  "has the seal of another attempt": () => JSON.stringify({ exit_code: 0, seal: "0123456789abcdef" }),
};

test.each(Object.entries(FORGED_ENDS))("an end that %s is none: the attempt was cut off", async (_, forged) => {
  const { adopt, folder } = prepare({ claim, exit: forged });
  writeFileSync(join(folder, "x"), "data that it would have saved");
  expect(await adopt()).toMatchObject({ status: "failed", cutOff: true, exception: { type: "OrchestratorDied" } });
});

const success = manifest({ status: "success", exception: null });

test.each<[string, typeof manifest extends (more: object) => infer M ? M : never]>([
  ["with another word", (run_id) => success(run_id, () => "0123456789abcdef")],
  [
    "with the seal of what its process told",
    (run_id, sealOf) =>
      manifest({})(run_id, sealOf)
        .replace('"failed"', '"success"')
        .replace(/"exception":\{.*?\},/, '"exception":null,'),
  ],
])("a success that another process tells of is none: %s", async (_, forged) => {
  const told = await prepare({ claim, exit, manifest: forged }).adopt();
  expect(told).toMatchObject({
    status: "failed",
    exception: { message: expect.stringContaining("was not written by") },
  });
});

test("a process that a forged claim names is neither waited for nor ended", async () => {
  const child = spawn("sleep", ["600"], { detached: true, stdio: "ignore" });
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child, "spawn");
  const { recovery, run, inspect } = prepare({ claim: () => JSON.stringify(identifyProcess(child.pid ?? 0)) });
  expect(inspect()).toMatchObject({ claim: "unknown" });
  const adopted = recovery.adopt(run, { onStarted() {}, onSignal() {} });
  adopted.stop("kill");
  expect(await adopted.result).toMatchObject({ cutOff: true });
  expect([child.exitCode, child.signalCode]).toEqual([null, null]);
});
