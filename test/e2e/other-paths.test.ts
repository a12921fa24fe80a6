import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { runCli, runEvents, runJson } from "../rig/cli.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";
import { findTestPython } from "../rig/test-python.ts";
import { writeToyProject } from "../rig/toy-project.ts";

/** A dataset of the project's own that keeps half of its data where only it knows. */
const DATASETS = `
from pathlib import Path

from kedro.io import AbstractDataset


class LabelledDataset(AbstractDataset):
    def __init__(self, filepath, labels_path, how="data", more=None):
        self._filepath, self._labels = Path(filepath), Path(labels_path)

    def _load(self):
        return f"{self._filepath.read_text()} {self._labels.read_text()}"

    def _save(self, data):
        self._filepath.parent.mkdir(parents=True, exist_ok=True)
        self._filepath.write_text(data)
        self._labels.write_text(data)

    def _describe(self):
        return {"filepath": str(self._filepath)}
`;

const PIPELINES = `
def register_pipelines():
    write = node(lambda text: text, "params:text", "labels", name="write")
    return {
        "label": Pipeline([write]),
        "read": Pipeline([node(lambda both: both, "both", "note", name="read")]),
        "label_and_read": Pipeline([write, node(lambda both, _: both, ["both", "labels"], "note", name="read")]),
        "save": Pipeline([node(lambda text: text, "params:text", "saved", name="save")]),
        "edit": Pipeline([node(lambda text, path: open(path, "w").write(text), ["params:text", "params:path"], None, name="edit")]),
    }
`;

const CATALOG = `
labels: { type: text.TextDataset, filepath: data/labels.txt }
both: { type: toy.datasets.LabelledDataset, filepath: data/raw.txt, labels_path: data/labels.txt, more: { media: text/plain } }
saved: { type: toy.datasets.LabelledDataset, filepath: data/saved.txt, labels_path: data/labels.txt }
note: { type: text.TextDataset, filepath: data/note.txt }
`;

const folder = makeSuiteFolder();
const project = join(folder, "project");
const labels = join(project, "data/labels.txt");

beforeAll(() => {
  const files = { "src/toy/datasets.py": DATASETS };
  writeToyProject({
    folder: project,
    pipelines: PIPELINES,
    catalog: CATALOG,
    parameters: "text: new\npath: ''\n",
    files,
  });
});

beforeEach(() => {
  rmSync(join(project, "data"), { recursive: true, force: true });
  mkdirSync(join(project, "data"));
  writeFileSync(join(project, "data/raw.txt"), "raw");
  writeFileSync(labels, "old");
});

function writeWorkflow(runs: Record<string, unknown>, more: Record<string, unknown> = {}): string {
  const file = join(folder, "workflow.json");
  writeFileSync(file, JSON.stringify({ project, python: findTestPython(), ...more, runs }, null, 2));
  return file;
}

async function validate(runs: Record<string, unknown>, more: Record<string, unknown> = {}) {
  const { exitCode, value } = await runJson<{ problems: { code: string; message: string; line?: number }[] }>([
    "validate",
    writeWorkflow(runs, more),
  ]);
  return { exitCode, problems: value.problems };
}

const conflict = (text: string) =>
  expect.objectContaining({ code: "other-path", message: expect.stringContaining(text) });

test("another path of an entry, where another run writes, stops the plan", async () => {
  const runs = { prep: { pipeline: "label", outputs: ["labels"] }, use: { pipeline: "read", needs: ["prep"] } };
  const { exitCode, problems } = await validate(runs);
  expect(exitCode).toBe(2);
  expect(problems).toEqual([conflict(`"both" is at ${labels} too (labels_path), which prep writes as "labels"`)]);
  const { stderr, stdout } = await runCli(["validate", join(folder, "workflow.json")]);
  expect(`${stdout}${stderr}`).toMatch(/workflow\.json:\d+:\d+/);
});

test("so does one that two runs write who may run at the same time", async () => {
  const two = { one: { pipeline: "save", outputs: ["saved"] }, other: { pipeline: "save", outputs: ["saved"] } };
  const { problems } = await validate(two);
  expect(problems).toEqual([conflict(`"saved" is at ${labels} too (labels_path), which one writes as "saved"`)]);
  const inOrder = { ...two, other: { ...two.other, needs: ["one"] } };
  expect((await validate(inOrder)).exitCode).toBe(0);
});

test("so does one that one run writes and another reads", async () => {
  const runs = { save: { pipeline: "save" }, use: { pipeline: "read" } };
  expect((await validate(runs)).problems).toEqual([conflict("labels_path")]);
});

test.each([
  ["whose reader comes first", { use: { pipeline: "read" }, prep: { pipeline: "label", needs: ["use"] } }, {}],
  [
    "that floats",
    { prep: { pipeline: "label" }, use: { pipeline: "read", needs: ["prep"] } },
    { floating: ["labels", "both"] },
  ],
  ["that nobody writes", { use: { pipeline: "read" } }, {}],
])("one %s does not", async (_, runs, more) => {
  const { exitCode, events } = await runEvents(writeWorkflow(runs, more));
  expect(exitCode).toBe(0);
  expect(events.some((event) => event.type === "session.finished" || event.type === "run.succeeded")).toBe(true);
});

test("a run that writes there itself reads what it wrote", async () => {
  const { exitCode, events } = await runEvents(
    writeWorkflow({ it: { pipeline: "label_and_read", outputs: ["note"] } }),
  );
  expect(exitCode).toBe(0);
  const saved = events.find((event) => event.type === "run.succeeded");
  const location = saved?.type === "run.succeeded" ? (saved.outputs.note?.location ?? "") : "";
  expect(readFileSync(location, "utf8")).toBe("raw new");
  expect(readFileSync(labels, "utf8")).toBe("old");
});

test("one that is only read is frozen as the plan saw it", async () => {
  const edit = { pipeline: "edit", params: { path: labels } };
  const { exitCode, events } = await runEvents(writeWorkflow({ edit, use: { pipeline: "read", needs: ["edit"] } }));
  expect(exitCode).toBe(1);
  const failure = events.find((event) => event.type === "run.failed");
  expect(JSON.stringify(failure)).toContain("'both (labels_path)' was sha256:");
  const resolved = events.find((event) => event.type === "run.resolved" && event.run === "use");
  expect(resolved).toMatchObject({
    pins: expect.arrayContaining([expect.objectContaining({ dataset: "both (labels_path)" })]),
  });
});

test("and its content is what a result that may be reused depends on", async () => {
  const file = writeWorkflow({ use: { pipeline: "read", outputs: ["note"], cache: "on" } });
  expect((await runEvents(file)).exitCode).toBe(0);
  const kinds = async () => (await runEvents(file)).events.map(({ type }) => type);
  expect(await kinds()).toContain("run.reused");
  writeFileSync(labels, "newer");
  expect(await kinds()).not.toContain("run.reused");
});
