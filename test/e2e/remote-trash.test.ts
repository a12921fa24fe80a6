import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { RunRecord } from "../../src/core/run.ts";
import { runCli, runEvents, runJson } from "../rig/cli.ts";
import { findLeaks } from "../rig/find-leaks.ts";
import { openObjects, type RemoteObjects } from "../rig/remote-objects.ts";
import { showSession } from "../rig/resumable.ts";
import { type S3Server, startS3Server, writeCredentials } from "../rig/s3-server.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";
import { findTestPython } from "../rig/test-python.ts";
import { writeFiles, writeToyProject } from "../rig/toy-project.ts";

/** `save` leaves a version of the project's, an object of the store, a folder of partitions, and a file on this disk. */
const PIPELINES = `
import os
def fit(): return {"slope": 1}, {"rows": 2}, {"a": {"part": 1}, "b": {"part": 2}}, {"here": 1}
def check(model):
    if "SPOIL" in os.environ:
        open(os.environ["SPOIL"], "w").write("store: {key: a, secret: a-wrong-secret-it-is}")
    raise SystemExit(os.kill(os.getpid(), 9)) if os.environ.get("KILL") else ValueError("no good")

def register_pipelines():
    save = [node(fit, None, ["model", "table", "parts", "near"], name="fit")]
    return {"bad": Pipeline([*save, node(check, "model", "verdict")]), "good": Pipeline(save), "__default__": Pipeline([])}
`;
const at = (path: string) => `filepath: s3://bucket/${path}, credentials: store`;
const CATALOG = `
model: { type: json.JSONDataset, ${at("data/model.json")}, versioned: true }
table: { type: json.JSONDataset, ${at("data/table.json")} }
near: { type: json.JSONDataset, filepath: data/near.json }
parts: { type: partitions.PartitionedDataset, path: s3://bucket/parts, dataset: json.JSONDataset, filename_suffix: .json, credentials: store }
`;
/** Of others: names that begin like what a run saves, and plain paths. */
const OTHERS = {
  "s3://bucket/data/model.json/2024-01-01T00.00.00.000Z/model.json": "{}",
  "s3://bucket/data/table.json": "plain",
  "s3://bucket/parts/x.json": "{}",
  "s3://bucket/unrelated/deep/file": "x",
};

const folder = makeSuiteFolder();
const cwd = folder;
let server: S3Server;
let objects: RemoteObjects;

beforeAll(async () => {
  server = await startS3Server("bucket");
  objects = openObjects(server);
  const files = { "conf/local/credentials.yml": writeCredentials(server) };
  writeToyProject({ folder: join(folder, "toy"), pipelines: PIPELINES, catalog: CATALOG, files });
  writeFiles(folder, { ".runweave/.gitignore": "*\n" });
});
beforeEach(async () => {
  for (const [path, text] of Object.entries(OTHERS)) await objects.write(path, text);
});
afterEach(() => objects.clear("s3://bucket"));
afterAll(async () => {
  objects.close();
  await server.close();
});

const list = () => objects.list("s3://bucket");

function writeWorkflow(pipeline: string, header: object): string {
  const file = join(folder, "workflow.json");
  const runs = { only: { pipeline, outputs: ["model", "table", "parts"] } };
  writeFileSync(file, JSON.stringify({ project: "toy", python: findTestPython(), ...header, runs }));
  return file;
}

async function lastRun(): Promise<RunRecord & { run_id: string }> {
  const [run] = (await showSession({ cwd })).runs;
  if (run?.run_id == null) throw new Error("nothing has run");
  return run as RunRecord & { run_id: string };
}

async function play(pipeline: string, header: object = {}, env: Record<string, string> = {}) {
  const { stderr } = await runEvents(writeWorkflow(pipeline, header), { cwd, env });
  expect(stderr).toBe("");
  return await lastRun();
}

/** The objects that have the run's own folder in their path, wherever it is. */
async function own(runId: string): Promise<Record<string, string>> {
  return Object.fromEntries(Object.entries(await list()).filter(([path]) => path.includes(`/${runId}/`)));
}

