import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { RunEvent } from "../../src/core/event/event.ts";
import type { RunRecord, SessionRecord } from "../../src/core/run.ts";
import { binPath, cliEnvironment, runCli, runEvents, runJson } from "../rig/cli.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";

const folder = makeSuiteFolder();
const file = join(folder, "faults.yaml");
const at = ["--registry", join(folder, "state")];

/** `reads-broken` must never start: what it consumes was written by a run that failed. */
const WORKFLOW = `
on_failure: continue
max_parallel: 4
runs:
  fine:
    command: [sh, -c, 'echo good > "$0"', "\${outputs.data.path}"]
    outputs: [data]
  broken:
    command: [sh, -c, 'echo half > "$0"; echo "first of two" >&2; exit 7', "\${outputs.data.path}"]
    outputs: [data]
  also_broken:
    command: [sh, -c, 'echo "second of two" >&2; exit 8']
  killed:
    command: [sh, -c, 'kill -9 $$']
  absent:
    command: [no-such-program-anywhere]
  unwritten:
    command: ["true"]
    outputs: [promised]
  slow:
    command: [sleep, "600"]
    timeout: 200ms
  reads_broken:
    command: [touch, never]
    consumes: { data: broken }
  after_that:
    command: [touch, never]
    needs: [reads_broken]
  reads_fine:
    command: [grep, good, "\${inputs.data.path}"]
    consumes: { data: fine }
`;

let exitCode: number | null;
let events: RunEvent[];
let runs: Map<string, RunRecord>;

beforeAll(async () => {
  writeFileSync(file, WORKFLOW);
  ({ exitCode, events } = await runEvents(file, { args: at }));
  const { value } = await runJson<SessionRecord>(["show", ...at]);
  runs = new Map(value.runs.map((run) => [run.run, run]));
});

describe("a session in which much goes wrong", () => {
  test("exits with 1 and says so in its last line", () => {
    expect(exitCode).toBe(1);
    expect(events.at(-1)).toMatchObject({ type: "session.finished", status: "failed" });
  });

  test.each([
    ["fine", "success", null],
    ["reads_fine", "success", null],
    ["broken", "failed", /7/],
    ["also_broken", "failed", /8/],
    ["killed", "failed", /SIGKILL/],
    ["absent", "failed", /no-such-program-anywhere/],
    ["unwritten", "failed", /promised/],
    ["slow", "failed", /timeout of 0.2 s/],
  ])("%s: %s, and why", (run, status, message) => {
    const record = runs.get(run);
    expect(record?.status).toBe(status);
    if (message === null) expect(record?.exception).toBeNull();
    else expect(record?.exception?.message).toMatch(message);
  });

  test("each failure keeps its own exception", () => {
    expect(runs.get("broken")?.exception?.traceback).toContain("first of two");
    expect(runs.get("broken")?.exception?.traceback).not.toContain("second of two");
    expect(runs.get("also_broken")?.exception?.traceback).toContain("second of two");
  });

  test("what a failed run wrote is never consumed: its readers are skipped, with the chain to its root", () => {
    for (const run of ["reads_broken", "after_that"]) {
      expect(runs.get(run)).toMatchObject({
        status: "skipped",
        run_id: null,
        reason: expect.stringContaining("broken"),
      });
    }
    const skipped = events.find((event) => event.type === "run.skipped" && event.run === "after_that");
    expect(skipped).toMatchObject({
      chain: [
        { run: "reads_broken", status: "skipped" },
        { run: "broken", status: "failed" },
      ],
    });
    expect(runs.get("broken")?.outputs).toEqual({});
  });

  test("fail-fast starts nothing more after the first failure", async () => {
    const { events: own } = await runEvents(file, {
      args: [...at, "--on-failure", "fail-fast", "--max-parallel", "1"],
    });
    const started = own.filter(({ type }) => type === "run.started");
    const failed = own.findIndex(({ type }) => type === "run.failed");
    expect(failed).toBeGreaterThan(0);
    expect(own.slice(failed).some(({ type }) => type === "run.started")).toBe(false);
    expect(started.length).toBeLessThan(5);
  });
});

describe("what people read", () => {
  test("the summary names each failure, what it printed, and where its log is", async () => {
    const { stdout } = await runCli(["run", file, ...at]);
    for (const run of ["broken", "also_broken", "killed", "absent", "unwritten", "slow"]) expect(stdout).toContain(run);
    expect(stdout).toContain("first of two");
    expect(stdout).toMatch(/run_\S+\.log/);
    expect(stdout).toContain("runweave logs");
  });

  test("logs of a run that never started is a usage error that says why", async () => {
    const result = await runCli(["logs", "reads_broken", ...at]);
    expect(result.exitCode).toBe(2);
    expect(result.stderr).toContain("broken");
  });

  test("nobody reading the progress does not stop the session", async () => {
    const workflow = join(folder, "unread.yaml");
    const many = Array.from({ length: 30 }, (_, n) => `  r${n}: { command: ["true"] }`).join("\n");
    writeFileSync(workflow, `runs:\n${many}\n  last: { command: [touch, reached], needs: [r29] }\n`);
    const line = `"${process.execPath}" "${binPath()}" run unread.yaml --registry unread | head -n 1`;
    execFileSync("sh", ["-c", line], { cwd: folder, env: cliEnvironment(), stdio: ["ignore", "ignore", "ignore"] });
    const { value } = await runJson<SessionRecord>(["show", "--registry", "unread"], { cwd: folder });
    expect(value.status).toBe("success");
    expect(readFileSync(join(folder, "reached"), "utf8")).toBe("");
  });
});
