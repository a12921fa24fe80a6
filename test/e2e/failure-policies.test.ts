import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { RunEvent } from "../../src/core/event/event.ts";
import type { RunRecord, SessionRecord } from "../../src/core/run.ts";
import { parseLines, runCli, runEvents, runJson, runList, startCli } from "../rig/cli.ts";
import { inFolder } from "../rig/flow-folder.ts";
import { shortId } from "../rig/short-id.ts";
import { findTestPython } from "../rig/test-python.ts";
import { writeToyProject } from "../rig/toy-project.ts";

/** Fails as often as it is told to, counting in a file, then writes its output. */
const flaky = (times: number) =>
  `n=$(cat count 2>/dev/null || echo 0); echo $((n + 1)) > count; echo "try $n"; [ $n -ge ${times} ] || exit 3; echo $n > "$0"`;

const endsOf = (events: RunEvent[]) => {
  const last = events.at(-1);
  if (last?.type !== "session.finished") throw new Error("the session did not finish");
  return { status: last.status, runs: Object.fromEntries(last.runs.map(({ run, status }) => [run, status])) };
};

describe("retries", () => {
  const workflow = {
    runs: {
      make: {
        command: ["sh", "-c", flaky(2), "${outputs.number.path}"],
        outputs: ["number"],
        retries: { max: 2, backoff: { initial: "20ms", max: "1s", jitter: true }, on: ["CommandFailed"] },
      },
      read: { command: ["cat", "${inputs.number.path}"], consumes: { number: "make" } },
    },
  };

  it("a command that fails twice is tried three times, under three run_ids, and read from the last", async () => {
    const { cwd, file } = inFolder(workflow);
    const { exitCode, events } = await runEvents(file, { cwd });
    expect(exitCode).toBe(0);
    const resolved = events.filter((event) => event.type === "run.resolved" && event.run === "make");
    const ids = resolved.map((event) => "run_id" in event && event.run_id);
    expect(resolved).toMatchObject([{ attempt: 1 }, { attempt: 2 }, { attempt: 3 }]);
    expect(new Set(ids).size).toBe(3);
    const failed = events.filter((event) => event.type === "run.failed");
    expect(failed).toMatchObject([{ attempt: 1, max_attempts: 3 }, { attempt: 2 }]);
    for (const [at, event] of failed.entries()) {
      const due = event.will_retry_at ?? "";
      expect(due > event.time && due <= (resolved[at + 1]?.time ?? "")).toBe(true);
    }
    const { value: runs } = await runList<RunRecord>(["runs"], { cwd });
    expect(runs.find(({ run }) => run === "make")).toMatchObject({ attempt: 3, status: "success", run_id: ids[2] });
    expect(runs.find(({ run }) => run === "read")?.load_versions).toEqual({ number: ids[2] });
    const { value: shown } = await runJson<{ earlier_attempts: RunRecord[] }>(["show"], { cwd });
    expect(shown.earlier_attempts).toMatchObject([
      { run: "make", run_id: ids[0], attempt: 1, status: "failed" },
      { run: "make", run_id: ids[1], attempt: 2, status: "failed" },
    ]);
    const { stdout: text } = await runCli(["show"], { cwd });
    expect(text).toContain(`attempt 1 ${shortId(String(ids[0]))} failed: CommandFailed: exit code 3`);
    const { stdout } = await runCli(["logs", String(ids[0])], { cwd });
    expect(stdout).toContain("try 0");
  });

  it("the lines say which attempt failed and when the next one is due; plan shows the policy", async () => {
    const { cwd, file } = inFolder(workflow);
    const { stdout } = await runCli(["run", file], { cwd });
    expect(stdout).toMatch(/make {2}failed \(attempt 1 of 3\), again in \d+ms: CommandFailed: exit code 3/);
    const { stdout: plan } = await runCli(["plan", file], { cwd });
    const policy = "up to 3 attempts, after 20ms, then 2 times as long each up to 1s, with jitter, on CommandFailed";
    expect(plan).toContain(policy);
    const { value } = await runJson<{ runs: unknown[] }>(["plan", file], { cwd });
    expect(value.runs[0]).toMatchObject({ policy: { retries: { max: 2, initial_ms: 20, on: ["CommandFailed"] } } });
  });

  it("a Kedro run that fails twice is tried again because of the class of its cause, and its third attempt counts", async () => {
    const { cwd, file } = inFolder({
      project: "project",
      python: findTestPython(),
      runs: {
        fetch: { pipeline: "fetch", outputs: ["table"], retries: { max: 2, on: ["OSError"] } },
        use: { pipeline: "use", consumes: { table: "fetch" }, outputs: ["doubled"] },
      },
    });
    const pipelines = `
from pathlib import Path
COUNT = Path(${JSON.stringify(join(cwd, "count"))})

def fetch():
    tries = int(COUNT.read_text()) if COUNT.exists() else 0
    COUNT.write_text(str(tries + 1))
    if tries < 2:
        raise RuntimeError("no table") from ConnectionResetError("gone")
    return {"tries": tries}

def use(table):
    return {"doubled": 2 * table["tries"]}

def register_pipelines():
    return {
        "fetch": Pipeline([node(fetch, None, "table", name="fetch")]),
        "use": Pipeline([node(use, "table", "doubled", name="use")]),
    }
`;
    writeToyProject({ folder: join(cwd, "project"), pipelines });
    const { exitCode, events } = await runEvents(file, { cwd });
    expect(exitCode).toBe(0);
    const failed = events.filter((event) => event.type === "run.failed");
    expect(failed).toMatchObject([
      { attempt: 1, exception: { type: "RuntimeError", node: "fetch", cause: { type: "ConnectionResetError" } } },
      { attempt: 2, will_retry_at: expect.any(String) },
    ]);
    expect(failed[0]?.exception.cause?.classes).toContain("OSError");
    const { value } = await runJson<SessionRecord>(["show"], { cwd });
    const [fetch, use] = value.runs;
    expect(fetch).toMatchObject({ attempt: 3, status: "success", max_attempts: 3 });
    expect(use?.load_versions.table).toBe(fetch?.run_id);
  });
});

