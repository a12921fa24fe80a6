import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import type { RunEvent } from "../../src/core/event/event.ts";
import { runEvents } from "../rig/cli.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";
import { findTestPython } from "../rig/test-python.ts";
import { writeToyProject } from "../rig/toy-project.ts";

const PIPELINES = `
from .nodes import clean, fit


def register_pipelines():
    return {
        "prep": Pipeline([node(clean, "raw", "table", name="clean")]),
        "train": Pipeline([node(fit, ["table", "params:model.factor"], "model", name="fit")]),
    }
`;

const NODES = `
from .helpers import scale


def clean(raw):
    return raw.strip()


def fit(table, factor):
    return scale(table, factor)


def unrelated():
    return 1
`;

const CATALOG = `
raw: { type: text.TextDataset, filepath: data/raw.txt }
table: { type: text.TextDataset, filepath: data/table.txt }
model: { type: text.TextDataset, filepath: data/model.txt }
`;

const WORKFLOW = `
project: project
python: ${findTestPython()}
defaults: { cache: on }
runs:
  prep: { pipeline: prep, outputs: [table] }
  train: { pipeline: train, consumes: { table: prep }, outputs: [model] }
  report:
    command: [sh, report.sh, "\${inputs.model.path}", "\${outputs.page.path}"]
    consumes: { model: train }
    outputs: [page]
`;

const folder = makeSuiteFolder();
const inProject = (name: string) => join(folder, "project", name);
const edit = (path: string, from: string, to: string) => {
  const text = readFileSync(path, "utf8");
  expect(text).toContain(from);
  writeFileSync(path, text.replace(from, to));
};

/** Runs the workflow: `prep reused`, `train code in toy.helpers`, as each run went and why. */
async function run(...flags: string[]): Promise<string[]> {
  const { events } = await runEvents("flow.yaml", { cwd: folder, args: flags });
  return events.flatMap((event: RunEvent) => {
    if (event.type === "run.reused") return [`${event.run} reused`];
    if (event.type !== "run.resolved") return [];
    return [`${event.run} ${event.cache?.reason.replace(/ since .*/, "") ?? "executed"}`];
  });
}

const allReused = ["prep reused", "train reused", "report reused"];

beforeAll(async () => {
  const files = {
    "src/toy/nodes.py": NODES,
    "src/toy/helpers.py": "def scale(x, factor):\n    return x * factor\n",
    "data/raw.txt": " ab ",
  };
  const parameters = "model: { factor: 2, unused: 1 }\n";
  writeToyProject({ folder: join(folder, "project"), pipelines: PIPELINES, catalog: CATALOG, parameters, files });
  writeFileSync(join(folder, "flow.yaml"), WORKFLOW);
  writeFileSync(join(folder, "report.sh"), 'cat "$1" > "$2"\n');
  const first = await run();
  expect(first).toEqual(["prep", "train", "report"].map((name) => `${name} new: nothing to reuse`));
});

test("nothing has changed: nothing is executed, and the versions are those of the earlier runs", async () => {
  expect(await run()).toEqual(allReused);
});

test("comments, formatting, functions and parameters that no node uses change nothing", async () => {
  edit(inProject("src/toy/nodes.py"), "def unrelated():\n    return 1", "def unrelated():\n    return 2  # more");
  edit(inProject("src/toy/helpers.py"), "return x * factor", "# as often as\n    return (x   * factor)");
  edit(inProject("conf/base/parameters.yml"), "unused: 1", "unused: 2");
  expect(await run()).toEqual(allReused);
});

test("code that a node imports: what depends on it is executed, and what depends on that, as far as data differ", async () => {
  edit(inProject("src/toy/helpers.py"), "(x   * factor)", "(factor * x)");
  expect(await run()).toEqual(["prep reused", "train the code in toy.helpers has changed", "report reused"]);
  edit(inProject("src/toy/helpers.py"), "(factor * x)", "(factor * x) + '!'");
  const executed = ["train the code in toy.helpers has changed", "report the content of 'model' has changed"];
  expect(await run()).toEqual(["prep reused", ...executed]);
});

test("a parameter, an input from outside, a catalog entry, the sources of a command", async () => {
  edit(inProject("conf/base/parameters.yml"), "factor: 2", "factor: 3");
  expect(await run()).toEqual([
    "prep reused",
    "train the parameter model.factor has changed",
    "report the content of 'model' has changed",
  ]);
  writeFileSync(inProject("data/raw.txt"), " ab");
  expect(await run()).toEqual(["prep the content of 'raw' has changed", "train reused", "report reused"]);
  edit(inProject("conf/base/catalog.yml"), "filepath: data/table.txt", "filepath: data/table.txt, fs_args: {}");
  expect((await run())[0]).toBe("prep the catalog entry of 'table' has changed");
  await run();
  appendFileSync(join(folder, "report.sh"), "echo more\n");
  expect(await run()).toEqual(["prep reused", "train reused", "report the code in report.sh has changed"]);
});

test("going back to what was before needs no execution either", async () => {
  edit(inProject("conf/base/parameters.yml"), "factor: 3", "factor: 4");
  await run();
  edit(inProject("conf/base/parameters.yml"), "factor: 4", "factor: 3");
  expect(await run()).toEqual(allReused);
});

test("a version that is gone, or was changed, is not reused", async () => {
  appendFileSync(join(folder, "report.sh"), "echo and more\n");
  const { events } = await runEvents("flow.yaml", { cwd: folder });
  const saved = events.find((event) => event.type === "run.succeeded" && event.run === "report");
  const page = saved?.type === "run.succeeded" ? saved.outputs.page?.location : undefined;
  writeFileSync(page ?? "", "spoilt");
  const [, , report] = await run();
  expect(report).toMatch(/^report .* could be reused, but .* is gone or has changed$/);
});

test("--fresh executes what it names, --cache off everything, --cache only nothing", async () => {
  expect(await run("--fresh", "train")).toEqual(["prep reused", "train asked for with --fresh", "report reused"]);
  expect(await run("--cache", "off")).toEqual(["prep executed", "train executed", "report executed"]);
  expect(await run("--cache", "only")).toEqual(allReused);
  edit(inProject("conf/base/parameters.yml"), "factor: 3", "factor: 5");
  const { exitCode, events } = await runEvents("flow.yaml", { cwd: folder, args: ["--cache", "only"] });
  expect(exitCode).toBe(1);
  expect(events.find(({ type }) => type === "run.failed")).toMatchObject({
    run: "train",
    exception: { type: "CacheMiss", message: expect.stringContaining("the parameter model.factor has changed") },
  });
});
