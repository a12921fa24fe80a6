import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { executeWorkflow, runWorkflow } from "../../../src/compose/actions/run-workflow.ts";
import { openSession } from "../../../src/compose/session/open-session.ts";
import type { ScriptRun } from "../../../src/compose/session/script-run.ts";
import { RunFailedError } from "../../../src/compose/session/script-run.ts";
import { WorkflowError } from "../../../src/compose/workflow-error.ts";
import { SessionLostError } from "../../../src/core/error/registry-error.ts";
import type { RunEvent } from "../../../src/core/event/event.ts";
import { formatTime, systemClock } from "../../../src/core/port/clock.ts";
import type { SessionRecord } from "../../../src/core/run.ts";
import type { Run, Workflow } from "../../../src/define/define-workflow.ts";
import { identifyOwner } from "../../../src/processes/host.ts";
import { openSqliteRegistry } from "../../../src/record/sqlite/registry.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";
import { findTestPython } from "../../rig/test-python.ts";
import { writeToyProject } from "../../rig/toy-project.ts";

/** One run, named `it`, and what holds for its session. */
interface Case {
  folder: string;
  run: Run;
  header?: Omit<Workflow, "runs" | "publish" | "on_failure">;
  /** Datasets that are published; a script publishes nothing. */
  publish?: string[];
  signal?: AbortSignal;
  /** Told of each event once it is on record. */
  onEvent?(event: RunEvent): void;
}

/** Each way leads the same run through a session. Rejects if there is none, or it is lost. */
type Way = (given: Case) => Promise<SessionRecord>;

const stateOf = (folder: string) => join(folder, "state");

async function follow(workflow: Workflow | string, { folder, onEvent, signal }: Case): Promise<SessionRecord> {
  const run = runWorkflow(workflow, { registry: stateOf(folder), ...(signal === undefined ? {} : { signal }) });
  const events = (async () => {
    for await (const event of run) onEvent?.(event);
  })();
  await Promise.allSettled([events]);
  return await run.result;
}

function toWorkflow({ header, publish = [], run }: Case): Workflow {
  return { name: "script", ...header, publish, runs: { it: run } };
}

/** Ways that lead a whole workflow: with publication, and with matrices. */
const WHOLE_WAYS: Readonly<Record<string, Way>> = {
  "a workflow file": async (given) => {
    const file = join(given.folder, "workflow.json");
    writeFileSync(file, JSON.stringify(toWorkflow(given)));
    return await follow(file, given);
  },
  "a workflow in TypeScript": async (given) => await follow(toWorkflow(given), given),
  "an action": async (given) => {
    const { folder, onEvent, signal } = given;
    const reporters = onEvent === undefined ? [] : [{ onEvent }];
    const request = { workflow: toWorkflow(given) };
    return (await executeWorkflow({ registry: stateOf(folder) }, request, { reporters, interrupt: signal })).record;
  },
};

const WAYS: Readonly<Record<string, Way>> = {
  ...WHOLE_WAYS,
  "a script": async ({ folder, header, run, onEvent, signal }) => {
    const reporters = onEvent === undefined ? [] : [{ onEvent }];
    const session = await openSession({ ...header, registry: stateOf(folder), reporters, ...(signal && { signal }) });
    try {
      await session.run({ ...run, name: "it" } as unknown as ScriptRun);
    } catch (error) {
      if (!(error instanceof RunFailedError)) {
        await session.close().catch(() => {});
        throw error;
      }
    }
    return await session.close();
  },
};

const ID = /\d{4}-\d{2}-\d{2}T\d{2}\.\d{2}\.\d{2}\.\d{3}Z-[0-9a-f]+/g;

const TIME = /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z/g;

/** A run's record without what differs from session to session. */
function tell({ status, runs }: SessionRecord) {
  return {
    status,
    runs: runs.map(({ run, status, attempt, reason, warnings, outputs, exception }) => {
      const hashes = Object.entries(outputs).map(([dataset, { hash, bytes }]) => ({ dataset, hash, bytes }));
      const told = { run, status, attempt, reason, warnings, hashes, failure: exception?.type ?? null };
      return JSON.parse(
        JSON.stringify(told)
          .replaceAll(ID, "ID")
          .replaceAll(TIME, "TIME")
          .replaceAll(/\/tmp\/[\w-]+/g, "FOLDER"),
      );
    }),
  };
}

