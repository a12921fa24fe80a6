import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import type { RunRecord, SessionRecord } from "../../src/core/run.ts";
import type { Finding } from "../../src/explain/certificate.ts";
import { runCli, runEvents, runJson } from "../rig/cli.ts";
import { showSession } from "../rig/resumable.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";
import { findTestPython } from "../rig/test-python.ts";
import { writeFiles, writeToyProject } from "../rig/toy-project.ts";

/** Half of what it saves is in a file of its own. */
const KINDS = `
from pathlib import Path
from kedro_datasets.text import TextDataset

class IndexedDataset(TextDataset):
    def _meta(self, path):
        return Path(str(path) + ".meta")

    def save(self, data):
        path = self._get_save_path()
        super().save(data)
        self._meta(path).write_text(data.upper())

    def load(self):
        return super().load() + self._meta(self._get_load_path()).read_text()
`;
const PIPELINES = `
def register_pipelines():
    return {
        "make": Pipeline([node(lambda: "m", None, "plain", name="a"), node(lambda: "k", None, "kept", name="b")]),
        "use": Pipeline([node(lambda *data: "".join(data), ["plain", "kept"], "used", name="use")]),
        "look": Pipeline([node(lambda old: old, "old", "seen", name="look")]),
        "__default__": Pipeline([]),
    }
`;
const CATALOG = `
plain: { type: toy.kinds.IndexedDataset, filepath: data/plain.txt }
kept: { type: toy.kinds.IndexedDataset, filepath: data/kept.txt, versioned: true }
old: { type: toy.kinds.IndexedDataset, filepath: data/old.txt, versioned: true }
used: { type: text.TextDataset, filepath: data/used.txt }
seen: { type: text.TextDataset, filepath: data/seen.txt }
`;
const OLD = "2024-01-01T00.00.00.000Z";

const cwd = makeSuiteFolder();
const project = join(cwd, "toy");
const python = findTestPython();
let made: RunRecord;

function write(name: string, run: object): string {
  writeFileSync(join(cwd, name), JSON.stringify({ project: "toy", python, runs: { only: run } }));
  return name;
}

async function onlyRun(): Promise<RunRecord> {
  const [run] = (await showSession({ cwd })).runs;
  return run ?? expect.fail("no run");
}

async function verify(...args: string[]): Promise<string[]> {
  const { value } = await runJson<{ findings: Finding[] }>(["verify", ...args], { cwd });
  return value.findings.filter(({ verdict }) => verdict === "broken").map(({ code, dataset }) => `${code} ${dataset}`);
}

beforeAll(async () => {
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=n", "-c", "user.email=e@x", ...args], { cwd });
  const files = {
    "src/toy/kinds.py": KINDS,
    [`data/old.txt/${OLD}/old.txt`]: "o",
    [`data/old.txt/${OLD}/old.txt.meta`]: "O",
  };
  writeToyProject({ folder: project, pipelines: PIPELINES, catalog: CATALOG, files });
  writeFiles(cwd, { ".gitignore": "data/\n__pycache__/\nlocal/\n*.json\n" });
  git("init", "-q");
  git("add", ".");
  git("commit", "-qm", "first");
  const { exitCode } = await runEvents(write("make.json", { pipeline: "make", outputs: ["plain", "kept"] }), { cwd });
  expect(exitCode).toBe(0);
  made = await onlyRun();
});

test("what a class wrote beside its file is part of the version, in the store and where the project versions", async () => {
  const given = { run_id: made.run_id };
  const use = write("use.json", { pipeline: "use", consumes: { plain: given, kept: given }, outputs: ["used"] });
  expect((await runEvents(use, { cwd })).exitCode).toBe(0);
  expect(readFileSync((await onlyRun()).outputs.used?.location ?? "", "utf8")).toBe("mMkK");
  for (const dataset of ["plain", "kept"]) {
    const version = made.outputs[dataset];
    expect(version).toMatchObject({ version: made.run_id, bytes: 2, beside: [`${dataset}.txt.meta`] });
    const meta = `${version?.location}.meta`;
    const whole = readFileSync(meta, "utf8");
    expect(await verify("--all")).toEqual([]);
    writeFileSync(meta, "?");
    const { exitCode, stderr } = await runCli(["run", use], { cwd });
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining("version-changed")]);
    expect(await verify("--all")).toEqual([`content-changed ${dataset}`]);
    writeFileSync(meta, whole);
  }
});

test("it is brought along where a run is reproduced that read a version of the project's own", async () => {
  expect((await runEvents(write("look.json", { pipeline: "look", outputs: ["seen"] }), { cwd })).exitCode).toBe(0);
  const { value } = await runJson<{ verdict: string }>(["reproduce", "only"], { cwd });
  expect(value).toMatchObject({ verdict: "identical" });
});

test("it belongs to a version that is adopted", async () => {
  expect((await runCli(["adopt", "toy", "--python", python], { cwd })).exitCode).toBe(0);
  const { value } = await runJson<SessionRecord>(["show", OLD], { cwd });
  expect(value.runs[0]?.outputs.old).toMatchObject({ bytes: 2, beside: ["old.txt.meta"] });
  expect(await verify(OLD)).toEqual([]);
  writeFileSync(join(project, `data/old.txt/${OLD}/old.txt.meta`), "?");
  expect(await verify(OLD)).toEqual(["content-changed old"]);
});
