import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { SessionRecord, VersionRecord } from "../../src/core/run.ts";
import { runCli, runEvents, runJson } from "../rig/cli.ts";
import { findLeaks, listFiles } from "../rig/find-leaks.ts";
import { type S3Server, startS3Server, writeCredentials } from "../rig/s3-server.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";
import { findTestPython } from "../rig/test-python.ts";
import { writeFiles, writeToyProject } from "../rig/toy-project.ts";

const folder = makeSuiteFolder();
let server: S3Server;

const PIPELINES = `
import json
from pathlib import Path
def spoil():
    "Writes past the catalog, so that nobody knows of it."
    import s3fs
    credentials = json.loads((Path(__file__).parents[2] / "conf/local/credentials.yml").read_text())
    s3fs.S3FileSystem(**credentials["store"]).pipe("bucket/data/raw.txt", b"spoilt")
    return 1
def register_pipelines():
    return {
        "make": Pipeline([node(lambda word: word, "params:word", "far", name="make")]),
        "keep": Pipeline([node(lambda word: word, "params:word", "kept", name="keep")]),
        "join": Pipeline([node(lambda a, b: a + b, ["far", "kept"], "near", name="join")]),
        "trim": Pipeline([node(str.strip, "raw", "near", name="trim")]),
        "spoil": Pipeline([node(spoil, None, "spoilt", name="spoil")]),
        "read": Pipeline([node(lambda b: b, "kept", "near", name="read")]),
        "__default__": Pipeline([]),
    }
`;
const entry = (file: string, more = "") =>
  `{type: text.TextDataset, filepath: s3://bucket/data/${file}, credentials: store${more}}`;
const CATALOG = `far: ${entry("far.txt")}\nkept: ${entry("kept.txt", ", versioned: true")}
raw: ${entry("raw.txt")}
near: {type: text.TextDataset, filepath: data/near.txt}
`;

function writeProject(name: string, credentials: string): void {
  const files = { "conf/local/credentials.yml": credentials };
  const parameters = "word: a\n";
  writeToyProject({ folder: join(folder, name), pipelines: PIPELINES, catalog: CATALOG, parameters, files });
}

function writeWorkflow(
  name: string,
  { project = "project", word = "a", ...header }: Record<string, unknown> = {},
): void {
  const runs = {
    make: { pipeline: "make", params: { word }, outputs: ["far"] },
    keep: { pipeline: "keep", params: { word: `${word}!` }, outputs: ["kept"] },
    join: { pipeline: "join", consumes: { far: "make", kept: "keep" }, outputs: ["near"] },
  };
  writeFiles(folder, { [name]: JSON.stringify({ project, python: findTestPython(), ...header, runs }) });
}

beforeAll(async () => {
  server = await startS3Server("bucket", "other");
  writeProject("project", writeCredentials(server));
  writeProject("locked-out", writeCredentials({ ...server, secret: "a-wrong-secret-it-is" }));
});
afterAll(() => server.close());

async function readOutput(run: string, dataset: string): Promise<VersionRecord> {
  const { value } = await runJson<SessionRecord>(["show"], { cwd: folder });
  const version = value.runs.find((each) => each.run === run)?.outputs[dataset];
  if (version === undefined) throw new Error(`${run} saved no ${dataset}`);
  return version;
}

function catRemote(location: string): string {
  return askRemote("print(storage.cat(sys.argv[1]).decode(), end='')", location);
}

function putRemote(location: string, text: string): void {
  askRemote("storage.pipe(sys.argv[1], sys.argv[2].encode())", location, text);
}

function askRemote(question: string, ...words: string[]): string {
  const code = `import sys, json, s3fs; storage = s3fs.S3FileSystem(**json.load(sys.stdin)["store"]); ${question}`;
  return execFileSync(findTestPython(), ["-c", code, ...words], { input: writeCredentials(server), encoding: "utf8" });
}

