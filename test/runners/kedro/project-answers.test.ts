import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createMemoryRegistry } from "../../../src/record/memory/registry.ts";
import { KedroRunner } from "../../../src/runners/kedro/kedro-runner.ts";
import type { AnswerOptions } from "../../../src/runners/kedro/project-answers.ts";
import { makeKedroProject } from "../../rig/kedro-project.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";
import { findTestPython } from "../../rig/test-python.ts";

const FILTERS = {
  ...{ tags: [], node_names: [], from_nodes: [], to_nodes: [], from_inputs: [], to_outputs: [], namespaces: [] },
};

/** Asks a project as a process of its own would, and tells how many workers that took. */
function makeAsker(project: string, python = findTestPython()) {
  const root = makeTemporaryFolder();
  const named = (name: string) => join(root, name);
  const folders = {
    root,
    attempts: named("attempts"),
    logs: named("logs"),
    store: named("data"),
    trash: named("trash"),
  };
  return async (
    {
      parameter = "",
      environment = {},
      ...options
    }: Partial<AnswerOptions> & {
      parameter?: string;
      environment?: NodeJS.ProcessEnv;
    } = {},
    questions = 1,
  ) => {
    rmSync(folders.logs, { recursive: true, force: true });
    mkdirSync(folders.logs);
    const runner = new KedroRunner({
      folders,
      environment: { ...process.env, ...environment },
      holds: createMemoryRegistry().holds,
      answers: { folder: named("probes"), ...options },
    });
    const address = { project_path: project, python, env: null, conf_source: null };
    const slice = { pipeline_names: ["make"], filters: FILTERS, runner: "SequentialRunner", is_async: false };
    const ask = (number: number) =>
      runner.probe(address, {
        runtime_params: parameter === "" ? {} : { name: parameter },
        slices: { [`run ${number}`]: { ...slice, outputs: [], supplied: [] } },
        work: true,
      });
    try {
      const asked = await Promise.all(Array.from({ length: questions }, (_, number) => ask(number)));
      for (const told of asked) expect(told.ok).toBe(true);
      return readdirSync(folders.logs).length;
    } finally {
      await runner.close();
    }
  };
}

test("a project that was asked before starts no Python, until its code, its configuration or a variable changes", async () => {
  const project = makeKedroProject();
  const ask = makeAsker(project);
  expect(await ask()).toBe(1);
  expect(await ask()).toBe(0);
  expect(await ask({ environment: { COLUMNS: "7" } })).toBe(0);
  expect(await ask({ environment: { OTHER: "7" } })).toBe(1);
  expect(await ask({ parameter: "given" })).toBe(1);
  writeFileSync(join(project, "conf/local/parameters.yml"), "name: other\n");
  expect(await ask()).toBe(1);
  expect(await ask()).toBe(0);
});

test("it is asked anew where that is wanted, and its new answer is kept", async () => {
  const ask = makeAsker(makeKedroProject());
  expect(await ask({ asksAnew: true })).toBe(1);
  expect(await ask({ asksAnew: true })).toBe(1);
  expect(await ask()).toBe(0);
});

test("questions that are asked at once share a worker, and each has an answer that is kept", async () => {
  const ask = makeAsker(makeKedroProject());
  expect(await ask({}, 5)).toBe(1);
  expect(await ask({}, 5)).toBe(0);
});

test("what a script at the path of the Python reads to find one, nobody has seen: it is asked each time", async () => {
  const shim = join(makeTemporaryFolder(), "python");
  writeFileSync(shim, `#!/bin/sh\nexec ${findTestPython()} "$@"\n`, { mode: 0o755 });
  const ask = makeAsker(makeKedroProject(), shim);
  expect(await ask()).toBe(1);
  expect(await ask()).toBe(1);
});

test.each([
  ["files that C code opens", "import pandas as pd\nROWS = len(pd.read_parquet(COUNTS)) if COUNTS.exists() else 0\n"],
  ["a clock that C code asks", "import pandas as pd\nDAY = pd.Timestamp.now().day_name()\n"],
])("a project whose pipelines may depend on %s is asked each time", async (_, code) => {
  const project = makeKedroProject();
  const registry = join(project, "src/demo/pipeline_registry.py");
  const counts = `import pathlib\nCOUNTS = pathlib.Path(${JSON.stringify(join(project, "counts.parquet"))})\n`;
  writeFileSync(registry, `${counts}${code}${readFileSync(registry, "utf8")}`);
  const ask = makeAsker(project);
  expect(await ask()).toBe(1);
  expect(await ask()).toBe(1);
});

test("one that only hands libraries to its nodes is kept", async () => {
  const project = makeKedroProject();
  const nodes = join(project, "src/demo/nodes.py");
  const code =
    "import pandas as pd\nMODELS = {'frame': pd.DataFrame}\ndef count(table: pd.DataFrame): return len(table)\n";
  writeFileSync(nodes, `${code}${readFileSync(nodes, "utf8")}`);
  const ask = makeAsker(project);
  expect(await ask()).toBe(1);
  expect(await ask()).toBe(0);
});

test("a new file that adds to Python's search path, or within an installed package, is seen", async () => {
  const beside = makeTemporaryFolder();
  const packages = join(beside, "site-packages");
  mkdirSync(join(packages, "helper"), { recursive: true });
  writeFileSync(join(packages, "helper/__init__.py"), "try:\n    from . import more\nexcept ImportError:\n    pass\n");
  const project = makeKedroProject();
  const nodes = join(project, "src/demo/nodes.py");
  writeFileSync(nodes, `import helper\n${readFileSync(nodes, "utf8")}`);
  const ask = makeAsker(project);
  const environment = { PYTHONPATH: packages };
  // What has just been installed is kept a little later.
  await expect.poll(() => ask({ environment })).toBe(0);
  writeFileSync(join(packages, "helper/more.py"), "");
  expect(await ask({ environment })).toBe(1);
  await expect.poll(() => ask({ environment })).toBe(0);
  writeFileSync(join(packages, "new.pth"), "");
  expect(await ask({ environment })).toBe(1);
});