describe("runs that may fail, and runs after failures", () => {
  const touch = (name: string) => ["touch", name];

  it("a run that may fail fails no session; what consumes from it is skipped, and its output is not published", async () => {
    const { cwd, file } = inFolder({
      publish: ["report"],
      runs: {
        lint: { command: ["sh", "-c", "exit 1"], outputs: { report: "report.txt" }, allow_failure: true },
        read: { command: ["cat"], consumes: { report: "lint" } },
        next: { command: touch("next"), needs: ["lint"] },
        mend: { command: touch("mended"), run_on: "failure" },
        tell: { command: touch("told"), run_on: "always" },
      },
    });
    const { exitCode, events } = await runEvents(file, { cwd });
    const runs = { lint: "failed", read: "skipped", next: "success", mend: "skipped", tell: "success" };
    expect(endsOf(events)).toEqual({ status: "success", runs });
    expect(exitCode).toBe(0);
    const { stdout } = await runCli(["show"], { cwd });
    expect(stdout).toContain("nothing that it waits for has failed");
  });

  it("under fail-fast what is for failures and for always still runs, at the end, and the session fails", async () => {
    const { cwd, file } = inFolder({
      max_parallel: 1,
      runs: {
        mend: { command: touch("mended"), run_on: "failure" },
        tell: { command: touch("told"), run_on: "always" },
        broken: { command: ["false"] },
        later: { command: touch("later") },
      },
    });
    const { exitCode, events } = await runEvents(file, { cwd });
    expect(endsOf(events)).toEqual({
      status: "failed",
      runs: { broken: "failed", later: "skipped", mend: "success", tell: "success" },
    });
    expect(exitCode).toBe(1);
  });

  it("after an interrupt what is for always still runs, and nothing else does", async () => {
    const { cwd, file } = inFolder({
      runs: {
        long: { command: ["sleep", "600"] },
        next: { command: touch("next"), needs: ["long"] },
        mend: { command: touch("mended"), needs: ["long"], run_on: "failure" },
        clean: { command: touch("cleaned"), needs: ["long", "next"], run_on: "always" },
      },
    });
    const cli = startCli(["run", file, "--json"], { cwd });
    await cli.event("run.started");
    cli.signal("SIGINT");
    const { exitCode, stdout } = await cli.result;
    const runs = { long: "cancelled", next: "cancelled", mend: "cancelled", clean: "success" };
    expect(endsOf(parseLines(stdout))).toEqual({ status: "cancelled", runs });
    expect([exitCode, readdirSync(cwd).includes("cleaned")]).toEqual([130, true]);
  });

  it("an interrupt ends the wait for a further attempt", async () => {
    const runs = { flaky: { command: ["false"], retries: { max: 1, backoff: "1h" } } };
    const { cwd, file } = inFolder({ runs });
    const cli = startCli(["run", file, "--json"], { cwd });
    const { run_id } = await cli.event("run.failed");
    const { value: waiting } = await runList<RunRecord>(["runs", "--status", "pending"], { cwd });
    expect(waiting).toMatchObject([{ run: "flaky", attempt: 1, run_id, exception: { type: "CommandFailed" } }]);
    cli.signal("SIGTERM");
    const { exitCode } = await cli.result;
    const { value: ended } = await runList<RunRecord>(["runs"], { cwd });
    expect([exitCode, ended[0]?.status, ended[0]?.run_id]).toEqual([130, "cancelled", run_id]);
  });

  it("a run for always that would consume is refused before anything runs", async () => {
    const runs = {
      a: { command: ["true"], outputs: ["x"] },
      b: { command: ["cat"], consumes: { x: "a" }, run_on: "always" },
    };
    const { cwd, file } = inFolder({ runs });
    const { exitCode, value } = await runJson<{ problems: { code: string }[] }>(["validate", file], { cwd });
    expect([exitCode, value.problems.map(({ code }) => code)]).toEqual([2, ["consumes-after-failure"]]);
  });
});