async function trashed(runId: string): Promise<string[]> {
  return Object.keys(await list()).filter((path) => path.includes("/trash/") && path.includes(runId));
}

describe("cleanup_on_error of what is on object storage", { timeout: 180_000 }, () => {
  test.each(["failed", "killed"])("`delete`: what a %s run saved is gone, and nothing else is touched", async (how) => {
    const run = await play("bad", { cleanup_on_error: "delete" }, how === "killed" ? { KILL: "1" } : {});
    expect([run.status, run.discarded?.state]).toEqual(["failed", "deleted"]);
    expect(await list()).toEqual(OTHERS);
  });

  test("`trash`: it is moved within its bucket, and comes back exactly as it was", async () => {
    const kept = await play("bad");
    const saved = await own(kept.run_id);
    expect(Object.keys(saved)).toHaveLength(4);
    const run = await play("bad", { cleanup_on_error: "trash" });
    expect(run.discarded).toMatchObject({ state: "trashed", bytes: expect.any(Number) });
    expect(await own(run.run_id)).toEqual({});
    expect(await trashed(run.run_id)).toHaveLength(4);
    expect(await list()).toMatchObject({ ...OTHERS, ...saved });
    const { value } = await runJson<{ entries: { run_id: string; items: { original: string }[] }[] }>(
      ["trash", "list"],
      { cwd },
    );
    const items = value.entries.find(({ run_id }) => run_id === run.run_id)?.items.map(({ original }) => original);
    expect(items).toContain(`s3://bucket/data/model.json/${run.run_id}`);
    expect(items).toHaveLength(4);
    const restored = await runCli(["trash", "restore", run.run_id], { cwd });
    expect([restored.exitCode, restored.stderr]).toEqual([0, ""]);
    const back = Object.entries(await own(run.run_id)).map(([path, text]) => [
      path.replaceAll(run.run_id, kept.run_id),
      text,
    ]);
    expect(Object.fromEntries(back)).toEqual(saved);
    expect(await trashed(run.run_id)).toEqual([]);
  });

  test("`trash empty` deletes it there", async () => {
    const run = await play("bad", { cleanup_on_error: "trash" });
    expect(await trashed(run.run_id)).toHaveLength(4);
    const emptied = await runCli(["trash", "empty", "--yes"], { cwd });
    expect([emptied.exitCode, emptied.stderr]).toEqual([0, ""]);
    expect(await list()).toEqual(OTHERS);
    expect((await runCli(["trash", "restore", run.run_id], { cwd })).exitCode).toBe(2);
  });

  test("nothing is put over what somebody has put there since", async () => {
    const run = await play("bad", { cleanup_on_error: "trash" });
    const place = `s3://bucket/data/model.json/${run.run_id}`;
    await objects.write(`${place}/model.json`, "new");
    const before = await list();
    const { exitCode, stderr } = await runCli(["trash", "restore", run.run_id], { cwd });
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(`there is something at ${place} now`)]);
    expect(await list()).toEqual(before);
  });

  test("storage that refuses is told of, nothing is lost, and the same call goes on later", async () => {
    const run = await play("bad", { cleanup_on_error: "trash" });
    const before = await list();
    const credentials = "toy/conf/local/credentials.yml";
    writeFiles(folder, { [credentials]: writeCredentials({ ...server, secret: "a-wrong-secret-it-is" }) });
    for (const call of [
      ["restore", run.run_id],
      ["empty", "--yes"],
    ]) {
      const { exitCode, stderr } = await runCli(["trash", ...call], { cwd });
      expect(exitCode).toBe(3);
      expect(stderr).toContain("credentials");
      expect(stderr).not.toContain("a-wrong-secret");
      expect(await list()).toEqual(before);
    }
    writeFiles(folder, { [credentials]: writeCredentials(server) });
    expect((await runCli(["trash", "empty", "--yes"], { cwd })).exitCode).toBe(0);
    expect(await list()).toEqual(OTHERS);
  });
});

