import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { runCli, runEvents } from "../rig/cli.ts";
import { openObjects, type RemoteObjects } from "../rig/remote-objects.ts";
import { type S3Server, startS3Server, writeCredentials } from "../rig/s3-server.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";
import { findTestPython } from "../rig/test-python.ts";
import { writeFiles, writeToyProject } from "../rig/toy-project.ts";

const PIPELINES = `
def register_pipelines():
    save = node(lambda: ({"rows": 2}, {"a": {"part": 1}, "b": {"part": 2}}), None, ["table", "parts"], name="save")
    return {"save": Pipeline([save]), "__default__": Pipeline([])}
`;
const CATALOG = `
table: { type: json.JSONDataset, filepath: s3://bucket/data/table.json, credentials: store }
parts: { type: partitions.PartitionedDataset, path: s3://bucket/parts, dataset: json.JSONDataset, filename_suffix: .json, credentials: store }
`;
const BEFORE = {
  "s3://bucket/data/table.json": "what stood there",
  "s3://bucket/parts/a.json": "an a",
  "s3://bucket/parts/z.json": "of another",
};

const cwd = makeSuiteFolder();
let server: S3Server;
let objects: RemoteObjects;

beforeAll(async () => {
  server = await startS3Server("bucket");
  objects = openObjects(server);
  const files = { "conf/local/credentials.yml": writeCredentials(server) };
  writeToyProject({ folder: join(cwd, "toy"), pipelines: PIPELINES, catalog: CATALOG, files });
  writeFiles(cwd, { ".runweave/.gitignore": "*\n" });
  const save = { pipeline: "save", outputs: ["table", "parts"] };
  const workflow = { project: "toy", python: findTestPython(), publish: ["table", "parts"], runs: { save } };
  writeFileSync(join(cwd, "workflow.json"), JSON.stringify(workflow));
});
beforeEach(async () => {
  await objects.clear("s3://bucket");
  for (const [path, text] of Object.entries(BEFORE)) await objects.write(path, text);
  expect((await runEvents("workflow.json", { cwd })).exitCode).toBe(0);
});
afterAll(async () => {
  objects.close();
  await server.close();
});

const rollBack = async (...flags: string[]) => await runCli(["rollback", "latest", ...flags], { cwd });

async function listPlain(): Promise<Record<string, string>> {
  const found = Object.entries(await objects.list("s3://bucket"));
  return Object.fromEntries(found.filter(([path]) => !path.includes("/.runweave/")));
}

async function listKept(when: "before" | "rollback"): Promise<Record<string, string>> {
  const found = Object.entries(await objects.list("s3://bucket"));
  return Object.fromEntries(found.filter(([path]) => path.includes(`/${when}-`)));
}

describe("rolling back what was published on object storage", { timeout: 180_000 }, () => {
  test("each object is what it was before, and what stood nowhere is gone", async () => {
    expect(await listPlain()).toEqual({
      "s3://bucket/data/table.json": expect.stringContaining('"rows": 2'),
      "s3://bucket/parts/a.json": expect.stringContaining('"part": 1'),
      "s3://bucket/parts/b.json": expect.stringContaining('"part": 2'),
      "s3://bucket/parts/z.json": "of another",
    });
    expect(Object.values(await listKept("before")).sort()).toEqual(["an a", "what stood there"]);
    const planned = await rollBack("--dry-run");
    expect(planned.stdout.split("\n").filter(Boolean).sort()).toEqual([
      "would put back s3://bucket/data/table.json",
      "would put back s3://bucket/parts/a.json",
      "would remove s3://bucket/parts/b.json (nothing was there before)",
    ]);
    const undone = await rollBack();
    expect([undone.exitCode, undone.stderr]).toEqual([0, ""]);
    expect(undone.stdout).toContain("2 publications undone");
    expect(await listPlain()).toEqual(BEFORE);
    expect(await listKept("before")).toEqual({});
  });

  test("what somebody wrote there since is refused, and with --force it is kept", async () => {
    await objects.write("s3://bucket/data/table.json", "since");
    const refused = await rollBack();
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toContain("s3://bucket/data/table.json has changed since the session published it");
    expect((await rollBack("--force")).exitCode).toBe(0);
    expect(await listPlain()).toEqual(BEFORE);
    expect(Object.values(await listKept("rollback"))).toEqual(["since"]);
  });

  test("what stood there and is kept no more is said to be lost, before anything is changed", async () => {
    await objects.remove(Object.keys(await listKept("before")).find((path) => path.includes("/table")) ?? "");
    const then = await listPlain();
    const refused = await rollBack();
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toContain("the earlier s3://bucket/data/table.json is no longer in the trash");
    expect(await listPlain()).toEqual(then);
    expect((await rollBack("--force")).exitCode).toBe(0);
    expect(await listPlain()).toEqual({
      ...BEFORE,
      "s3://bucket/data/table.json": then["s3://bucket/data/table.json"],
    });
  });

  test("a storage that refuses is told of, and the same command goes on once it does not", async () => {
    const path = join(cwd, "toy/conf/local/credentials.yml");
    writeFileSync(path, writeCredentials({ ...server, secret: "a-wrong-secret-it-is" }));
    const refused = await rollBack();
    writeFileSync(path, writeCredentials(server));
    expect(refused.exitCode).toBe(3);
    expect(refused.stderr).toContain("storage-failed");
    expect(refused.stderr).not.toContain("a-wrong-secret");
    expect((await rollBack()).exitCode).toBe(0);
    expect(await listPlain()).toEqual(BEFORE);
  });
});
