import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { RunEvent } from "../../src/core/event/event.ts";
import type { RunRecord, SessionRecord } from "../../src/core/run.ts";
import { runCli, runEvents, runJson } from "../rig/cli.ts";
import { MarkedProcesses } from "../rig/marked-processes.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";
import { findTestPython } from "../rig/test-python.ts";
import { writeToyProject } from "../rig/toy-project.ts";
import { hashFile } from "../rig/tree-hashes.ts";

const folder = makeSuiteFolder();
const file = join(folder, "workflow.json");
const at = ["--registry", join(folder, "state")];

const PIPELINES = `
import os
import signal
import sys
import time


def fine():
    return "good"


def raises():
    raise ValueError("no such luck")


def raises_otherwise():
    raise KeyError("something else")


def exits():
    os._exit(5)


def leaves():
    sys.exit(4)


def is_killed():
    os.kill(os.getpid(), signal.SIGKILL)


def prints():
    os.write(1, b'{"type":"node.finished","node":"forged","duration_ms":1}\\n' + bytes(range(256)) * 50)
    os.write(2, b"\\xff\\xfe no text\\n")
    return "good"


def forks():
    if os.fork() == 0:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(600)
    return "good"


def forks_on():
    if os.fork() == 0:
        return "of a copy"
    return "good"


def outlives_a_copy():
    copy = os.fork()
    if copy == 0:
        raise ValueError("of a copy")
    os.waitpid(copy, 0)
    return "good"


def gives_a_lambda():
    return lambda: None


def passes_on(text):
    return text + ", indeed"


def single(func, inputs, outputs):
    return Pipeline([node(func, inputs, outputs, name=func.__name__)])


def register_pipelines():
    writers = [fine, raises, raises_otherwise, exits, leaves, is_killed, prints, forks, forks_on, outlives_a_copy]
    pipelines = {func.__name__: single(func, None, "text") for func in writers}
    pipelines["gives_a_lambda"] = single(gives_a_lambda, None, "thing")
    pipelines["passes_on"] = single(passes_on, "text", "more_text")
    pipelines["__default__"] = pipelines["fine"]
    return pipelines
`;

const CATALOG = `
text: { type: text.TextDataset, filepath: data/text.txt }
more_text: { type: text.TextDataset, filepath: data/more_text.txt }
`;

const FAULTS = ["raises", "raises_otherwise", "exits", "leaves", "is_killed", "gives_a_lambda"];
const SURVIVED = ["fine", "prints", "forks", "outlives_a_copy"];

const READ = [...FAULTS.slice(0, 3), ...SURVIVED, "forks_on"];
const writer = (name: string) => ({ pipeline: name, outputs: [name === "gives_a_lambda" ? "thing" : "text"] });
const reader = (name: string) => ({ pipeline: "passes_on", consumes: { text: name }, outputs: ["more_text"] });

const WORKFLOW = {
  project: "project",
  python: findTestPython(),
  on_failure: "continue",
  max_parallel: 2,
  runs: {
    ...Object.fromEntries([...FAULTS, ...SURVIVED, "forks_on"].map((name) => [name, writer(name)])),
    ...Object.fromEntries(READ.map((name) => [`after_${name}`, reader(name)])),
    threads: { ...reader("fine"), runner: "ThreadRunner" },
    processes: { ...reader("fine"), runner: "ParallelRunner" },
  },
};

const marked = new MarkedProcesses();
let exitCode: number | null;
let events: RunEvent[];
let runs: Map<string, RunRecord>;

beforeAll(async () => {
  writeToyProject({ folder: join(folder, "project"), pipelines: PIPELINES, catalog: CATALOG });
  writeFileSync(file, JSON.stringify(WORKFLOW));
  ({ exitCode, events } = await runEvents(file, { args: at, env: marked.environment }));
  const { value } = await runJson<SessionRecord>(["show", ...at]);
  runs = new Map(value.runs.map((run) => [run.run, run]));
});

const readOutput = (run: string, dataset: string) =>
  readFileSync(runs.get(run)?.outputs[dataset]?.location ?? "nowhere", "utf8");

