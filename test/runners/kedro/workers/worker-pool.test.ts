import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { identifyProcess, isAlive } from "../../../../src/processes/identity.ts";
import { NO_FILTERS } from "../../../rig/make-definition.ts";
import { readJson } from "../../../rig/read-json.ts";
import { makeTemporaryFolder } from "../../../rig/temporary-folder.ts";
import { makeBench, parentOf, python, start, startObeying } from "../kedro-bench.ts";

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

/** A bench whose project, as long as its import is not to go on, says which process imports it, and waits for a file. */
function makeSlowToImport() {
  const bench = makeBench();
  const importer = join(makeTemporaryFolder(), "importer");
  const registry = join(bench.project, "src/demo/pipeline_registry.py");
  const wait = [
    "import os, time",
    `importer = ${JSON.stringify(importer)}`,
    'if not os.path.exists(importer + ".go"):',
    '    open(importer + ".tmp", "w").write(str(os.getpid())); os.rename(importer + ".tmp", importer)',
    '    while not os.path.exists(importer + ".go"): time.sleep(0.01)',
  ];
  writeFileSync(registry, `${wait.join("\n")}\n${readFileSync(registry, "utf8")}`);
  const killImporter = async () => {
    await expect.poll(() => existsSync(importer)).toBe(true);
    const pid = Number(readFileSync(importer, "utf8"));
    rmSync(importer);
    process.kill(pid, "SIGKILL");
  };
  const address = { project_path: bench.project, python, env: null, conf_source: null };
  const probe = () => bench.runner.probe(address, { runtime_params: {}, slices: {} });
  return { bench, probe, killImporter, letGo: () => writeFileSync(`${importer}.go`, "") };
}

test("a worker that is killed while it imports the project is replaced: questions and runs have another one", async () => {
  const { bench, probe, killImporter, letGo } = makeSlowToImport();
  const [answer, { result }] = [probe(), start(bench, "make")];
  await killImporter();
  letGo();
  expect(await answer).toMatchObject({ ok: true });
  expect(await result).toMatchObject({ status: "success" });
});

test("it is not replaced twice", async () => {
  const { bench, probe, killImporter } = makeSlowToImport();
  const answer = probe().catch((error: unknown) => error);
  await killImporter();
  await killImporter();
  expect(await answer).toMatchObject({ code: "worker-died", message: expect.stringContaining("killed by SIGKILL") });
  const { result } = start(bench, "make");
  await killImporter();
  await killImporter();
  const message = expect.stringContaining("did not start");
  expect(await result).toMatchObject({ status: "failed", exception: { type: "EnvironmentError", message } });
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
  expect(await outcome).toMatchObject({ name: "EnvironmentError", code: "worker-died" });
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

test("no run is forked from a worker in which an answer has begun a thread", async () => {
  const bench = makeBench();
  const begin = "threading.Thread(target=time.sleep, args=(600,), daemon=True).start() or 1";
  const resolver = `{"custom_resolvers": {"begin": lambda: ${begin}}}`;
  writeFileSync(
    join(bench.project, "src/demo/settings.py"),
    `import threading, time\nCONFIG_LOADER_ARGS = ${resolver}\n`,
  );
  writeFileSync(join(bench.project, "conf/base/parameters.yml"), "socket: unset\nname: unset\nbegun: '${begin:}'\n");
  const address = { project_path: bench.project, python, env: null, conf_source: null };
  const slice = { pipeline_names: ["obey"], filters: NO_FILTERS, runner: "SequentialRunner", is_async: false };
  const slices = { obey: { ...slice, outputs: [], supplied: [] } };
  expect(await bench.runner.probe(address, { runtime_params: {}, slices })).toMatchObject({ ok: true });
  const { result } = startObeying(bench, "child");
  const child = await bench.rig.child("child");
  expect(parentOf(child.pid)).toBe(process.pid);
  void child.tell({ do: "return", value: 1 });
  expect(await result).toMatchObject({ status: "success" });
});
