import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../../src/core/port/clock.ts";
import { createIdSource } from "../../../src/core/run-id.ts";
import { KedroRunner } from "../../../src/runners/kedro/kedro-runner.ts";
import { writeKedroProject } from "../../rig/kedro-project.ts";
import { MarkedProcesses } from "../../rig/marked-processes.ts";
import { memoryHolds } from "../../rig/memory-holds.ts";
import { kedroTask, makeStateFolders } from "../../rig/resolved-run.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";
import { findTestPython } from "../../rig/test-python.ts";

const python = findTestPython();

/** A resolver that the catalog's text calls: each probe runs it. */
const SETTINGS = (body: string) => `
import os

def tell(folder):
${body}
    return "data"

CONFIG_LOADER_ARGS = {"custom_resolvers": {"tell": tell}}
`;

function makeBench({ variables = {}, resolver = "    pass" }: { variables?: object; resolver?: string } = {}) {
  const folder = makeTemporaryFolder();
  const project = join(folder, "project");
  writeKedroProject(project);
  writeFileSync(join(project, "src/demo/settings.py"), SETTINGS(resolver));
  const catalog = join(project, "conf/base/catalog.yml");
  writeFileSync(
    catalog,
    `${readFileSync(catalog, "utf8")}told:\n  type: text.TextDataset\n  filepath: \${tell:${folder}}/a\n`,
  );
  const processes = new MarkedProcesses();
  const environment = { ...process.env, ...processes.environment, RUNWEAVE_WORKER_PATIENCE_MS: "300", ...variables };
  const runner = new KedroRunner({ holds: memoryHolds(), folders: makeStateFolders(folder), environment });
  onTestFinished(async () => {
    await runner.close();
    expect(await processes.remaining()).toEqual([]);
  });
  const address = { project_path: project, python, env: null, conf_source: null };
  const { filters, runner: kind, is_async, outputs } = kedroTask({ project_path: project });
  const slices = { a: { pipeline_names: ["make"], filters, runner: kind, is_async, outputs, supplied: [] } };
  const probe = () => runner.probe(address, { runtime_params: {}, slices });
  return { folder, project, runner, processes, probe };
}

/** The worker that is there, stopped. */
function stop(processes: MarkedProcesses): number {
  const [worker = "", ...others] = processes.list();
  expect(others).toEqual([]);
  const pid = Number.parseInt(worker, 10);
  process.kill(pid, "SIGSTOP");
  return pid;
}

test.each([
  ["a zygote", {}],
  ["a process for one run", { RUNWEAVE_START_METHOD: "spawn" }],
])("%s that is stopped is found out during a probe, and another one answers", async (_, variables) => {
  const { processes, probe } = makeBench({ variables });
  await probe();
  const stopped = stop(processes);
  expect(await probe()).toMatchObject({ ok: true, value: { slices: { a: { problems: [] } } } });
  expect(existsSync(`/proc/${stopped}`)).toBe(false);
});

test("one that is stopped while it reads the project is found out too, as is the one that replaces it", async () => {
  const { folder, processes, probe } = makeBench();
  const fifo = join(folder, "fifo");
  execFileSync("mkfifo", [fifo]);
  const registry = join(folder, "project/src/demo/pipeline_registry.py");
  writeFileSync(registry, `open(${JSON.stringify(fifo)}, "w").close()\n${readFileSync(registry, "utf8")}`);
  const failed = probe().catch((error: unknown) => error);
  await expect.poll(() => processes.list().length).toBe(1);
  const first = stop(processes);
  await expect
    .poll(() => processes.find((argv) => argv.includes("runweave_worker")).some((pid) => pid !== first))
    .toBe(true);
  await expect.poll(() => existsSync(`/proc/${first}`)).toBe(false);
  stop(processes);
  expect(await failed).toMatchObject({
    name: "EnvironmentError",
    code: "worker-died",
    message: expect.stringContaining("it had not answered for 0.3 s"),
  });
});

test("one that waits for what never comes is found out, and another one answers", async () => {
  const resolver = `
    import time
    if not os.path.exists(folder + "/hung"):
        open(folder + "/hung", "w").close()
        time.sleep(600)`;
  const { processes, probe } = makeBench({ resolver });
  const answer = probe();
  await expect.poll(() => processes.list().length).toBe(1);
  const [hung] = processes.list();
  expect(await answer).toMatchObject({ ok: true });
  expect(processes.list()).not.toContain(hung);
});

test("one that goes round in circles is ended as well, and told of if the next one does so too", async () => {
  const { probe } = makeBench({ resolver: "    while True: pass" });
  await expect(probe()).rejects.toMatchObject({
    code: "worker-died",
    message: expect.stringMatching(/^the worker died twice during a probe: it had not answered for 6 s/),
  });
});

test("one that is busy for longer than an idle one may be silent is let be", async () => {
  const resolver = `
    import time
    end = time.monotonic() + 2.5
    while not os.path.exists(folder + "/busy") and time.monotonic() < end: pass
    open(folder + "/busy", "w").close()`;
  const { processes, probe } = makeBench({ resolver });
  const answer = probe();
  await expect.poll(() => processes.list().length).toBe(1);
  const before = processes.list().map((line) => Number.parseInt(line, 10));
  expect(await answer).toMatchObject({ ok: true });
  expect(processes.list().map((line) => Number.parseInt(line, 10))).toEqual(before);
});

test("one that is stopped during a publish is found out, and another one copies", async () => {
  const { folder, project, runner, processes, probe } = makeBench();
  await probe();
  const stopped = stop(processes);
  const [location, target] = [join(folder, "version.txt"), join(folder, "plain.txt")];
  writeFileSync(location, "data");
  const entry = { config: { type: "text.TextDataset", filepath: location }, versioned: false };
  const version = { run_id: createIdSource(systemClock).nextRunId(), location, entry };
  await runner.reachPlain(async () => kedroTask({ project_path: project, python }), version).copy(target);
  expect(readFileSync(target, "utf8")).toBe("data");
  expect(existsSync(`/proc/${stopped}`)).toBe(false);
});
