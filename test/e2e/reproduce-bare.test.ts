import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import type { Reproduction } from "../../src/core/answer/reproduction.ts";
import { runCli, runJson } from "../rig/cli.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";
import { findTestPython } from "../rig/test-python.ts";
import { writeFiles, writeToyProject } from "../rig/toy-project.ts";

const PIPELINES = `
def register_pipelines():
    return {
        "clean": Pipeline([node(str.strip, "raw", "table", name="clean")]),
        "loose": Pipeline([node(str.strip, "raw", "loose", name="loosen")]),
        "split": Pipeline([
            node(lambda raw: {"a": raw, "b": raw}, "raw", "texts", name="texts"),
            node(lambda raw: {"c": len(raw)}, "raw", "numbers", name="numbers"),
        ]),
        "join": Pipeline([
            node(lambda texts: "".join(texts[name]() for name in sorted(texts)), "texts", "joined", name="join"),
        ]),
    }
`;
const CATALOG = `
raw: { type: text.TextDataset, filepath: data/raw.txt }
table: { type: text.TextDataset, filepath: data/table.txt }
loose: { type: text.TextDataset, filepath: data/loose.txt }
joined: { type: text.TextDataset, filepath: data/joined.txt }
texts: { type: partitions.PartitionedDataset, path: data/parts, filename_suffix: .txt, dataset: text.TextDataset }
numbers: { type: partitions.PartitionedDataset, path: data/parts, filename_suffix: .json, dataset: json.JSONDataset }
`;
const WORKFLOW = `
project: project
python: ${findTestPython()}
floating: [loose]
runs:
  clean: { pipeline: clean, outputs: [table] }
  loose: { pipeline: loose }
  split: { pipeline: split, outputs: [texts, numbers] }
  join: { pipeline: join, consumes: { texts: split }, outputs: [joined] }
`;

const home = makeSuiteFolder();

beforeAll(async () => {
  const project = join(home, "project");
  writeToyProject({ folder: project, pipelines: PIPELINES, catalog: CATALOG, files: { "data/raw.txt": " one " } });
  rmSync(join(project, "conf/local/.gitkeep"));
  writeFiles(home, { "w.yaml": WORKFLOW, ".gitignore": "data/\n__pycache__/\n" });
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=n", "-c", "user.email=e@x", ...args], { cwd: home });
  git("init", "-q");
  git("add", ".");
  git("commit", "-qm", "first");
  expect(await runCli(["run", "w.yaml"], { cwd: home })).toMatchObject({ exitCode: 0, stderr: "" });
});

test("a run is done again though git has no conf/local, and another run of its workflow writes what floats", async () => {
  const { value } = await runJson<Reproduction>(["reproduce", "clean"], { cwd: home });
  expect(value.verdict).toBe("identical");
  const loose = await runCli(["reproduce", "loose"], { cwd: home });
  expect([loose.exitCode, loose.stderr]).toEqual([
    2,
    expect.stringContaining("error[writes-elsewhere]  loose reads or writes"),
  ]);
});

test("partitions that share a folder with others are whole by their own files", async () => {
  const { value } = await runJson<Reproduction>(["reproduce", "join"], { cwd: home });
  expect(value.verdict).toBe("identical");
  const verified = await runCli(["verify", "--all"], { cwd: home });
  expect([verified.exitCode, verified.stdout]).toEqual([0, expect.stringContaining("0 broken")]);
});
