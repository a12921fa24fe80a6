import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openSession } from "../../../src/compose/session/open-session.ts";
import { RunFailedError, type RunHandle } from "../../../src/compose/session/script-run.ts";
import type { ScriptSession } from "../../../src/compose/session/script-session.ts";
import { WorkflowError } from "../../../src/compose/workflow-error.ts";
import type { RunEvent } from "../../../src/core/event/event.ts";
import { env } from "../../../src/define/literal-texts.ts";
import { openSqliteRegistry } from "../../../src/record/sqlite/registry.ts";
import { makeSuiteFolder } from "../../rig/suite-folder.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";
import { findTestPython } from "../../rig/test-python.ts";
import { writeToyProject } from "../../rig/toy-project.ts";

const PIPELINES = `
def prepare(rows):
    return [1] * rows


def train(table, factor):
    if factor < 0:
        raise ValueError(f"a factor of {factor}")
    return {"sum": sum(table) * factor}


def register_pipelines():
    return {
        "data_processing": Pipeline([node(prepare, "params:rows", "table", name="prepare")]),
        "keeping": Pipeline([node(lambda words: words, "params:words", "kept", name="keep")]),
        "data_science": Pipeline([node(train, ["table", "params:factor"], "metrics", name="train")]),
    }
`;

describe("a session of a Kedro project", () => {
  const folder = makeSuiteFolder();
  const registry = join(folder, "state");
  const events: RunEvent[] = [];
  let session: ScriptSession;
  let prep: RunHandle;

  beforeAll(async () => {
    const entries = ["table", "kept"].map(
      (name) => `${name}: { type: json.JSONDataset, filepath: data/${name}.json }\n`,
    );
    const catalog = entries.join("");
    const project = join(folder, "project");
    writeToyProject({ folder: project, pipelines: PIPELINES, catalog, parameters: "rows: 3\nfactor: 2\nwords: []\n" });
    const reporters = [{ onEvent: (event: RunEvent) => events.push(event) }];
    session = await openSession({ project, python: findTestPython(), registry, reporters });
    prep = await session.run({ pipeline: "data_processing", outputs: ["table"] });
  });
  afterAll(() => session.close());

  test("a later run consumes exactly what an earlier one saved", async () => {
    const train = await session.run({ pipeline: "data_science", consumes: { table: prep }, outputs: ["metrics"] });
    expect(train.loadVersions).toMatchObject({ table: prep.runId });
    expect(train.runId).not.toBe(prep.runId);
    expect(prep.outputs.table).toMatchObject({ version: prep.runId });
    expect(JSON.parse(readFileSync(prep.outputs.table?.location ?? "", "utf8"))).toEqual([1, 1, 1]);
    expect(Object.keys(train.outputs)).toEqual(["metrics"]);
  });

  test("runs of one session go on side by side, each with parameters of its own", async () => {
    const factors = [5, 6];
    const runs = factors.map((factor) =>
      session.run({
        name: `times_${factor}`,
        pipeline: "data_science",
        params: { factor },
        consumes: { table: prep },
        outputs: ["metrics"],
      }),
    );
    const handles = await Promise.all(runs);
    expect(handles.map(({ run }) => run)).toEqual(["times_5", "times_6"]);
    expect(new Set(handles.map(({ runId }) => runId)).size).toBe(2);
    const hashes = handles.map(({ outputs }) => outputs.metrics?.hash);
    expect(hashes[0]).not.toBe(hashes[1]);
  });

  test("what a caller passes as a parameter is neither a variable nor an interpolation of the configuration", async () => {
    const words = ["${env:HOME}", "${oc.env:HOME}", "a ${factor} b", env("HOME")];
    const kept = await session.run({ name: "words", pipeline: "keeping", params: { words }, outputs: ["kept"] });
    const literal = JSON.parse(readFileSync(kept.outputs.kept?.location ?? "", "utf8"));
    expect(literal).toEqual([...words.slice(0, 3), process.env.HOME]);
  });

  test("a run that fails rejects with its exception, and the session goes on", async () => {
    const failing = session.run({ pipeline: "data_science", params: { factor: -1 }, consumes: { table: prep } });
    const error = await failing.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RunFailedError);
    expect(error).toMatchObject({
      exception: { type: "ValueError", message: "a factor of -1", node: "train" },
      record: { status: "failed", outputs: {} },
    });
    const after = await session.run({ pipeline: "data_science", consumes: { table: prep }, outputs: ["metrics"] });
    expect(after.loadVersions).toMatchObject({ table: prep.runId });
  });

  test("a run that can't be planned rejects with its problems, and nothing of it is on record", async () => {
    const wrong = session.run({ name: "wrong", pipeline: "data_sciense" });
    const error = await wrong.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(WorkflowError);
    expect((error as WorkflowError).problems).toMatchObject([{ code: "unknown-pipeline" }]);
    expect(events.some((event) => "run" in event && event.run === "wrong")).toBe(false);
  });

  test("closing tells how it went; the registry knows the same, and reporters were told everything on record", async () => {
    const record = await session.close();
    expect(record.status).toBe("failed");
    expect(record.runs.map(({ status }) => status).toSorted()).toEqual([
      "failed",
      ...Array.from({ length: 6 }, () => "success"),
    ]);
    await expect(session.run({ pipeline: "data_processing" })).rejects.toThrow("the session is closed");
    const stored = openSqliteRegistry(join(registry, "registry.sqlite"), { readOnly: true });
    expect(stored.findSession(session.sessionId)).toEqual(record);
    expect([...stored.events(session.sessionId)]).toEqual(events);
    stored.close();
  });
});

