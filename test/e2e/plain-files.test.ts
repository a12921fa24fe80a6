import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, beforeEach, expect, test } from "vitest";
import type { RunEvent } from "../../src/core/event/event.ts";
import { runCli, runEvents, runJson } from "../rig/cli.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";
import { findTestPython } from "../rig/test-python.ts";
import { writeToyProject } from "../rig/toy-project.ts";
import { hashFile } from "../rig/tree-hashes.ts";

/** `edit` changes a file that the catalog does not say it writes. */
const PIPELINES = `
def edit(path, text):
    with open(path, "w") as file:
        file.write(text)
    return text


def register_pipelines():
    return {
        "copy": Pipeline([node(lambda raw: raw, "raw", "table", name="copy")]),
        "edit": Pipeline([node(edit, ["params:path", "params:text"], "note", name="edit")]),
        "edit_own": Pipeline([node(lambda raw, path, text: edit(path, text), ["raw", "params:path", "params:text"], "note", name="edit_own")]),
    }
`;

const CATALOG = `
raw: { type: text.TextDataset, filepath: data/raw.txt }
table: { type: text.TextDataset, filepath: data/table.txt }
note: { type: text.TextDataset, filepath: data/note.txt }
`;

const folder = makeSuiteFolder();
const project = join(folder, "project");
const raw = join(project, "data/raw.txt");

beforeAll(() => {
  const files = { "data/raw.txt": "one" };
  const parameters = `path: ${raw}\ntext: two\n`;
  writeToyProject({ folder: project, pipelines: PIPELINES, catalog: CATALOG, parameters, files });
});

beforeEach(() => writeFileSync(raw, "one"));

function writeWorkflow(runs: Record<string, unknown>, more: Record<string, unknown> = {}): string {
  const file = join(folder, "workflow.json");
  writeFileSync(file, JSON.stringify({ project, python: findTestPython(), ...more, runs }));
  return file;
}

const startedNodes = (events: readonly RunEvent[]) =>
  events.flatMap((event) => (event.type === "node.started" ? [event.node] : []));
const findFailure = (events: readonly RunEvent[]) => events.find((event) => event.type === "run.failed");

test("a file that is only read is pinned to its content, down to which `why` leads", async () => {
  const runs = { prep: { pipeline: "copy", outputs: ["table"] } };
  const { exitCode, events } = await runEvents(writeWorkflow(runs));
  const hash = hashFile(raw);
  expect(exitCode).toBe(0);
  const resolved = events.find((event) => event.type === "run.resolved");
  const pin = { dataset: "raw", rule: "plain", from_dataset: raw, version: `file-${hash.slice(0, 16)}` };
  expect(resolved).toMatchObject({ pins: expect.arrayContaining([expect.objectContaining(pin)]) });
  const { value } = await runJson<{ chain: unknown[] }>(["why", "raw", "prep"], { cwd: folder });
  expect(value.chain).toMatchObject([{ pin, hash: `sha256:${hash}`, writer: null }]);
  const { stdout } = await runCli(["plan", join(folder, "workflow.json")]);
  expect(stdout).toContain(`raw  from  the project  file-${hash.slice(0, 16)}`);
});

test("one that changes after the plan was made fails the run before anything of it is executed", async () => {
  const runs = { edit: { pipeline: "edit" }, prep: { pipeline: "copy", needs: ["edit"], outputs: ["table"] } };
  const { exitCode, events } = await runEvents(writeWorkflow(runs));
  expect(exitCode).toBe(1);
  expect(startedNodes(events)).toEqual(["edit"]);
  const failure = findFailure(events);
  expect(failure).toMatchObject({ run: "prep", exception: { type: "InputChanged" } });
  expect(JSON.stringify(failure)).toContain(`${raw} is sha256:${hashFile(raw)} (3 bytes) now`);
});

test("one that changes under the run fails it: nobody knows which of the two was read", async () => {
  const { exitCode, events } = await runEvents(writeWorkflow({ prep: { pipeline: "edit_own" } }));
  expect(exitCode).toBe(1);
  expect(startedNodes(events)).toEqual(["edit_own"]);
  expect(findFailure(events)).toMatchObject({
    exception: { type: "InputChanged", message: expect.stringContaining("`floating`") },
  });
});

test("what floats may change, and why says that it floats", async () => {
  const runs = { edit: { pipeline: "edit" }, prep: { pipeline: "copy", needs: ["edit"], outputs: ["table"] } };
  expect((await runEvents(writeWorkflow(runs, { floating: ["raw"] }))).exitCode).toBe(0);
  for (const words of [
    ["why", "raw", "prep"],
    ["why", "raw@prep", "--not", "2026"],
  ]) {
    const { exitCode, stderr } = await runCli(words, { cwd: folder });
    expect([exitCode, stderr]).toEqual([2, expect.stringMatching(/^error\[floating\] {2}"raw" is floating: prep /)]);
  }
});

test("what a command may have written is read as it left it", async () => {
  const fetch = { command: ["sh", "-c", 'printf fetched > "$1"', "sh", raw] };
  const runs = { fetch, prep: { pipeline: "copy", needs: ["fetch"], outputs: ["table"] } };
  const { exitCode, events } = await runEvents(writeWorkflow(runs));
  expect(exitCode).toBe(0);
  const saved = events.find((event) => event.type === "run.succeeded" && event.run === "prep");
  expect(saved).toMatchObject({ outputs: { table: { bytes: "fetched".length } } });
});
