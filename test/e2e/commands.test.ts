import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { RunEvent, SessionFinished } from "../../src/core/event/event.ts";
import type { RunRecord, SessionRecord } from "../../src/core/run.ts";
import { runCli, runEvents, runJson, runList } from "../rig/cli.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";

const folder = makeSuiteFolder();
const registry = join(folder, "state");
const file = join(folder, "commands/workflow.yaml");
const at = ["--registry", registry];
const RUNS = ["measure", "summarise", "pack", "check"];
let exitCode: number | null;
let events: RunEvent[];
let finished: SessionFinished;

beforeAll(async () => {
  cpSync(join(import.meta.dirname, "../../workflows/commands"), join(folder, "commands"), { recursive: true });
  ({ exitCode, events } = await runEvents(file, { args: at }));
  finished = events.at(-1) as SessionFinished;
});

const idOf = (run: string) => finished.runs.find((outcome) => outcome.run === run)?.run_id ?? "none";

describe("run --json", () => {
  test("ends with session.finished, and exits with 0", () => {
    expect(exitCode).toBe(0);
    expect(finished).toMatchObject({
      type: "session.finished",
      status: "success",
      runs: RUNS.map((run) => ({ run, status: "success" })),
    });
    expect(events.filter(({ type }) => type === "session.finished")).toHaveLength(1);
  });

  test("begins with the session, and tells every attempt from its resolution to its end", () => {
    expect(events[0]).toMatchObject({ type: "session.started", workflow: "commands", workflow_file: file });
    for (const run of RUNS) {
      const own = events.filter((event) => "run" in event && event.run === run).map(({ type }) => type);
      const metrics = run === "summarise" ? ["metrics.reported"] : [];
      expect(own).toEqual(["run.resolved", "run.started", ...metrics, "run.succeeded"]);
    }
  });

  test("every event names its session and its time", () => {
    for (const event of events) {
      expect(event.session_id).toBe(finished.session_id);
      expect(event.time).toMatch(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/);
    }
  });

  test("what a run consumed is pinned to the run_id of its writer", () => {
    const check = finished.runs.find(({ run }) => run === "check");
    expect(check?.load_versions).toEqual({ archive: idOf("pack"), readings: idOf("measure") });
  });
});

