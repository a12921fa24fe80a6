import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, beforeEach, expect, test } from "vitest";
import type { RunEvent } from "../../src/core/event/event.ts";
import { runCli, runEvents, runJson } from "../rig/cli.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";
import { findTestPython } from "../rig/test-python.ts";
import { writeToyProject } from "../rig/toy-project.ts";

/** `change` does to the project's own data what no catalog says. */
const PIPELINES = `
import os


def change(folder, what):
    for name, text in what.items():
        path = os.path.join(folder, name)
        if text is None:
            os.remove(path)
        else:
            with open(path, "w") as file:
                file.write(text)
    return "changed"


def count(parts):
    return ",".join(f"{name}={load()}" for name, load in sorted(parts.items()))


def register_pipelines():
    changed = node(change, ["params:folder", "params:what"], "note", name="change")
    return {
        "read": Pipeline([node(count, "parts", "table", name="count")]),
        "read_own": Pipeline([
            node(lambda parts, folder, what: change(folder, what), ["parts", "params:folder", "params:what"], "note", name="own")
        ]),
        "kept": Pipeline([node(lambda kept: kept, "kept", "table", name="keep")]),
        "change": Pipeline([changed]),
    }
`;

const CATALOG = `
parts: { type: partitions.PartitionedDataset, path: data/parts, dataset: text.TextDataset, filename_suffix: .txt }
kept: { type: text.TextDataset, filepath: data/kept.txt, versioned: true }
table: { type: text.TextDataset, filepath: data/table.txt }
note: { type: text.TextDataset, filepath: data/note.txt }
`;

const VERSION = "2024-01-01T00.00.00.000Z";
const folder = makeSuiteFolder();
const project = join(folder, "project");
const parts = join(project, "data/parts");
const kept = join(project, `data/kept.txt/${VERSION}/kept.txt`);

beforeAll(() => {
  writeToyProject({ folder: project, pipelines: PIPELINES, catalog: CATALOG, parameters: "folder: ''\nwhat: {}\n" });
});

beforeEach(() => {
  rmSync(join(project, "data"), { recursive: true, force: true });
  mkdirSync(parts, { recursive: true });
  for (const name of ["a", "b", "c"]) writeFileSync(join(parts, `${name}.txt`), name);
  writeFileSync(join(parts, "run.log"), "no partition");
  mkdirSync(join(kept, ".."), { recursive: true });
  writeFileSync(kept, "kept");
});

function writeWorkflow(runs: Record<string, unknown>, more: Record<string, unknown> = {}): string {
  const file = join(folder, "workflow.json");
  writeFileSync(file, JSON.stringify({ project, python: findTestPython(), ...more, runs }));
  return file;
}

const changing = (what: Record<string, string | null>, where = parts) => ({
  pipeline: "change",
  params: { folder: where, what },
});
const startedNodes = (events: readonly RunEvent[]) =>
  events.flatMap((event) => (event.type === "node.started" ? [event.node] : []));
const formatFailure = (events: readonly RunEvent[]) => {
  const failure = events.find((event) => event.type === "run.failed");
  return failure?.type === "run.failed" ? `${failure.exception?.type}: ${failure.exception?.message}` : "no failure";
};

test("a folder that is only read is pinned to what its files hold", async () => {
  const { exitCode, events } = await runEvents(writeWorkflow({ prep: { pipeline: "read", outputs: ["table"] } }));
  expect(exitCode).toBe(0);
  const resolved = events.find((event) => event.type === "run.resolved");
  const loaded = events.find((event) => event.type === "dataset.loaded" && event.dataset === "parts");
  const hash = loaded?.type === "dataset.loaded" ? (loaded.hash ?? "") : "";
  expect(hash).toMatch(/^sha256:/);
  const pin = { dataset: "parts", rule: "plain", from_dataset: parts, version: `folder-${hash.slice(7, 23)}` };
  expect(resolved).toMatchObject({ pins: expect.arrayContaining([expect.objectContaining(pin)]) });
  const { value } = await runJson<{ chain: unknown[] }>(["why", "parts", "prep"], { cwd: folder });
  expect(value.chain).toMatchObject([{ hash, writer: null }]);
  const { stdout } = await runCli(["plan", join(folder, "workflow.json")]);
  expect(stdout).toContain(`parts  from  the project  folder-${hash.slice(7, 23)}`);
});

