import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { readClaim } from "../../../src/processes/claim.ts";
import { hashPath } from "../../../src/versions/hash.ts";
import { makeKedroProject } from "../../rig/kedro-project.ts";
import { readJson } from "../../rig/read-json.ts";
import { kedroTask, type RigInput } from "../../rig/resolved-run.ts";
import { makeSuiteFolder } from "../../rig/suite-folder.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";
import { closeBench, type KedroBench, openBench, parentOf, python, start, startObeying } from "./kedro-bench.ts";

/** Warm, for tests that neither change the project nor end its workers. */
let bench: KedroBench;
const folder = makeSuiteFolder();
beforeAll(() => {
  bench = openBench(folder, { TOY_HOST: "far.example.org" });
});
afterAll(() => closeBench(bench));

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

  const table: RigInput = { from_run: "first", from_dataset: "table", as: "upstream", version };
  const second = start(bench, "double", { inputs: { table } });
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

test("how long a run took does not count the wait for its worker", async () => {
  const HOUR_MS = 3_600_000;
  const now = performance.now.bind(performance);
  const started = start(bench, "make", { outputs: ["table"] });
  // Nothing of it has begun at this moment.
  const clock = vi.spyOn(performance, "now").mockImplementation(() => now() + HOUR_MS);
  const { status, durationMs } = await started.result.finally(() => clock.mockRestore());
  expect(status).toBe("success");
  expect(durationMs).toBeLessThan(HOUR_MS);
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
test("a project says what its pipelines are, and what is wrong with a question", async () => {
  const { filters, runner, is_async, outputs } = kedroTask({ project_path: bench.project });
  const how = { filters, runner, is_async, outputs, supplied: [] };
  const address = { project_path: bench.project, python, env: null, conf_source: null };
  const slices = { a: { pipeline_names: ["double"], ...how }, b: { pipeline_names: ["duoble"], ...how } };
  const answer = await bench.runner.probe(address, { runtime_params: {}, slices });
  if (!answer.ok) throw new Error("no answer");
  expect(answer.value.pipelines).toEqual(expect.arrayContaining(["make", "double", "obey"]));
  expect(answer.value.slices.a).toMatchObject({ problems: [], inputs: ["table"], outputs: ["doubled"] });
  expect(answer.value.slices.b?.problems).toMatchObject([{ code: "unknown-pipeline" }]);
});

test("what a dataset class says of its arguments has no value of a variable", async () => {
  const io = `
from kedro.io import AbstractDataset
class FarDataset(AbstractDataset):
    def __init__(self, host): raise ValueError(f"no such host: {host}")
    def load(self): pass
    def save(self, data): pass
    def _describe(self): return {}
`;
  const catalog = 'table: { type: demo.io.FarDataset, host: "${runtime_params:host,nowhere}" }\n';
  const project_path = makeKedroProject({ "conf/base/catalog.yml": catalog, "src/demo/io.py": io });
  const { filters, runner, is_async, outputs } = kedroTask({ project_path });
  const slices = { a: { pipeline_names: ["make"], filters, runner, is_async, outputs, supplied: [] } };
  const address = { project_path, python, env: null, conf_source: null };
  const answer = await bench.runner.probe(address, { runtime_params: { host: "${env:TOY_HOST}" }, slices });
  if (!answer.ok) throw new Error("no answer");
  expect(answer.value.slices.a?.problems).toMatchObject([
    { code: "dataset-arguments", message: expect.stringContaining("ValueError: no such host: [secret]") },
  ]);
});

test.each([
  ["project-not-found", { "pyproject.toml": "" }],
  ["project-import", { "src/demo/pipeline_registry.py": "import no_such_module" }],
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
  expect(answer).toMatchObject({ ok: false, problems: [{ code: "project-not-found" }] });
});

test.each([
  ["is not there", "python-missing", () => "/no/such/python"],
  ["is a folder", "python-missing", () => "/usr"],
  ["is no program", "worker-died", () => writeProgram("\u0000")],
  ["is another program", "worker-died", () => writeProgram("#!/bin/sh\necho not a Python; exit 9\n")],
])("a Python that %s is an error of the environment", async (_, code, makePython) => {
  const wrong = makePython();
  const address = { project_path: bench.project, python: wrong, env: null, conf_source: null };
  const probing = bench.runner.probe(address, { runtime_params: {}, slices: {} });
  await expect(probing).rejects.toMatchObject({ name: "EnvironmentError", code });
  const exception = { type: "EnvironmentError", message: expect.stringContaining(wrong) };
  expect(await start(bench, "make", { python: wrong }).result).toMatchObject({ status: "failed", exception });
});

function writeProgram(content: string): string {
  const path = join(makeTemporaryFolder(), "python");
  writeFileSync(path, content, { mode: 0o755 });
  return path;
}