describe("lineage --format", () => {
  test.each([
    ["a session", () => [finished.session_id]],
    ["--session", () => ["--session", "latest"]],
    ["a run of it", () => ["check", "--session", "latest"]],
  ])("ro-crate: of %s", async (_, which) => {
    const { stdout } = await runCli(["lineage", ...which(), "--format", "ro-crate", ...at]);
    const crate = JSON.parse(stdout) as { "@graph": { "@type": string | string[]; "@id": string }[] };
    const actions = crate["@graph"].filter((entity) => entity["@type"] === "CreateAction");
    expect(actions).toMatchObject([{ "@id": `#session-${finished.session_id}` }]);
  });

  test("openlineage: each run of a session begins and completes", async () => {
    const { stdout } = await runCli(["lineage", "--session", "latest", "--format", "openlineage", ...at]);
    const told = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(told.map(({ job, eventType }) => `${job.name} ${eventType}`)).toEqual(
      RUNS.flatMap((run) => [`${run} START`, `${run} COMPLETE`]),
    );
  });

  test("without a run or a session it says which to name", async () => {
    const { exitCode, stderr } = await runCli(["lineage", "--format", "ro-crate", ...at]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("name a run or a session, such as `latest`");
  });
});

describe("validate and plan", () => {
  test("a valid file has no problems", async () => {
    expect(await runJson(["validate", file])).toMatchObject({ exitCode: 0, value: { ok: true, problems: [] } });
  });

  test("plan --json lists the runs in an order that can be executed", async () => {
    const { value } = await runJson<{ runs: { run: string; needs: string[]; kind: string }[] }>(["plan", file]);
    const order = value.runs.map(({ run }) => run);
    expect(order.toSorted()).toEqual(RUNS.toSorted());
    for (const { run, needs } of value.runs)
      for (const need of needs) expect(order.indexOf(need)).toBeLessThan(order.indexOf(run));
    expect(value.runs.find(({ run }) => run === "check")).toEqual({
      run: "check",
      kind: "command",
      needs: ["measure", "summarise", "pack"],
      consumes: { archive: { run: "pack", dataset: "archive" }, readings: { run: "measure", dataset: "readings" } },
      load_versions: { archive: null, readings: null },
    });
  });

  test("plan --mermaid and --dot draw every edge", async () => {
    const { stdout: mermaid } = await runCli(["plan", file, "--mermaid"]);
    expect(mermaid).toMatch(/^(flowchart|graph) /m);
    const { stdout: dot } = await runCli(["plan", file, "--dot"]);
    expect(dot).toMatch(/^digraph /m);
    expect(dot.match(/->/g)).toHaveLength(5);
    for (const run of RUNS) {
      expect(mermaid).toContain(run);
      expect(dot).toContain(run);
    }
  });

  test("plan leaves nothing behind", async () => {
    const text = "runs: { a: { command: [touch, made] } }\n";
    writeFileSync(join(folder, "alone.yaml"), text);
    expect((await runCli(["plan", "alone.yaml"], { cwd: folder })).exitCode).toBe(0);
    const { exitCode: missing, stderr } = await runCli(["show"], { cwd: folder });
    expect(missing).toBe(2);
    expect(stderr).toContain("error[no-registry]");
  });
});

describe("questions to the registry", () => {
  test("show --json prints the whole record of a session", async () => {
    const { value } = await runJson<SessionRecord>(["show", finished.session_id, ...at]);
    expect(value).toMatchObject({ session_id: finished.session_id, workflow: "commands", status: "success" });
    expect(value.runs.map(({ run }) => run)).toEqual(RUNS);
    const measure = value.runs[0];
    expect(measure).toMatchObject({
      run: "measure",
      run_id: idOf("measure"),
      attempt: 1,
      status: "success",
      env: null,
      runtime_params: {},
      pipeline_names: [],
      exception: null,
      node_durations_ms: {},
      reason: null,
    });
    const readings = measure?.outputs.readings;
    expect(readings).toMatchObject({ version: idOf("measure"), hash: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) });
    expect(readFileSync(readings?.location ?? "").byteLength).toBe(readings?.bytes);
    expect(Date.parse(measure?.end_time ?? "")).toBeGreaterThanOrEqual(Date.parse(measure?.start_time ?? ""));
  });

  test.each([
    ["the newest session without an id", []],
    ["by the beginning of its id", () => [finished.session_id.slice(0, -3)]],
    ["by the run_id of one of its runs", () => [idOf("pack")]],
  ])("show finds %s", async (_, args) => {
    const words = typeof args === "function" ? args() : args;
    const { value } = await runJson<SessionRecord>(["show", ...words, ...at]);
    expect(value.session_id).toBe(finished.session_id);
  });

  test.each([
    ["nothing", [], RUNS.length],
    ["--workflow", ["--workflow", "commands"], RUNS.length],
    ["another --workflow", ["--workflow", "other"], 0],
    ["--status", ["--status", "success"], RUNS.length],
    ["another --status", ["--status", "failed"], 0],
    ["--session", ["--session", "latest"], RUNS.length],
    ["an age", ["--since", "1h"], RUNS.length],
    ["a time to come", ["--since", "2999-01-01"], 0],
    ["--limit", ["--limit", "2"], 2],
  ])("runs --json filtered by %s", async (_, args, count) => {
    const { value } = await runList<RunRecord>(["runs", ...args, ...at]);
    expect(value).toHaveLength(count);
    // Two runs that were resolved in one millisecond may start in either order.
    const starts = value.map(({ start_time }) => start_time ?? "");
    expect(starts).toEqual(starts.toSorted().reverse());
  });

  test("runs --json prints the records that show prints", async () => {
    const { value: runs } = await runList<RunRecord>(["runs", ...at]);
    const { value: session } = await runJson<SessionRecord>(["show", ...at]);
    const byRun = (left: RunRecord, right: RunRecord) => left.run.localeCompare(right.run);
    expect(runs.toSorted(byRun)).toEqual(session.runs.toSorted(byRun));
  });

  test("logs prints what a run printed, by its name or its run_id", async () => {
    const byName = await runCli(["logs", "summarise", ...at]);
    expect(byName.stdout).toContain("365 days between");
    expect((await runCli(["logs", idOf("summarise"), ...at])).stdout).toBe(byName.stdout);
  });

  test("lineage names every ancestor", async () => {
    const { stdout } = await runCli(["lineage", "check", ...at]);
    for (const run of ["check", "pack", "measure"]) expect(stdout).toContain(run);
    expect(stdout).not.toContain("summarise");
  });

  test("sessions --json lists the session", async () => {
    const { value } = await runList<SessionRecord>(["sessions", ...at]);
    expect(value.map(({ session_id, status }) => ({ session_id, status }))).toEqual([
      { session_id: finished.session_id, status: "success" },
    ]);
  });

  test.each([
    ["show", ["show", "nothing-like-it"], "unknown-run"],
    ["show of a session", ["show", "1999"], "unknown-session"],
    ["logs", ["logs", "nothing-like-it"], "unknown-run"],
    ["lineage", ["lineage", "nothing-like-it"], "unknown-run"],
    ["lineage of more than one", ["lineage", "2"], "ambiguous-id"],
  ])("%s: an id that names nothing, or too much, is a usage error that says what to do", async (_, args, code) => {
    const { exitCode: code2, stderr, stdout } = await runCli([...args, ...at]);
    expect(code2).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toContain(`error[${code}]`);
    expect(stderr).toContain("hint:");
  });
});