test("so is one that the state is kept in, but for that", async () => {
  const args = ["--registry", join(parts, ".runweave")];
  const runs = { prep: { pipeline: "read", outputs: ["table"] } };
  const pinOf = async (more: object) => {
    const { exitCode, events } = await runEvents(writeWorkflow(runs, { store: join(folder, "store"), ...more }), {
      args,
    });
    expect(exitCode, formatFailure(events)).toBe(0);
    const resolved = events.find((event) => event.type === "run.resolved");
    return resolved?.type === "run.resolved" ? resolved.pins.find(({ dataset }) => dataset === "parts")?.version : null;
  };
  const first = await pinOf({});
  expect(first).toMatch(/^folder-[0-9a-f]{16}$/);
  expect(await pinOf({})).toBe(first);
  writeFileSync(join(parts, "d.txt"), "d");
  expect(await pinOf({})).not.toBe(first);
});

test("what was added, removed or changed after the plan was made is named, and nothing of the run is executed", async () => {
  const what = { "d.txt": "d", "b.txt": null, "c.txt": "C", "more.log": "no partition" };
  const runs = { edit: changing(what), prep: { pipeline: "read", needs: ["edit"], outputs: ["table"] } };
  const { exitCode, events } = await runEvents(writeWorkflow(runs));
  expect(exitCode).toBe(1);
  expect(startedNodes(events)).toEqual(["change"]);
  const told = formatFailure(events);
  expect(told).toMatch(/^InputChanged: 'parts' was sha256:[0-9a-f]{64} \(3 files, 3 bytes\) when the plan was made/);
  expect(told).toMatch(
    /parts is sha256:[0-9a-f]{64} \(3 files, 3 bytes\) now: added 'd\.txt', removed 'b\.txt', changed 'c\.txt'$/,
  );
});

test("what changes under the run fails it", async () => {
  const runs = { prep: { ...changing({ "a.txt": "AA" }), pipeline: "read_own" } };
  const { exitCode, events } = await runEvents(writeWorkflow(runs));
  expect(exitCode).toBe(1);
  expect(startedNodes(events)).toEqual(["own"]);
  expect(formatFailure(events)).toMatch(/^InputChanged: 'parts' .* now: changed 'a\.txt'\n.*`floating`$/);
});

test.each([
  ["files that are none of its partitions", { "more.log": "no partition" }, {}],
  ["files that hold what they held", { "a.txt": "a" }, {}],
  ["what floats", { "a.txt": "A" }, { floating: ["parts"] }],
])("%s may be written", async (_, what, more) => {
  const runs = { edit: changing(what), prep: { pipeline: "read", needs: ["edit"], outputs: ["table"] } };
  expect((await runEvents(writeWorkflow(runs, more))).exitCode).toBe(0);
});

test("a version of the project that was written again is no longer what the plan saw", async () => {
  const edit = changing({ "kept.txt": "KEPT" }, join(kept, ".."));
  const runs = { edit, prep: { pipeline: "kept", needs: ["edit"], outputs: ["table"] } };
  const { exitCode, events } = await runEvents(writeWorkflow(runs));
  expect(exitCode).toBe(1);
  expect(startedNodes(events)).toEqual(["change"]);
  const told = formatFailure(events);
  expect(told).toMatch(/^InputChanged: 'kept' was sha256:[0-9a-f]{64} \(4 bytes\) when the plan was made/);
  expect(told).toMatch(/kept\.txt is sha256:[0-9a-f]{64} \(4 bytes\) now$/);
});

test("the hash of such a version is known to `why`", async () => {
  const runs = { prep: { pipeline: "kept", outputs: ["table"] } };
  const { exitCode, events } = await runEvents(writeWorkflow(runs));
  expect(exitCode).toBe(0);
  const loaded = events.find((event) => event.type === "dataset.loaded" && event.dataset === "kept");
  const { value } = await runJson<{ chain: unknown[] }>(["why", "kept", "prep"], { cwd: folder });
  expect(value.chain).toMatchObject([
    { pin: { rule: "frozen", version: VERSION }, hash: loaded?.type === "dataset.loaded" && loaded.hash },
  ]);
});

test("`show RUN` tells of each load which version it was, its size and the hash of its content", async () => {
  const { events } = await runEvents(writeWorkflow({ prep: { pipeline: "read", outputs: ["table"] } }));
  const loaded = events.find((event) => event.type === "dataset.loaded" && event.dataset === "parts");
  if (loaded?.type !== "dataset.loaded") throw new Error("nothing was loaded");
  const { run_id, session_id, hash, bytes } = loaded;
  const { stdout } = await runCli(["show", run_id], { cwd: folder });
  expect(stdout).toMatch(new RegExp(`^parts +- +count +3 B +${hash?.slice(0, 19)}$`, "m"));
  const load = { run_id, dataset: "parts", node: "count", location: parts, bytes, hash };
  for (const id of [run_id, session_id, "prep"]) {
    expect((await runJson<{ loads: unknown[] }>(["show", id], { cwd: folder })).value.loads).toMatchObject([load]);
  }
  expect((await runCli(["show", session_id], { cwd: folder })).stdout).not.toContain("CONTENT");
});
