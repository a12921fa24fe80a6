import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import type { AttemptSignal } from "../../../src/core/attempt-event.ts";
import type { KedroTask, ResolvedInput, StateFolders } from "../../../src/core/runner.ts";
import { readClaim } from "../../../src/processes/claim.ts";
import { identifyProcess, isAlive } from "../../../src/processes/identity.ts";
import { KedroRunner } from "../../../src/runners/kedro/kedro-runner.ts";
import { hashPath } from "../../../src/versions/hash.ts";
import { attemptFolder, attemptLog } from "../../../src/versions/layout.ts";
import { makeKedroProject, writeKedroProject } from "../../rig/kedro-project.ts";
import { MarkedProcesses } from "../../rig/marked-processes.ts";
import { kedroTask, makeRun, makeStateFolders, type RunParts } from "../../rig/resolved-run.ts";
import { Rig } from "../../rig/rig.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";
import { findTestPython } from "../../rig/test-python.ts";

const python = findTestPython();

interface Bench {
  project: string;
  folders: StateFolders;
  runner: KedroRunner;
  rig: Rig;
  processes: MarkedProcesses;
}

function openBench(folder: string, variables: Record<string, string> = {}): Bench {
  const project = join(folder, "project");
  writeKedroProject(project);
  const folders = makeStateFolders(folder);
  const processes = new MarkedProcesses();
  const environment = { ...process.env, ...processes.environment, ...variables };
  const runner = new KedroRunner({ folders, environment, graceMs: 300 });
  return { project, folders, runner, rig: new Rig(), processes };
}

async function closeBench({ runner, rig, processes }: Bench): Promise<void> {
  await runner.close();
  await rig.close();
  expect(await processes.remaining(5_000)).toEqual([]);
}

/** For tests that change the project or end its workers. */
function makeBench(variables?: Record<string, string>): Bench {
  const bench = openBench(makeTemporaryFolder(), variables);
  onTestFinished(() => closeBench(bench));
  return bench;
}

/** Warm, for tests that do neither. */
let bench: Bench;
const folder = realpathSync(mkdtempSync(join(tmpdir(), "runweave-test-")));
beforeAll(() => {
  bench = openBench(folder);
});
afterAll(async () => {
  await closeBench(bench);
  rmSync(folder, { recursive: true, force: true });
});

