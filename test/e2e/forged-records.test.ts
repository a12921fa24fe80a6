import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import type { SessionRecord } from "../../src/core/run.ts";
import { identifyProcess } from "../../src/processes/identity.ts";
import { runCli, runJson, startCli } from "../rig/cli.ts";
import { type ObedientChild, Rig } from "../rig/rig.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";
import { waitFor } from "../rig/wait-for.ts";

let rig: Rig;
beforeAll(() => {
  rig = new Rig();
});
afterAll(() => rig.close());

/** A session whose orchestrator was killed while its one run, with an output, is under way. */
async function killOrchestrator(name: string) {
  const folder = makeTemporaryFolder();
  const file = join(folder, "workflow.json");
  const runs = { long: { command: [...rig.command(name), "${outputs.x.path}"], outputs: ["x"] } };
  writeFileSync(file, JSON.stringify({ runs }));
  const running = startCli(["run", file, "--json"], { cwd: folder });
  const { run_id } = await running.event("run.started");
  const child = await rig.child(name);
  running.signal("SIGKILL");
  await running.result;
  return { folder, child, attempt: join(folder, ".runweave/attempts", run_id) };
}

/** Ends the run and the shell that would have told of it. */
async function killRun(child: ObedientChild, attempt: string): Promise<void> {
  const { pid } = JSON.parse(readFileSync(join(attempt, "claim"), "utf8")) as { pid: number };
  process.kill(-pid, "SIGKILL");
  await child.gone;
  await waitFor(() => identifyProcess(pid).start_time === null);
}

/** A process of this user that has nothing to do with any run, in a group of its own. */
async function startBystander(): Promise<ChildProcess> {
  const child = spawn("sleep", ["600"], { detached: true, stdio: "ignore" });
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child, "spawn");
  return child;
}

const show = async (cwd: string) => (await runJson<SessionRecord>(["show"], { cwd })).value;

test("a success that another process tells of, with data, is none: the run is executed again, and fails as it does", async () => {
  const { folder, child, attempt } = await killOrchestrator("to-fail");
  const output = child.args[0] ?? "";
  await killRun(child, attempt);
  writeFileSync(join(attempt, "exit"), '{"exit_code":0}');
  mkdirSync(dirname(output), { recursive: true });
  writeFileSync(output, "forged");
  rig.forget("to-fail");
  const resumed = runCli(["resume"], { cwd: folder });
  await (await rig.child("to-fail")).tell({ do: "exit", code: 3 });
  expect((await resumed).exitCode).toBe(1);
  expect((await show(folder)).runs[0]).toMatchObject({ status: "failed", attempt: 2, outputs: {} });
});

test("no record makes `resume` signal a process that is not of its runs", async () => {
  const { folder, child, attempt } = await killOrchestrator("to-kill");
  await killRun(child, attempt);
  const bystander = await startBystander();
  const identity = identifyProcess(bystander.pid ?? 0);
  rmSync(join(attempt, "claim"));
  writeFileSync(join(attempt, "claim"), JSON.stringify(identity));
  const workers = join(folder, ".runweave/workers");
  mkdirSync(workers, { recursive: true });
  const orchestrator = { ...identity, start_time: 1 };
  writeFileSync(join(workers, String(identity.pid)), JSON.stringify({ worker: identity, orchestrator }));
  rig.forget("to-kill");
  const resumed = runCli(["resume", "--kill"], { cwd: folder });
  await (await rig.child("to-kill")).tell({ do: "exit", code: 3 });
  expect((await resumed).exitCode).toBe(1);
  expect([bystander.exitCode, bystander.signalCode]).toEqual([null, null]);
});
