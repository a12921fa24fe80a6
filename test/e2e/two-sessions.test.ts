import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { RunEvent } from "../../src/core/event/event.ts";
import { type RunningCli, startCli } from "../rig/cli.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";
import { findTestPython } from "../rig/test-python.ts";
import { writeToyProject } from "../rig/toy-project.ts";

/** `write` goes on until its gate is opened. */
const PIPELINES = `
import os, time


def wait(gate):
    while gate and not os.path.exists(gate):
        time.sleep(0.02)
    return gate


def register_pipelines():
    return {
        "write": Pipeline([node(wait, "params:gate", "table", name="write")]),
        "read": Pipeline([node(lambda table, gate: wait(gate) or table, ["table", "params:gate"], "note", name="read")]),
        "read_folder": Pipeline([node(lambda parts: str(len(parts)), "parts", "note", name="read")]),
    }
`;

const CATALOG = `
table: { type: text.TextDataset, filepath: data/parts/table.txt }
parts: { type: partitions.PartitionedDataset, path: data/parts, dataset: text.TextDataset }
note: { type: text.TextDataset, filepath: data/note.txt }
`;

const folder = makeSuiteFolder();
const project = join(folder, "project");
const gate = join(folder, "gate");

beforeAll(() => {
  writeToyProject({ folder: project, pipelines: PIPELINES, catalog: CATALOG, parameters: "gate: ''\n" });
});

beforeEach(() => {
  rmSync(gate, { force: true });
  rmSync(join(project, "data"), { recursive: true, force: true });
  mkdirSync(join(project, "data/parts"), { recursive: true });
  writeFileSync(join(project, "data/parts/table.txt"), "before");
});

let files = 0;

function start(run: Record<string, unknown>, isolate = "none"): RunningCli {
  files += 1;
  const file = join(folder, `workflow-${files}.json`);
  writeFileSync(file, JSON.stringify({ project, python: findTestPython(), isolate, runs: { it: run } }));
  return startCli(["run", file, "--json"]);
}

const writing = { pipeline: "write", params: { gate } };
const parse = (stdout: string): RunEvent[] =>
  stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));

/** Opens the gate when the second one waits for the first; what both came to. */
async function runBoth(first: RunningCli, second: () => RunningCli) {
  const begun = await first.event("node.started");
  const other = second();
  const warned = await other.event("run.warned");
  writeFileSync(gate, "");
  const [one, two] = await Promise.all([first.result, other.result]);
  return { session: begun.session_id, warned, first: one, second: two };
}

describe("two sessions at once", () => {
  test.each(["none", "declared"])("that write one plain path take turns under isolate: %s", async (isolate) => {
    const { session, warned, first, second } = await runBoth(start(writing, isolate), () => start(writing, isolate));
    expect(warned).toMatchObject({ code: "waits-for-session" });
    expect(warned).toMatchObject({
      message: `it waits for it of session ${session}, which writes ${join(project, "data/parts/table.txt")}`,
    });
    expect([first.exitCode, second.exitCode]).toEqual([0, 0]);
    const ended = parse(first.stdout).find((event) => event.type === "node.finished");
    const begun = parse(second.stdout).find((event) => event.type === "node.started");
    expect(begun?.time.localeCompare(ended?.time ?? "")).toBe(1);
  });

  test("of which one writes into a folder that the other reads: what the plan saw is gone", async () => {
    const { warned, second } = await runBoth(start(writing), () => start({ pipeline: "read_folder" }, "all"));
    expect(warned).toMatchObject({ message: expect.stringContaining("which writes") });
    expect(second.exitCode).toBe(1);
    expect(second.stdout).toContain("changed 'table.txt'");
  });

  test("of which one reads what the other writes: the reader has what it was until it has ended", async () => {
    const reading = start({ pipeline: "read", params: { gate } }, "all");
    const { warned, first, second } = await runBoth(reading, () => start({ pipeline: "write" }));
    expect(warned).toMatchObject({ message: expect.stringContaining("which reads") });
    expect([first.exitCode, second.exitCode]).toEqual([0, 0]);
  });

  test("of which the first is killed: the second goes on", async () => {
    const first = start(writing);
    await first.event("node.started");
    const second = start({ pipeline: "write" });
    await second.event("run.warned");
    first.signal("SIGKILL");
    // The run that it had begun is let to its end by its worker.
    writeFileSync(gate, "");
    expect((await second.result).exitCode).toBe(0);
    await first.result;
  });

  test("of which the second is stopped while it waits", async () => {
    const first = start(writing);
    await first.event("node.started");
    const second = start({ pipeline: "write" });
    await second.event("run.warned");
    second.signal("SIGINT");
    expect((await second.result).exitCode).toBe(130);
    writeFileSync(gate, "");
    expect((await first.result).exitCode).toBe(0);
  });
});