function start(bench: Bench, pipeline: string, parts: Partial<KedroTask> & Partial<RunParts<KedroTask>> = {}) {
  const { inputs = {}, load_versions = {}, ...task } = parts;
  const made = kedroTask({ project_path: bench.project, python, pipeline_names: [pipeline], ...task });
  const run = makeRun({ task: made, inputs, load_versions });
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

function startObeying(bench: Bench, name: string, task: Partial<KedroTask> = {}) {
  const [, , socket = ""] = bench.rig.command(name);
  return start(bench, "obey", { ...task, runtime_params: { socket, name } });
}

const readJson = (...path: string[]) => JSON.parse(readFileSync(join(...path), "utf8"));
const typesOf = (happened: { type: string }[]) => happened.map(({ type }) => type);

test("a run succeeds, says what it does, and its version can be consumed by the next", async () => {
  const first = start(bench, "make", { outputs: ["table"] });
  const result = await first.result;
  expect(result).toMatchObject({ status: "success", exitCode: 0, exception: null });
  expect(typesOf(first.happened)).toEqual([
    "started",
    "environment.captured",
    "pipeline.started",
    "node.started",
    "dataset.saved",
    "node.finished",
    "metrics.reported",
  ]);
  const version = result.outputs.table;
  if (version === undefined) throw new Error("no table");
  expect(version).toMatchObject({ version: first.run.run_id, plain_location: join(bench.project, "data/table.json") });
  expect(await hashPath({ path: version.location })).toEqual({ bytes: version.bytes, hash: version.hash });
  expect(result.outputsLocation).toBe(join(version.location, ".."));
  expect(result.peakMemoryBytes).toBeGreaterThan(10_000_000);
  expect(readClaim(first.folder)?.owner?.pid).toBe((first.happened[0] as { pid: number }).pid);
  expect(readJson(first.folder, "exit")).toMatchObject({ exit_code: 0, signal: null });
  expect(statSync(first.folder).mode & 0o777).toBe(0o700);

  const table: ResolvedInput = { from_run: "first", from_dataset: "table", as: "upstream", version };
  const second = start(bench, "double", { inputs: { table }, load_versions: { table: version.version } });
  const doubled = (await second.result).outputs.doubled;
  const [{ digest } = { digest: "" }] = first.happened.flatMap((each) =>
    each.type === "environment.captured" ? [each] : [],
  );
  expect(digest, "the facts of one environment are told once").toMatch(/^sha256:/);
  expect(second.happened).toContainEqual({ type: "environment.captured", digest, facts: null });
  expect(first.happened).toContainEqual({ type: "metrics.reported", metrics: { table: { answer: 42 } } });
  expect(readJson(doubled?.location ?? "")).toEqual({ answer: 84 });
  expect(second.happened).toContainEqual(
    expect.objectContaining({ type: "dataset.loaded", dataset: "table", version: version.version }),
  );
  expect(existsSync(join(bench.project, "data"))).toBe(false);
});

test("runs of one project share a zygote, and events come while a run is under way", async () => {
  const [one, two] = [startObeying(bench, "one"), startObeying(bench, "two")];
  const [a, b] = [await bench.rig.child("one"), await bench.rig.child("two")];
  await expect
    .poll(() => typesOf(one.happened))
    .toEqual(["started", "environment.captured", "pipeline.started", "node.started"]);
  expect(parentOf(a.pid)).toBe(parentOf(b.pid));
  for (const child of [a, b]) void child.tell({ do: "return", value: child.pid });
  expect(readJson((await one.result).outputs.obeyed?.location ?? "")).toBe(a.pid);
  expect(readJson((await two.result).outputs.obeyed?.location ?? "")).toBe(b.pid);
});

test("what a run prints is in its log alone", async () => {
  const { result, log } = startObeying(bench, "child3");
  const child = await bench.rig.child("child3");
  await child.tell({ do: "print", text: "hello from the node" });
  void child.tell({ do: "return", value: 1 });
  await result;
  expect(readFileSync(log, "utf8")).toContain("hello from the node");
});

test("a node that raises is named, with its traceback and cause", async () => {
  const { result, happened } = startObeying(bench, "child4");
  void (await bench.rig.child("child4")).tell({ do: "raise", text: "no way" });
  const { status, exitCode, cancelled, exception, outputs } = await result;
  expect({ status, exitCode, cancelled, outputs }).toEqual({
    status: "failed",
    exitCode: 1,
    cancelled: false,
    outputs: {},
  });
  expect(exception).toMatchObject({ type: "ValueError", message: "no way", node: "obey", cause: { type: "KeyError" } });
  expect(exception?.traceback).toContain("in obey");
  expect(typesOf(happened)).toContain("node.failed");
});

test.each([0, 7])("a process that leaves with code %d before its run is complete has failed", async (code) => {
  const { result } = startObeying(bench, `child-${code}`);
  void (await bench.rig.child(`child-${code}`)).tell({ do: "exit", code });
  const exception = {
    type: "ProcessDied",
    message: `its process ended with exit code ${code} before the run was complete`,
  };
  expect(await result).toMatchObject({ status: "failed", exitCode: code, outputs: {}, exception });
});

test("a process that was killed from outside is suspected to have taken too much memory", async () => {
  const { result, folder } = startObeying(bench, "child6");
  process.kill((await bench.rig.child("child6")).pid, "SIGKILL");
  const exception = { type: "ProcessDied", message: "killed by SIGKILL (out of memory?)" };
  expect(await result).toMatchObject({
    status: "failed",
    cancelled: false,
    exitCode: null,
    signal: "SIGKILL",
    exception,
  });
  expect(readJson(folder, "exit")).toMatchObject({ exit_code: null, signal: "SIGKILL" });
});

test("an interrupt lets the run end by itself", async () => {
  const { result, stop } = startObeying(bench, "child7");
  await bench.rig.child("child7");
  stop("interrupt");
  expect(await result).toMatchObject({ status: "failed", cancelled: true, exitCode: 1, exception: { node: "obey" } });
});

test("a kill does not ask, and takes the processes that the run started along", async () => {
  const { result, stop } = startObeying(bench, "child8");
  const child = await bench.rig.child("child8");
  await child.tell({ do: "ignore" });
  await child.tell({ do: "run", argv: bench.rig.command("grandchild8") });
  const grandchild = await bench.rig.child("grandchild8");
  stop("kill");
  expect(await result).toMatchObject({ status: "failed", cancelled: true, exception: { message: "stopped: SIGKILL" } });
  await grandchild.gone;
});

test("a run that is stopped before its worker is ready never starts", async () => {
  const bench = makeBench();
  const { result, stop, happened, folder } = start(bench, "make");
  stop("interrupt");
  expect(await result).toMatchObject({ status: "failed", cancelled: true });
  expect(happened).toEqual([]);
  expect(existsSync(folder)).toBe(false);
});

test("the death of the zygote fails its runs and ends them; the next run gets a new one", async () => {
  const bench = makeBench();
  const { result } = startObeying(bench, "child10");
  const child = await bench.rig.child("child10");
  const identity = identifyProcess(child.pid);
  process.kill(parentOf(child.pid), "SIGKILL");
  const message = expect.stringMatching(/^the worker died: killed by SIGKILL/);
  expect(await result).toMatchObject({
    status: "failed",
    cancelled: false,
    exception: { type: "WorkerDied", message },
  });
  expect(isAlive(identity)).toBe(false);
  expect(await start(bench, "make").result).toMatchObject({ status: "success" });
});

test("changed sources are seen by the next run, while the one under way goes on", async () => {
  const bench = makeBench();
  const under = startObeying(bench, "under way");
  const child = await bench.rig.child("under way");
  const nodes = join(bench.project, "src/demo/nodes.py");
  writeFileSync(nodes, readFileSync(nodes, "utf8").replace("42", "43"));
  const { outputs } = await start(bench, "make").result;
  expect(readJson(outputs.table?.location ?? "")).toEqual({ answer: 43 });
  void child.tell({ do: "return", value: 1 });
  expect(await under.result).toMatchObject({ status: "success" });
});

test("so are changed modules beside the project; one that no module of it has loaded changes nothing", async () => {
  const beside = makeTemporaryFolder();
  writeFileSync(join(beside, "shared.py"), "ANSWER = 1\n");
  const bench = makeBench({ PYTHONPATH: beside });
  const nodes = join(bench.project, "src/demo/nodes.py");
  const code = `import os, shared\n${readFileSync(nodes, "utf8").replace("42}", 'shared.ANSWER, "zygote": os.getppid()}')}`;
  writeFileSync(nodes, code);
  const make = async () => readJson((await start(bench, "make").result).outputs.table?.location ?? "");
  const first = await make();
  writeFileSync(join(beside, "unloaded.py"), "");
  expect(await make()).toEqual(first);
  writeFileSync(join(beside, "shared.py"), "ANSWER = 12\n");
  const last = await make();
  expect(last.answer).toBe(12);
  expect(last.zygote).not.toBe(first.zygote);
});

test("a project says what its pipelines are, and what is wrong with a question", async () => {
  const { filters, runner, is_async, outputs } = kedroTask({ project_path: bench.project });
  const how = { filters, runner, is_async, outputs, supplied: [] };
  const address = { project_path: bench.project, python, env: null, conf_source: null };
  const slices = { a: { pipeline_names: ["double"], ...how }, b: { pipeline_names: ["duoble"], ...how } };
  const answer = await bench.runner.probe(address, { runtime_params: {}, slices });
  if (!answer.ok) throw new Error("no answer");
  expect(answer.value.pipelines).toEqual(expect.arrayContaining(["make", "double", "obey"]));
  expect(answer.value.slices.a).toMatchObject({ problems: [], inputs: ["table"], outputs: ["doubled"] });
  expect(answer.value.slices.b?.problems).toMatchObject([{ code: "UNKNOWN_PIPELINE" }]);
});

test.each([
  ["PROJECT_NOT_FOUND", { "pyproject.toml": "" }],
  ["PROJECT_IMPORT", { "src/demo/pipeline_registry.py": "import no_such_module" }],
])("%s is a problem of the probe and a failure of the run", async (code, changes) => {
  const project_path = makeKedroProject(changes);
  const address = { project_path, python, env: null, conf_source: null };
  const answer = await bench.runner.probe(address, { runtime_params: {}, slices: {} });
  expect(answer).toMatchObject({ ok: false, problems: [{ code }] });
  const message = expect.stringContaining(code);
  expect(await start(bench, "make", { project_path }).result).toMatchObject({
    status: "failed",
    exception: { type: "ProjectError", message },
  });
});

test("a project that is not there is a problem, not the machine's fault", async () => {
  const address = { project_path: join(bench.project, "nope"), python, env: null, conf_source: null };
  const answer = await bench.runner.probe(address, { runtime_params: {}, slices: {} });
  expect(answer).toMatchObject({ ok: false, problems: [{ code: "PROJECT_NOT_FOUND" }] });
});

test.each([
  ["is not there", "PYTHON_MISSING", () => "/no/such/python"],
  ["is a folder", "PYTHON_MISSING", () => "/usr"],
  ["is no program", "WORKER_DIED", () => writeProgram("\u0000")],
  ["is another program", "WORKER_DIED", () => writeProgram("#!/bin/sh\necho not a Python; exit 9\n")],
])("a Python that %s is an error of the environment", async (_, code, makePython) => {
  const wrong = makePython();
  const address = { project_path: bench.project, python: wrong, env: null, conf_source: null };
  const probing = bench.runner.probe(address, { runtime_params: {}, slices: {} });
  await expect(probing).rejects.toMatchObject({ name: "EnvironmentError", code });
  const exception = { type: "EnvironmentError", message: expect.stringContaining(wrong) };
  expect(await start(bench, "make", { python: wrong }).result).toMatchObject({ status: "failed", exception });
});

test("close ends runs that will not end, and every other process", async () => {
  const bench = makeBench();
  const { result } = startObeying(bench, "child15");
  await (await bench.rig.child("child15")).tell({ do: "ignore" });
  await bench.runner.close();
  expect(await result).toMatchObject({ status: "failed", cancelled: true });
  expect(await bench.processes.remaining(0)).toEqual([]);
});

test("close does not wait for a project that is being imported", async () => {
  const bench = makeBench();
  const probing = bench.runner.probe(
    { project_path: bench.project, python, env: null, conf_source: null },
    { runtime_params: {}, slices: {} },
  );
  const outcome = probing.catch((error: unknown) => error);
  await expect.poll(() => bench.processes.list().length).toBeGreaterThan(0);
  await bench.runner.close();
  expect(await outcome).toMatchObject({ name: "EnvironmentError", code: "WORKER_DIED" });
  expect(await bench.processes.remaining(0)).toEqual([]);
});

test("where fork is not allowed each run has a process of its own, imported ahead of time", async () => {
  const bench = makeBench({ RUNWEAVE_START_METHOD: "spawn" });
  const [one, two] = [startObeying(bench, "one"), startObeying(bench, "two")];
  const [a, b] = [await bench.rig.child("one"), await bench.rig.child("two")];
  expect([parentOf(a.pid), parentOf(b.pid)]).toEqual([process.pid, process.pid]);
  void a.tell({ do: "return", value: 1 });
  expect(await one.result).toMatchObject({ status: "success", exitCode: 0 });
  expect(readJson(one.folder, "exit")).toMatchObject({ exit_code: 0, signal: null });
  two.stop("interrupt");
  expect(await two.result).toMatchObject({ status: "failed", cancelled: true });
});

function writeProgram(content: string): string {
  const path = join(makeTemporaryFolder(), "python");
  writeFileSync(path, content, { mode: 0o755 });
  return path;
}

function parentOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
}