describe("nodes that go wrong, in one session of one project", () => {
  test("exits with 1, and leaves no process behind", async () => {
    expect(exitCode).toBe(1);
    expect(events.at(-1)).toMatchObject({ type: "session.finished", status: "failed" });
    expect(await marked.remaining()).toEqual([]);
  });

  test.each([
    ["raises", { type: "ValueError", message: "no such luck", node: "raises" }],
    [
      "raises_otherwise",
      { type: "KeyError", message: expect.stringContaining("something else"), node: "raises_otherwise" },
    ],
    ["exits", { message: expect.stringContaining("exit code 5") }],
    ["leaves", { type: "SystemExit", message: "4" }],
    ["is_killed", { message: expect.stringContaining("SIGKILL") }],
    ["gives_a_lambda", { message: expect.stringMatching(/pickle/i) }],
  ])("%s fails with an exception of its own, and has no outputs", (run, exception) => {
    expect(runs.get(run)).toMatchObject({ status: "failed", exception, outputs: {} });
  });

  test("a node's exception comes with its traceback", () => {
    expect(runs.get("raises")?.exception?.traceback).toContain("pipeline_registry.py");
  });

  test.each(FAULTS.slice(0, 3))("what consumes the output of %s is skipped", (run) => {
    expect(runs.get(`after_${run}`)).toMatchObject({ status: "skipped", reason: expect.stringContaining(run) });
  });

  test.each(SURVIVED)("%s succeeds, and its consumer reads what it saved", (run) => {
    expect(runs.get(run)).toMatchObject({ status: "success", exception: null });
    expect(readOutput(run, "text")).toBe("good");
    expect(runs.get(`after_${run}`)?.load_versions).toMatchObject({ text: runs.get(run)?.run_id });
    expect(readOutput(`after_${run}`, "more_text")).toBe("good, indeed");
  });

  test.each(["threads", "processes"])("Kedro's runner of %s reads and saves the same, and tells of its node", (run) => {
    expect(runs.get(run)).toMatchObject({ status: "success", load_versions: { text: runs.get("fine")?.run_id } });
    expect(readOutput(run, "more_text")).toBe("good, indeed");
    const nodes = events.filter((event) => event.type === "node.finished" && event.run === run);
    expect(nodes).toMatchObject([{ node: "passes_on" }]);
  });

  test("a node that forks and goes on twice: what is on record is on disk, and what its consumer read", () => {
    const { status, outputs } = runs.get("forks_on") ?? {};
    if (status !== "success") return expect(outputs).toEqual({});
    expect(outputs?.text?.hash).toBe(`sha256:${hashFile(outputs?.text?.location ?? "nowhere")}`);
    expect(readOutput("after_forks_on", "more_text")).toBe(`${readOutput("forks_on", "text")}, indeed`);
  });

  test("how a forked copy of the run ends is no event of the run", () => {
    const own = events.filter((event) => "run" in event && event.run === "outlives_a_copy").map(({ type }) => type);
    expect(own).not.toContain("node.failed");
    expect(own.filter((type) => type === "node.finished")).toHaveLength(1);
  });

  test("what a node prints is no event, and is in the run's log", async () => {
    const nodes = events.filter((event) => event.type === "node.finished" && event.run === "prints");
    expect(nodes).toMatchObject([{ node: "prints" }]);
    expect((await runCli(["logs", "prints", ...at])).stdout).toContain("forged");
  });
});

describe("a workflow that asks for what the project does not have", () => {
  test("every problem at once, with its place and a suggestion", async () => {
    const wrong = `
project: project
python: ${findTestPython()}
runs:
  a: { pipeline: fin, outputs: [text] }
  b: { pipeline: fine, nodes: [fien] }
  c: { pipeline: fine, outputs: [txet] }
  d: { pipeline: fine, outputs: [text] }
  e: { pipeline: passes_on, consumes: { txt: { run: d, dataset: text } } }
`;
    writeFileSync(join(folder, "wrong.yaml"), wrong);
    const { exitCode: code, value } = await runJson<{
      problems: { severity: string; line: number; hint: string | null }[];
    }>(["validate", "wrong.yaml"], { cwd: folder });
    expect(code).toBe(2);
    const told = value.problems.flatMap(({ severity, line, hint }) => (severity === "error" ? [[line, hint]] : []));
    // Of one line the first, as a reader has it.
    const hints = Object.fromEntries(told.toReversed());
    expect(hints).toMatchObject({
      5: expect.stringMatching(/fine/),
      6: expect.stringMatching(/fine/),
      7: expect.stringContaining('"text"'),
      9: expect.stringContaining('"text"'),
    });
  });
});