/** By scenario, then by way: what came of it. */
const told = new Map<string, Map<string, unknown>>();

function remember(scenario: string, way: string, record: SessionRecord): void {
  told.set(scenario, (told.get(scenario) ?? new Map<string, unknown>()).set(way, tell(record)));
}

const write = (text: string): Run => ({
  command: ["sh", "-c", `echo run >> starts; echo ${text} > "$0"`, "${outputs.text.path}"],
  outputs: ["text"],
});

const starts = (folder: string) => readFileSync(join(folder, "starts"), "utf8").trim().split("\n").length;

describe.each(Object.entries(WAYS))("by %s", (name, way) => {
  const inFolder = () => {
    const folder = makeTemporaryFolder();
    return { folder, header: { defaults: { cwd: folder } } };
  };

  test("what may be reused is: the default of the whole is heard", async () => {
    const { folder, header } = inFolder();
    const given = { folder, header: { defaults: { ...header.defaults, cache: "on" as const } }, run: write("same") };
    const first = await way(given);
    const second = await way(given);
    expect([first, second].map(({ runs }) => runs.map(({ status }) => status))).toEqual([["success"], ["reused"]]);
    expect(second.runs[0]?.outputs).toEqual(first.runs[0]?.outputs);
    expect(starts(folder)).toBe(1);
    remember("cache", name, second);
  });

  test("a run that takes more than there is, is refused before it starts", async () => {
    const { folder, header } = inFolder();
    const given = {
      folder,
      header: { ...header, resources: { gpu: 1 } },
      run: { ...write("it"), resources: { gpu: 2 } },
    };
    const error = await way(given).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(WorkflowError);
    expect((error as WorkflowError).problems).toMatchObject([{ code: "resources-exceeded" }]);
    expect(existsSync(join(folder, "starts"))).toBe(false);
  });

  test("a tainted version that the project has as its newest is refused", async () => {
    const folder = makeTemporaryFolder();
    const project = writeToyProject({
      folder: join(folder, "project"),
      catalog: "table: { type: json.JSONDataset, filepath: data/table.json, versioned: true }\n",
      pipelines: `
def register_pipelines():
    make = Pipeline([node(lambda: {"rows": 1}, None, "table", name="make")])
    read = Pipeline([node(lambda table: str(table), "table", "text", name="read")])
    return {"make": make, "read": read}
`,
    });
    const kedro = { project, python: findTestPython() };
    const made = await way({ folder, header: { isolate: "none" }, run: { ...kedro, pipeline: "make" } });
    const [{ run_id, session_id } = { run_id: null, session_id: null }] = made.runs;
    if (run_id === null || session_id === null) throw new Error("nothing was made");
    const registry = openSqliteRegistry(join(stateOf(folder), "registry.sqlite"));
    const time = formatTime(systemClock.now());
    const by = { user: "tester", host: "here", pid: 1 };
    registry.append([
      { type: "version.tainted", time, session_id, run: "it", run_id, dataset: "table", reason: "wrong", by },
    ]);
    registry.close();
    const error = await way({ folder, run: { ...kedro, pipeline: "read" } }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(WorkflowError);
    expect((error as WorkflowError).problems).toMatchObject([{ code: "version-tainted" }]);
  });

  test("a run is tried again as its policy says", async () => {
    const { folder, header } = inFolder();
    const run: Run = { command: ["sh", "-c", "echo run >> starts; test $(wc -l < starts) -gt 1"], retries: 1 };
    const record = await way({ folder, header, run });
    expect(tell(record)).toMatchObject({ status: "success", runs: [{ status: "success", attempt: 2 }] });
    remember("retries", name, record);
  });

  test("a signal cancels what is under way", async () => {
    const { folder, header } = inFolder();
    const stop = new AbortController();
    const onEvent = ({ type }: RunEvent) => type === "run.started" && stop.abort();
    const record = await way({ folder, header, run: { command: ["sleep", "600"] }, signal: stop.signal, onEvent });
    expect(tell(record)).toMatchObject({ status: "cancelled", runs: [{ status: "cancelled" }] });
    remember("cancel", name, record);
  });

  test("data of a failed run that are to be cleaned up and can't be are told, and the session ends", async () => {
    const { folder, header } = inFolder();
    const run: Run = { command: ["sh", "-c", `echo half > "$0"; exit 3`, "${outputs.text.path}"], outputs: ["text"] };
    const onEvent = ({ type }: RunEvent) =>
      type === "run.started" && writeFileSync(join(stateOf(folder), "trash"), "no folder");
    const record = await way({ folder, header, run: { ...run, cleanup_on_error: "trash" } as Run, onEvent });
    expect(tell(record)).toMatchObject({ status: "failed", runs: [{ status: "failed" }] });
    remember("failed clean-up", name, record);
  });

  test("a session that another process takes over is let go of: it rejects, and nothing is left open", async () => {
    const { folder, header } = inFolder();
    const onEvent = (event: RunEvent) => {
      if (event.type === "run.started") takeOver(folder, event.session_id);
    };
    const run: Run = { command: ["sh", "-c", `echo half > "$0"; exit 3`, "${outputs.text.path}"], outputs: ["text"] };
    const before = process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
    const lost = way({ folder, header, run: { ...run, cleanup_on_error: "trash" } as Run, onEvent });
    await expect(lost).rejects.toThrow(SessionLostError);
    expect(process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length).toBeLessThanOrEqual(before);
  });
});

const HOOKS = `
import json
from kedro.framework.hooks import hook_impl
class Summary:
    @hook_impl
    def after_all_runs(self, status, runs):
        print(json.dumps({"status": status, "runs": [[run["run"], run["status"]] for run in runs]}))
HOOKS = (Summary(),)
`;

/** A project with one pipeline, which makes a table. */
function writeTableProject(folder: string): Run {
  const project = writeToyProject({
    folder: join(folder, "project"),
    catalog: "table: { type: json.JSONDataset, filepath: data/table.json }\n",
    pipelines: `
def register_pipelines():
    return {"make": Pipeline([node(lambda: {"rows": 1}, None, "table", name="make")])}
`,
    settings: HOOKS,
  });
  return { project, python: findTestPython(), pipeline: "make", outputs: ["table"] };
}

describe.each(Object.entries(WAYS))("by %s, with Kedro", (name, way) => {
  test("the project's hooks are told of the session's end", async () => {
    const folder = makeTemporaryFolder();
    const record = await way({ folder, run: writeTableProject(folder) });
    const log = readFileSync(join(stateOf(folder), "logs", `session_${record.session_id}.log`), "utf8");
    const lines = log.split("\n").filter((line) => line.startsWith("{"));
    expect(lines.map((line) => JSON.parse(line))).toEqual([{ status: "success", runs: [["it", "success"]] }]);
    remember("hooks", name, record);
  });
});

describe.each(Object.entries(WHOLE_WAYS))("by %s, as a whole", (name, way) => {
  test("what succeeded is published, once", async () => {
    const folder = makeTemporaryFolder();
    const record = await way({ folder, run: writeTableProject(folder), publish: ["table"] });
    expect(JSON.parse(readFileSync(join(folder, "project/data/table.json"), "utf8"))).toEqual({ rows: 1 });
    remember("publish", name, record);
  });

  test("a matrix is a run for each of its arms", async () => {
    const folder = makeTemporaryFolder();
    const run = { ...write("${matrix.x}"), matrix: { x: [1, 2] } } as Run;
    const record = await way({ folder, header: { defaults: { cwd: folder } }, run });
    expect(record.runs.map(({ run }) => run)).toEqual(["it[x=1]", "it[x=2]"]);
    expect(starts(folder)).toBe(2);
    remember("matrix", name, record);
  });
});

test("the records are the same, whichever way led there", () => {
  for (const [scenario, byWay] of told) {
    const [[first, expected] = ["", null], ...others] = byWay;
    for (const [way, record] of others) expect(record, `${scenario}: ${way} and ${first}`).toEqual(expected);
  }
  expect([...told.keys()].sort()).toEqual([
    "cache",
    "cancel",
    "failed clean-up",
    "hooks",
    "matrix",
    "publish",
    "retries",
  ]);
});

/** Takes a session over, as a process would that finds its owner gone. */
function takeOver(folder: string, session_id: RunEvent["session_id"]): void {
  const registry = openSqliteRegistry(join(stateOf(folder), "registry.sqlite"));
  const time = formatTime(systemClock.now());
  const claim = { owner: identifyOwner(), epoch: 2, lease_until: formatTime(systemClock.now() + 60_000) };
  registry.append([{ type: "session.resumed", time, session_id, command_line: [], claim, runs: [] }]);
  registry.close();
}
