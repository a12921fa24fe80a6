import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { runCli, runJson } from "../rig/cli.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";
import { findTestPython } from "../rig/test-python.ts";
import { writeFiles, writeToyProject } from "../rig/toy-project.ts";

const folder = makeSuiteFolder();
const PIPELINES = `
def register_pipelines():
    return {"__default__": Pipeline([node(lambda: 1, None, "one", name="give")])}
`;

beforeAll(() => {
  writeToyProject({ folder: join(folder, "project"), pipelines: PIPELINES });
  writeToyProject({ folder: join(folder, "failing"), pipelines: "import no_such_module_anywhere\n" });
  writeToyProject({ folder: join(folder, "unsettled"), pipelines: PIPELINES, settings: "1 / 0\n" });
  writeToyProject({ folder: join(folder, "garbled"), pipelines: PIPELINES, catalog: "a: { b: [\n" });
  writeFiles(folder, {
    "no-project/readme.txt": "nothing to see here",
    // Without its site-packages, Python has no Kedro.
    "bare-python": `#!/bin/sh\nexec "${findTestPython()}" -S "$@"\n`,
    "old/kedro/__init__.py": '__version__ = "0.19.12"\n',
    "old/kedro-0.19.12.dist-info/METADATA": "Metadata-Version: 2.1\nName: kedro\nVersion: 0.19.12\n",
  });
  chmodSync(join(folder, "bare-python"), 0o755);
  mkdirSync(join(folder, "only-node"));
  symlinkSync(process.execPath, join(folder, "only-node/node"));
});

interface Said {
  python?: string;
  project?: string;
  env?: string;
}

function writeWorkflow(name: string, { python = findTestPython(), project = "project", env }: Said): string {
  const runs = { a: { pipeline: "__default__", ...(env === undefined ? {} : { env }) } };
  writeFileSync(join(folder, name), JSON.stringify({ project, ...(python === "" ? {} : { python }), runs }));
  return name;
}

describe("a machine that can't run the project: exit code 3", () => {
  test.each([
    ["no Python where the workflow says", "python-missing", { python: "/nowhere/python" }, {}],
    ["no Python on PATH", "python-missing", { python: "" }, { PATH: "only-node", VIRTUAL_ENV: undefined }],
    ["no Kedro", "kedro-missing", { python: "./bare-python" }, {}],
    ["a Kedro too old", "kedro-too-old", {}, { PYTHONPATH: "old" }],
  ])("%s", async (name, code, said, variables: Record<string, string | undefined>) => {
    const file = writeWorkflow(`${name.replaceAll(" ", "-")}.json`, said);
    const env = Object.fromEntries(
      Object.entries(variables).map(([key, value]) => [key, value === undefined ? value : join(folder, value)]),
    );
    const { exitCode, stdout, stderr } = await runCli(["run", file], { cwd: folder, env });
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: "" });
    expect(stderr).toContain(`error[${code}]`);
    expect(stderr).toContain("hint:");
    expect(stderr).not.toMatch(/\n\s+at .*\.js:\d+/);
    const { value } = await runJson<{ ok: boolean; problems: { code: string }[] }>(["validate", file], {
      cwd: folder,
      env,
    });
    expect(value).toMatchObject({ ok: false, problems: [{ code }] });
  });
});

describe("a project that can't be asked: exit code 2, with what Python said", () => {
  test.each([
    ["fails to import", { project: "failing" }, /no_such_module_anywhere.*pipeline_registry\.py:2\)/],
    ["has settings that fail", { project: "unsettled" }, /ZeroDivisionError.*settings\.py:1\)/],
    ["is no Kedro project", { project: "no-project" }, /pyproject\.toml/],
    ["is not there", { project: "nowhere" }, /nowhere/],
    ["has no such env", { env: "prodd" }, /prodd/],
    ["has a catalog that is no YAML", { project: "garbled" }, /catalog/],
  ])("one that %s", async (name, said, expected) => {
    const file = writeWorkflow(`${name.replaceAll(" ", "-")}.json`, said);
    const { exitCode, stdout, stderr } = await runCli(["run", file], { cwd: folder });
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toMatch(expected);
    expect(stderr).toContain(`${file}:1:`);
    expect(stderr).not.toMatch(/\n\s+at .*\.js:\d+/);
  });
});

describe("doctor", () => {
  test("says what is there, and what is missing", async () => {
    const good = await runJson<{ ok: boolean; findings: { what: string; detail: string }[] }>(
      ["doctor", writeWorkflow("good.json", {})],
      { cwd: folder },
    );
    expect(good).toMatchObject({ exitCode: 0, value: { ok: true } });
    expect(good.value.findings.map(({ detail }) => detail).join()).toMatch(/Python 3\S+ \(\/\S+\), Kedro 1\./);
    const bad = await runCli(["doctor", writeWorkflow("bad.json", { python: "/nowhere/python" })], { cwd: folder });
    expect(bad.exitCode).toBe(3);
    expect(bad.stdout).toMatch(/^FAIL /m);
  });
});