describe("a session of commands", () => {
  test("takes a name twice, orders by needs, and passes a dataset on under another name", async () => {
    await using session = await openSession({ registry: join(makeTemporaryFolder(), "state") });
    const write = { command: ["sh", "-c", 'echo hello > "$0"', `\${outputs.text.path}`], outputs: ["text"] } as const;
    const first = await session.run(write);
    const second = await session.run({ ...write, needs: [first] });
    expect([first.run, second.run]).toEqual(["sh", "sh_2"]);
    const read = await session.run({
      command: ["grep", "hello", `\${inputs.words.path}`],
      consumes: { words: { run: second, dataset: "text" } },
    });
    expect(read.loadVersions).toEqual({ words: second.runId });
  });

  test("takes files, values and runs of earlier sessions, each as it was when its run was planned", async () => {
    const folder = makeTemporaryFolder();
    const registry = join(folder, "state");
    const raw = join(folder, "raw.txt");
    const read = (handle: RunHandle) => readFileSync(handle.outputs.copy?.location ?? "", "utf8");
    const copy = { command: ["cp", `\${inputs.text.path}`, `\${outputs.copy.path}`], outputs: ["copy"] } as const;
    await using earlier = await openSession({ registry });
    writeFileSync(raw, "of a file");
    const first = await earlier.run({ ...copy, consumes: { text: { file: raw } } });
    rmSync(raw);
    const second = await earlier.run({ ...copy, consumes: { text: { run: first, dataset: "copy" } } });
    expect([read(first), read(second)]).toEqual(["of a file", "of a file"]);
    expect(first.loadVersions.text).toMatch(/^file-[0-9a-f]{16}$/);
    await using session = await openSession({ registry });
    const third = await session.run({ ...copy, consumes: { text: { run_id: second.runId, dataset: "copy" } } });
    expect([read(third), third.loadVersions.text]).toEqual(["of a file", second.runId]);
    const fourth = await session.run({ ...copy, consumes: { text: { value: { of: ["a script"] } } } });
    expect(JSON.parse(read(fourth))).toEqual({ of: ["a script"] });
    const missing = session.run({ ...copy, consumes: { text: { file: raw } } });
    await expect(missing).rejects.toMatchObject({ problems: [{ code: "input-missing" }] });
  });

  test("gives what callers pass to the run as it is, and only env() is the value of a variable", async () => {
    await using session = await openSession({ registry: join(makeTemporaryFolder(), "state") });
    const passed = ["${env:HOME}", "${HOME}", "$${env:HOME}", "${matrix.x}", "${x"];
    const copy = 'printf "%s\\n" "$@" "$V" > "$0"';
    const word = await session.run({
      command: ["sh", "-c", copy, "${outputs.text.path}", ...passed, `<${env("HOME")}>`],
      environment: { V: "${env:HOME}" },
      outputs: ["text"],
    });
    const lines = readFileSync(word.outputs.text?.location ?? "", "utf8")
      .trimEnd()
      .split("\n");
    expect(lines).toEqual([...passed, `<${process.env.HOME}>`, "${env:HOME}"]);
    await session.run({ command: "test '${env:HOME}' = \"$V\"", shell: true, environment: { V: "${env:HOME}" } });
  });

  test("hands out what a run measured of itself", async () => {
    await using session = await openSession({ registry: join(makeTemporaryFolder(), "state") });
    const measured = await session.run({ command: `echo '{"r2": 0.5}' > "$RUNWEAVE_METRICS"`, shell: true });
    expect(measured.metrics).toEqual({ r2: 0.5 });
    expect((await session.run({ command: ["true"] })).metrics).toBeNull();
  });

  test("its signal cancels what is under way", async () => {
    const stop = new AbortController();
    const onEvent = (event: RunEvent) => event.type === "run.started" && stop.abort();
    const session = await openSession({
      registry: join(makeTemporaryFolder(), "state"),
      signal: stop.signal,
      reporters: [{ onEvent }],
    });
    const error = await session.run({ command: ["sleep", "600"] }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: "RunFailedError", record: { status: "cancelled" } });
    expect((await session.close()).status).toBe("cancelled");
  });
});
