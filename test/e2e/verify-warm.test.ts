import { existsSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { type CliResult, runCli } from "../rig/cli.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";
import { findTestPython } from "../rig/test-python.ts";
import { writeFiles, writeToyProject } from "../rig/toy-project.ts";

const folder = makeSuiteFolder();
const env = { FOLDER: folder };

/** A project whose configuration runs `leak` each time that it is read: for planning in the warm process, too. */
function writeLeakingProject(name: string, leak: string, node = 'lambda: "same"'): void {
  const settings = `
import logging, os, random, sys, warnings
COUNT = [0]
def leak(*_):
    if os.environ.get("RUNWEAVE_ATTEMPT_FOLDER") is None:
        ${leak}
    return "data/out.txt"
CONFIG_LOADER_ARGS = {"base_env": "base", "default_run_env": "local", "custom_resolvers": {"leak": leak}}
`;
  writeToyProject({
    folder: join(folder, name),
    settings,
    catalog: 'out: {type: text.TextDataset, filepath: "${leak:1}"}\n',
    pipelines: `
import os, random
from toy.settings import COUNT
def register_pipelines():
    return {"__default__": Pipeline([node(${node}, None, "out", name="write")])}
`,
  });
  const runs = { a: { pipeline: "__default__", outputs: ["out"] } };
  writeFiles(folder, { [`${name}.json`]: JSON.stringify({ project: name, python: findTestPython(), runs }) });
}

/** A project that makes something at import, of which two runs draw. */
function writeDrawingProject(name: string, made: string, drawn: string): void {
  writeToyProject({
    folder: join(folder, name),
    catalog: "out: { type: text.TextDataset, filepath: data/out.txt }\n",
    pipelines: `
import copy, random
import numpy
${made}
def register_pipelines():
    return {"__default__": Pipeline([node(lambda: str(${drawn}), None, "out", name="write")])}
`,
  });
  const run = { pipeline: "__default__", outputs: ["out"] };
  writeFiles(folder, {
    [`${name}.json`]: JSON.stringify({ project: name, python: findTestPython(), runs: { a: run, b: run } }),
  });
}

const verify = (name: string) =>
  runCli(["run", `${name}.json`, "--verify-warm", "--registry", `state-${name}`], { cwd: folder, env });
const diagnose = (name: string, ...args: string[]) =>
  runCli(["doctor", "--registry", `state-${name}`, ...args], { cwd: folder, env });

describe("run --verify-warm", () => {
  test("says so if a run is the same on a warm process as on a fresh one", async () => {
    writeLeakingProject("clean", "pass");
    const { exitCode, stderr } = await verify("clean");
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "a: warm equals cold\n" });
    expect(existsSync(join(folder, "state-clean/cold-projects.json"))).toBe(false);
  });

  test("work without a seed is not taken for a leak", async () => {
    writeLeakingProject("random", "pass", "lambda: str(random.random())");
    const { exitCode, stderr } = await verify("random");
    expect(exitCode).toBe(0);
    expect(stderr).toContain("out differs each time that the run is done");
  });

  describe("names what leaked", () => {
    /** One project leaks all of them: each is found by itself. */
    const LEAKS = {
      environment: ['os.environ["LEFT_BEHIND"] = "1"', "environment variable LEFT_BEHIND"],
      folder: ["os.chdir('/')", "working folder"],
      path: ["sys.path.append('/left/behind')", "sys.path"],
      filters: ["warnings.filterwarnings('ignore', 'left behind')", "warnings filters"],
      handlers: ["logging.getLogger('toy').addHandler(logging.NullHandler())", "handlers and level of logger toy"],
      numpy: ["__import__('numpy').random.seed(1)", "state of NumPy's random generator"],
      globals: ["COUNT[0] += 1", "global COUNT of module toy.settings"],
    } as const;
    let verified: CliResult;
    beforeAll(async () => {
      writeLeakingProject(
        "leaks",
        Object.values(LEAKS)
          .map(([leak]) => leak)
          .join("; "),
      );
      verified = await verify("leaks");
    });

    test.each(Object.entries(LEAKS))("%s", (_, [, expected]) => {
      expect(verified.stderr).toContain(`leaked: ${expected}`);
      expect(verified.exitCode).toBe(1);
    });
  });

  test("what leaks into an output is named, and the project is kept cold until somebody forgets it", async () => {
    writeLeakingProject("output", "COUNT[0] += 1", "lambda: str(COUNT[0])");
    const { stderr } = await verify("output");
    expect(stderr).toContain("leaked: content of output out");
    const again = await verify("output");
    expect({ exitCode: again.exitCode, stderr: again.stderr }).toEqual({
      exitCode: 0,
      stderr: "a: warm equals cold\n",
    });
    expect((await diagnose("output")).stdout).toMatch(/cold since .*content of output out/);
    expect((await diagnose("output", "--forget-cold")).stdout).not.toContain("cold since");
    expect((await verify("output")).exitCode).toBe(1);
  });

  describe("names what runs have in common by chance", () => {
    const MADE = `
SALT = random.random()
COPIED = copy.copy(random.Random())
KEPT = {1: copy.copy(random.Random())}
`;
    let verified: CliResult;
    beforeAll(async () => {
      writeDrawingProject("common", MADE, "[SALT, COPIED.random(), KEPT[1].random()]");
      verified = await verify("common");
    });

    test.each([
      ["salt", "leaked: global SALT of module toy.pipeline_registry"],
      ["copied", "leaked: numbers of global COPIED of module toy."],
      ["kept", "leaked: numbers of global KEPT of module toy."],
    ])("%s", (_, expected) => {
      expect(verified.stderr).toContain(expected);
      expect(verified.exitCode).toBe(1);
    });
  });

  test.each([
    ["unseeded", "RNG = numpy.random.default_rng()"],
    ["plain", "RNG = random.Random()"],
    ["seeded", "RNG = numpy.random.default_rng(7)"],
  ])("a generator is no leak: %s", async (name, made) => {
    writeDrawingProject(name, made, "RNG.random()");
    const { exitCode, stderr } = await verify(name);
    expect(stderr).not.toContain("leaked");
    expect(exitCode).toBe(0);
    expect(stderr.includes("out differs each time that the run is done")).toBe(name !== "seeded");
  });
});