test("what can't be cleaned up at a session's end is told, stays, and goes when the session is resumed", {
  timeout: 180_000,
}, async () => {
  const credentials = join(folder, "toy/conf/local/credentials.yml");
  const cleanup = { cleanup_on_error: "delete" };
  const file = writeWorkflow("bad", cleanup);
  const { stderr } = await runCli(["run", file], { cwd, env: { SPOIL: credentials } });
  expect(stderr).toMatch(/^data of only \(.+\) were not cleaned up: s3:.+stay where they are$/m);
  expect(stderr).not.toContain("a-wrong-secret");
  const run = await lastRun();
  expect(run.discarded).toBeNull();
  expect(Object.keys(await own(run.run_id))).toHaveLength(4);
  writeFileSync(credentials, writeCredentials(server));
  expect((await runCli(["resume", "latest"], { cwd })).exitCode).toBe(1);
  expect(await list()).toEqual(OTHERS);
});

test("gc moves old runs to the trash of their bucket; what comes back is as it was", { timeout: 180_000 }, async () => {
  const old = await play("good");
  const kept = await play("good");
  const all = await list();
  const collect = ["gc", "--keep-last", "1"];
  const planned = await runJson<{ goes: { run_id: string; places: string[] }[] }>(collect, { cwd });
  const going = planned.value.goes.find(({ run_id }) => run_id === old.run_id);
  expect(going?.places).toContain(`s3://bucket/data/model.json/${old.run_id}`);
  expect(await list()).toEqual(all);
  expect((await runCli([...collect, "--yes"], { cwd })).exitCode).toBe(0);
  expect(await own(old.run_id)).toEqual({});
  expect(Object.keys(await own(kept.run_id))).toHaveLength(4);
  expect((await runCli(["trash", "restore", old.run_id], { cwd })).exitCode).toBe(0);
  expect(await list()).toEqual(all);
});

test("no secret is in anything that is written here", () => {
  const leaks = findLeaks(join(folder, ".runweave"), [server.secret, server.key, "a-wrong-secret-it-is"]);
  expect(leaks).toEqual([]);
});

describe("the project of a record is started only after a yes, unless the user made that record", {
  timeout: 180_000,
}, () => {
  const stranger = { RUNWEAVE_KEYS: join(folder, "other-keys") };
  const asked = (run: string) => ({
    exitCode: 2,
    stdout: "",
    stderr: expect.stringMatching(
      new RegExp(`error\\[not-confirmed\\][^]*${run}, to reach its remote data[^]*${findTestPython()}[^]*say --yes`),
    ),
  });

  // First, as the acts of the others are no longer this user's alone.
  test("by `gc`, without --yes too", async () => {
    const old = await play("good");
    await play("good");
    const before = await list();
    const gc = ["gc", "--keep-last", "1"];
    expect(await runCli(gc, { cwd, env: stranger })).toMatchObject(asked("only"));
    expect(await list()).toEqual(before);
    expect((await runCli(gc, { cwd })).exitCode).toBe(0);
    expect((await runCli([...gc, "--yes"], { cwd, env: stranger })).exitCode).toBe(0);
    expect(await own(old.run_id)).toEqual({});
  });

  test("by `trash restore`", async () => {
    const run = await play("bad", { cleanup_on_error: "trash" });
    const before = await list();
    expect(await runCli(["trash", "restore", run.run_id], { cwd, env: stranger })).toMatchObject(asked("only"));
    expect(await list()).toEqual(before);
    const restored = await runCli(["trash", "restore", run.run_id, "--yes"], { cwd, env: stranger });
    expect([restored.exitCode, restored.stderr]).toEqual([0, ""]);
    expect(await trashed(run.run_id)).toEqual([]);
  });

  test("a task that was changed where its process was told it is not believed", async () => {
    const run = await play("bad", { cleanup_on_error: "trash" });
    const spec = join(cwd, ".runweave/attempts", run.run_id, "spec.json");
    const told = JSON.parse(readFileSync(spec, "utf8")) as object;
    writeFileSync(spec, JSON.stringify({ ...told, project_path: "/nowhere" }));
    const restored = await runCli(["trash", "restore", run.run_id], { cwd });
    expect([restored.exitCode, restored.stderr]).toEqual([0, ""]);
  });
});
