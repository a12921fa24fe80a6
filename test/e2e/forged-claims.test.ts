import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { beforeAll, describe, expect, test } from "vitest";
import type { RunRecord, SessionRecord } from "../../src/core/run.ts";
import { hashPath } from "../../src/versions/hash.ts";
import { forgeLog } from "../rig/change-registry.ts";
import { runCli, runJson } from "../rig/cli.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";
import { findTestPython } from "../rig/test-python.ts";
import { writeToyProject } from "../rig/toy-project.ts";

/** A node that changes what its own process is about to say of its outputs, with the seal of its attempt. */
const PIPELINES = `
import json


def make(forged):
    from runweave_worker.protocol.attempt_folder import AttemptFolder

    whole = AttemptFolder.write_manifest

    def write(self, value):
        table = {**value["outputs"]["table"], **json.loads(forged)["fields"]}
        whole(self, {**value, "outputs": {json.loads(forged).get("name", "table"): table}})

    AttemptFolder.write_manifest = write
    return "a,b\\n"


def keep(forged):
    return forged


def use(table):
    return table.upper()


def register_pipelines():
    return {
        "make": Pipeline([node(make, "params:forged", "table", name="make")]),
        "use": Pipeline([node(use, "given", "used", name="use")]),
        "keep": Pipeline([node(keep, "params:forged", "kept", name="keep")]),
        "free": Pipeline([node(use, "loose", "used", name="free")]),
    }
`;
const CATALOG = ["table", "given", "used"]
  .map((name) => `${name}: { type: text.TextDataset, filepath: data/${name}.txt }\n`)
  .join("");

const folder = makeSuiteFolder();
const project = join(folder, "project");
const victim = join(folder, "victim");
const state = join(folder, "state");
const at = ["--registry", state];

beforeAll(() => {
  writeToyProject({ folder: project, pipelines: PIPELINES, catalog: CATALOG, parameters: "forged: ''\n" });
  mkdirSync(join(project, "data"));
  writeFileSync(victim, "private");
});

function writeWorkflow(name: string, runs: object, more: object = {}): string {
  const file = join(folder, `${name}.json`);
  writeFileSync(file, JSON.stringify({ project, python: findTestPython(), runs, ...more }));
  return file;
}

async function runForged(name: string, forged: { fields: object; name?: string }, more: object = {}) {
  const make = { pipeline: "make", params: { forged: JSON.stringify(forged) }, outputs: ["table"] };
  const file = writeWorkflow(
    name,
    { make, use: { pipeline: "use", consumes: { given: { run: "make", dataset: "table" } } } },
    more,
  );
  const { exitCode } = await runCli(["run", file, ...at], { cwd: folder });
  const { runs } = (await runJson<SessionRecord>(["show", ...at], { cwd: folder })).value;
  return { exitCode, runs: Object.fromEntries(runs.map((run) => [run.run, run])) as Record<string, RunRecord> };
}

describe("a run whose process tells of its output", () => {
  test.each([
    ["a file of the system as its place", { fields: { location: "/etc/hostname" } }],
    ["another file as its place", { fields: { location: victim } }],
    ["another name", { fields: {}, name: "champion/../x" }],
    ["a climbing version", { fields: { version: "../../v" } }],
    ["a size below nothing", { fields: { bytes: -5 } }],
    ["no hash", { fields: { hash: "zz" } }],
    ["another hash", { fields: { hash: `sha256:${"0".repeat(64)}` } }],
  ])("%s has failed, and nothing consumes it", async (name, forged) => {
    const { exitCode, runs } = await runForged("forged", forged);
    expect(exitCode, name).toBe(1);
    expect(runs.make).toMatchObject({ status: "failed", outputs: {} });
    expect(runs.use).toMatchObject({ status: "skipped" });
  });

  test("another plain path publishes to the one of the catalog", async () => {
    const { exitCode, runs } = await runForged(
      "published",
      { fields: { plain_location: victim } },
      { publish: ["table"] },
    );
    expect(exitCode).toBe(0);
    expect(readFileSync(victim, "utf8")).toBe("private");
    expect(readFileSync(join(project, "data/table.txt"), "utf8")).toBe("a,b\n");
    expect(runs.make?.outputs.table?.plain_location).toBe(join(project, "data/table.txt"));
    const elsewhere = { cwd: folder, env: { RUNWEAVE_KEYS: join(folder, "other-keys") } };
    const { exitCode: refused, stdout } = await runCli(["rollback", "latest", "--json", ...at], elsewhere);
    const shown = `\n1 published file:\n  would remove ${join(project, "data/table.txt")} (nothing was there before)`;
    expect([refused, JSON.parse(stdout).code, JSON.parse(stdout).message]).toEqual([
      2,
      "not-confirmed",
      expect.stringContaining(shown),
    ]);
  });

  test("another class brings its consumer no such class", async () => {
    const entry = { config: { type: "pickle.PickleDataset", filepath: victim }, versioned: false };
    const { exitCode, runs } = await runForged("classed", { fields: { entry } });
    expect(exitCode).toBe(0);
    expect(runs.make?.outputs.table?.entry).toBeNull();
    const [used] = Object.values(runs.use?.outputs ?? {});
    expect(readFileSync(used?.location ?? "", "utf8")).toBe("A,B\n");
  });
});