describe("a project with data on object storage", () => {
  test("remote versions stay there, local ones here, and each run gets what it consumes", async () => {
    writeWorkflow("mixed.json", { publish: ["far"] });
    const { exitCode, stderr } = await runEvents("mixed.json", { cwd: folder });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    const near = await readOutput("join", "near");
    expect(readFileSync(near.location, "utf8")).toBe("aa!");
    expect(near.hash).toMatch(/^sha256:/);
    const far = await readOutput("make", "far");
    expect(far.location).toMatch(/^s3:\/\/bucket\/data\/\.runweave\/far\.txt-/);
    expect(far.hash).toBe("s3:etag:0cc175b9c0f1b6a831c399e269772661");
    expect(catRemote("s3://bucket/data/far.txt")).toBe("a");
    const rolledBack = await runCli(["rollback", "latest"], { cwd: folder });
    expect([rolledBack.exitCode, rolledBack.stderr]).toEqual([0, ""]);
    expect(rolledBack.stdout).toContain("removed s3://bucket/data/far.txt (nothing was there before)");
    expect(() => catRemote("s3://bucket/data/far.txt")).toThrow("FileNotFoundError");
  });

  test("two sessions at once see only their own", async () => {
    for (const word of ["one", "two"]) writeWorkflow(`${word}.json`, { word });
    const ends = await Promise.all(["one", "two"].map((word) => runEvents(`${word}.json`, { cwd: folder })));
    for (const [index, { exitCode, events }] of ends.entries()) {
      expect(exitCode).toBe(0);
      const joined = events.find((event) => event.type === "run.succeeded" && event.run === "join");
      if (joined?.type !== "run.succeeded") throw new Error("join did not succeed");
      const word = ["one", "two"][index];
      expect(readFileSync(joined.outputs.near?.location ?? "", "utf8")).toBe(`${word}${word}!`);
    }
  });

  test("`store` names a prefix for remote data and leaves local ones where they were", async () => {
    writeWorkflow("prefix.json", { store: "s3://other/store/", word: "p" });
    expect((await runEvents("prefix.json", { cwd: folder })).exitCode).toBe(0);
    expect((await readOutput("make", "far")).location).toMatch(/^s3:\/\/other\/store\/far\.txt-/);
    expect((await readOutput("join", "near")).location).toContain(join(folder, ".runweave/data"));
  });

  test("what has no version is frozen as the plan saw it", async () => {
    putRemote("s3://bucket/data/raw.txt", "raw");
    const python = findTestPython();
    const runs = { trim: { pipeline: "trim", outputs: ["near"] }, spoil: { pipeline: "spoil" } };
    writeFiles(folder, { "raw.json": JSON.stringify({ project: "project", python, runs: { trim: runs.trim } }) });
    const first = await runEvents("raw.json", { cwd: folder });
    expect(first.exitCode).toBe(0);
    const pin = first.events.find((event) => event.type === "run.resolved");
    const reason = expect.stringMatching(/ 3 bytes, s3:etag:bdd166af3a63f7be696dd17a218a6ffb$/);
    const raw = { dataset: "raw", rule: "plain", version: expect.stringMatching(/^file-bdd166af3a63f7be$/), reason };
    expect(pin).toMatchObject({ pins: expect.arrayContaining([expect.objectContaining(raw)]) });
    const late = { ...runs, trim: { ...runs.trim, needs: ["spoil"] } };
    writeFiles(folder, { "spoilt.json": JSON.stringify({ project: "project", python, runs: late }) });
    const spoilt = await runCli(["run", "spoilt.json"], { cwd: folder });
    expect(spoilt.exitCode).toBe(1);
    expect(spoilt.stdout + spoilt.stderr).toMatch(
      /'raw' at s3:\/\/bucket\/data\/raw\.txt was s3:etag:bdd166af3a63f7be696dd17a218a6ffb when the plan was made and is s3:etag:\w+ now/,
    );
  });

  test("and what it holds is what a result that may be reused depends on", async () => {
    putRemote("s3://bucket/data/raw.txt", "raw");
    const runs = { trim: { pipeline: "trim", outputs: ["near"], cache: "on" } };
    writeFiles(folder, { "reused.json": JSON.stringify({ project: "project", python: findTestPython(), runs }) });
    const statuses = async () => {
      const { events } = await runEvents("reused.json", { cwd: folder });
      return events.flatMap(({ type }) => (type === "run.succeeded" || type === "run.reused" ? [type] : []));
    };
    expect(await statuses()).toEqual(["run.succeeded"]);
    expect(await statuses()).toEqual(["run.reused"]);
    putRemote("s3://bucket/data/raw.txt", "other");
    expect(await statuses()).toEqual(["run.succeeded"]);
  });

  test("what is only read is frozen at the version of the plan", async () => {
    const runs = { read: { pipeline: "read", outputs: ["near"] } };
    writeFiles(folder, { "frozen.json": JSON.stringify({ project: "project", python: findTestPython(), runs }) });
    const { exitCode, events } = await runEvents("frozen.json", { cwd: folder });
    expect(exitCode).toBe(0);
    const resolved = events.find((event) => event.type === "run.resolved");
    const pin = expect.objectContaining({ dataset: "kept", rule: "frozen", version: expect.stringMatching(/^\d{4}-/) });
    expect(resolved).toMatchObject({ pins: expect.arrayContaining([pin]) });
  });
});

describe("credentials", () => {
  test("a wrong one is told of at once, with its place in the file, and is never shown", async () => {
    const runs = { read: { pipeline: "read", outputs: ["near"] } };
    const file = { project: "locked-out", python: findTestPython(), runs };
    writeFiles(folder, { "locked-out.json": JSON.stringify(file, null, 2) });
    const { exitCode, stderr } = await runCli(["run", "locked-out.json"], { cwd: folder });
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/locked-out\.json:\d+:\d+/);
    expect(stderr).toContain("'kept' is at s3://bucket/data/kept.txt, and its versions can't be listed");
    expect(stderr).not.toContain("a-wrong-secret");
  });

  test("one that may not write fails the run, which names dataset and node", async () => {
    const runs = { make: { pipeline: "make", outputs: ["far"] } };
    writeFiles(folder, { "denied.json": JSON.stringify({ project: "locked-out", python: findTestPython(), runs }) });
    const { exitCode, stdout, stderr } = await runCli(["run", "denied.json"], { cwd: folder });
    expect(exitCode).toBe(1);
    expect(stdout + stderr).toContain("far.txt");
    expect(stdout + stderr).not.toContain("a-wrong-secret");
  });

  test("are in no log, record or spec", () => {
    const files = listFiles(join(folder, ".runweave"));
    expect(files.some((path) => path.endsWith("spec.json"))).toBe(true);
    const secrets = [server.secret, server.key, "a-wrong-secret-it-is"];
    expect(findLeaks(join(folder, ".runweave"), secrets)).toEqual([]);
  });
});
