import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { beforeEach, expect, test } from "vitest";
import { identifyProcess, isAlive } from "../../../src/processes/identity.ts";
import { commandTask, makeRun } from "../../rig/resolved-run.ts";
import { type CommandBench, makeBench } from "../command/command-bench.ts";

let bench: CommandBench;
beforeEach(() => {
  bench = makeBench();
});

test("an interrupt lets the command end by itself, as cancelled even if it calls that success", async () => {
  const { result, stop } = bench.start(bench.rig.command("child"), { outputs: { x: { path: null } } });
  const child = await bench.rig.child("child");
  await child.tell({ do: "ignore", signal: "SIGINT" });
  const signal = child.nextSignal();
  stop("interrupt");
  expect(await signal).toBe("SIGINT");
  await child.tell({ do: "exit", code: 0 });
  expect(await result).toMatchObject({ status: "failed", cancelled: true, exitCode: 0, outputs: {} });
});

test("a kill does not ask", async () => {
  const { result, stop } = bench.start(bench.rig.command("child"));
  const child = await bench.rig.child("child");
  await child.tell({ do: "ignore", signal: "SIGTERM" });
  stop("kill");
  const exception = { type: "CommandFailed", message: "stopped: SIGKILL" };
  expect(await result).toMatchObject({ status: "failed", cancelled: true, signal: "SIGKILL", exception });
});

const LEAVE = `
  const { openRunners } = await import(process.argv[1]);
  const { createMemoryRegistry } = await import(process.argv[3]);
  const { folders, run } = JSON.parse(process.argv[2]);
  const { holds } = createMemoryRegistry();
  openRunners({ folders, environment: process.env, holds }).runners.command.start(run, { onStarted() {}, onSignal() {} });
  process.stdin.once("data", () => process.exit(0));`;

test("a process that leaves without closing its runner leaves no command behind", async () => {
  const run = makeRun({ task: commandTask(bench.rig.command("child"), { cwd: bench.cwd }) });
  const module = new URL("../../../src/runners/index.ts", import.meta.url).href;
  const registry = new URL("../../../src/record/memory/registry.ts", import.meta.url).href;
  const about = JSON.stringify({ folders: bench.folders, run });
  const args = ["--input-type=module", "-e", LEAVE, module, about, registry];
  const leaver = spawn(process.execPath, args, { stdio: ["pipe", "inherit", "inherit"] });
  const child = await bench.rig.child("child");
  leaver.stdin.write("leave");
  await child.gone;
});

test("a stop after the end changes nothing", async () => {
  const { result, stop } = bench.start(["true"]);
  await result;
  stop("kill");
  expect(await result).toMatchObject({ status: "success", cancelled: false });
});

test("processes that a command leaves behind are ended before it counts as ended, and its log says so", async () => {
  const { result, started } = bench.start(bench.rig.command("leader"));
  const leader = await bench.rig.child("leader");
  await leader.tell({ do: "spawn", name: "left" });
  const left = await bench.rig.child("left");
  const identity = identifyProcess(left.pid);
  await leader.tell({ do: "exit", code: 0 });
  expect(await result).toMatchObject({ status: "success" });
  expect(isAlive(identity)).toBe(false);
  expect(readFileSync(started[0]?.log ?? "", "utf8")).toBe("[runweave] the command left 1 process behind, now ended\n");
});

test("close ends every process and refuses new runs", async () => {
  const { result } = bench.start(bench.rig.command("child"));
  const child = await bench.rig.child("child");
  await child.tell({ do: "ignore", signal: "SIGINT" });
  await bench.runner.close();
  await child.gone;
  expect(await result).toMatchObject({ status: "failed", cancelled: true, signal: "SIGKILL" });
  expect(await bench.start(["true"]).result).toMatchObject({ status: "failed", cancelled: true });
});