test("a version of which the tables say something else than the log is not consumed, published or reused", async () => {
  const { runs } = await runForged("honest", { fields: {} });
  const { run_id = "" } = runs.make ?? {};
  const witness = join(folder, "executed");
  const pickle = join(folder, "made.pickle");
  // A call of `os.system`, in the text form of pickles.
  writeFileSync(pickle, `cposix\nsystem\n(S'touch ${witness}'\ntR.`);
  const entry = JSON.stringify({ config: { type: "pickle.PickleDataset", filepath: pickle }, versioned: false });
  const database = new DatabaseSync(join(state, "registry.sqlite"));
  database.prepare("UPDATE versions SET entry = ? WHERE run_id = ?").run(entry, run_id);
  database.close();
  const consumes = { given: { run_id, dataset: "table" } };
  const file = writeWorkflow("later", { use: { pipeline: "use", consumes, outputs: ["used"] } });
  const { exitCode, stderr, stdout } = await runCli(["run", file, ...at], { cwd: folder });
  expect(exitCode).toBe(2);
  expect(stderr + stdout).toContain("is not what its log says");
  expect(existsSync(witness)).toBe(false);
});

describe("our own pickle, whose reader has no entry for it", () => {
  const runFree = async (run_id: string, dataset: string) => {
    const consumes = { loose: { run_id, dataset } };
    const file = writeWorkflow("free", { free: { pipeline: "free", consumes, outputs: ["used"] } });
    return await runCli(["run", file, ...at], { cwd: folder });
  };

  test("is loaded if its writer's plan has the output in no catalog", async () => {
    const file = writeWorkflow("kept", { keep: { pipeline: "keep", params: { forged: "four" }, outputs: ["kept"] } });
    await runCli(["run", file, ...at], { cwd: folder });
    const { runs } = (await runJson<SessionRecord>(["show", ...at], { cwd: folder })).value;
    const { exitCode, stderr } = await runFree(runs[0]?.run_id ?? "", "kept");
    expect([exitCode, stderr]).toEqual([0, expect.not.stringContaining("error")]);
  });

  test("is not loaded if only the log says so, which was made anew as a whole", async () => {
    const { runs } = await runForged("planned", { fields: {} });
    const { run_id = "", outputs } = runs.make ?? {};
    const { location = "" } = outputs?.table ?? {};
    const witness = join(folder, "loaded");
    writeFileSync(location, `cposix\nsystem\n(S'touch ${witness}'\ntR.`);
    const { hash, bytes } = await hashPath({ path: location });
    const config = { type: "runweave_worker.datasets.PickleDataset", filepath: location, output: "table" };
    const entry = JSON.stringify({ config, versioned: false });
    const database = new DatabaseSync(join(state, "registry.sqlite"));
    const set = `'$.outputs.table.entry', json('${entry}'), '$.outputs.table.hash', '${hash}', '$.outputs.table.bytes', ${bytes}`;
    forgeLog(
      database,
      `UPDATE versions SET entry = '${entry}', hash = '${hash}', bytes = ${bytes} WHERE run_id = '${run_id}';
       UPDATE events SET body = json_set(body, ${set}) WHERE run_id = '${run_id}' AND type = 'run.succeeded'`,
    );
    database.close();
    const { exitCode, stderr, stdout } = await runFree(run_id ?? "", "table");
    expect([exitCode, stderr + stdout]).toEqual([2, expect.stringContaining("executing-class")]);
    expect(existsSync(witness)).toBe(false);
  });
});
