import { execFile } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import type { RunEvent } from "../../src/core/event.ts";
import type { RunRecord, SessionRecord } from "../../src/core/run.ts";
import type { RunFailure } from "../../src/core/run-failure.ts";
import { binPath, cliEnvironment, parseLines, runCli, runEvents, runJson, startCli } from "../rig/cli.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";
import { findTestPython } from "../rig/test-python.ts";
import { writeToyProject } from "../rig/toy-project.ts";

/** Fails as often as it is told to, counting in a file, then writes its output. */
const flaky = (times: number) =>
  `n=$(cat count 2>/dev/null || echo 0); echo $((n + 1)) > count; echo "try $n"; [ $n -ge ${times} ] || exit 3; echo $n > "$0"`;

function inFolder(workflow: unknown, name = "flow"): { cwd: string; file: string } {
  const cwd = join(makeTemporaryFolder(), name);
  mkdirSync(cwd);
  writeFileSync(join(cwd, "flow.json"), JSON.stringify(workflow));
  return { cwd, file: "flow.json" };
}

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
    const { value: runs } = await runJson<RunRecord[]>(["runs"], { cwd });
    expect(runs.find(({ run }) => run === "make")).toMatchObject({ attempt: 3, status: "success", run_id: ids[2] });
    expect(runs.find(({ run }) => run === "read")?.load_versions).toEqual({ number: ids[2] });
    const { value: shown } = await runJson<{ earlier_attempts: RunRecord[] }>(["show"], { cwd });
    expect(shown.earlier_attempts).toMatchObject([
      { run: "make", run_id: ids[0], attempt: 1, status: "failed" },
      { run: "make", run_id: ids[1], attempt: 2, status: "failed" },
    ]);
    const { stdout: text } = await runCli(["show"], { cwd });
    expect(text).toContain(`attempt 1 ${ids[0]} failed: CommandFailed: exit code 3`);
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
    const { value: waiting } = await runJson<RunRecord[]>(["runs", "--status", "pending"], { cwd });
    expect(waiting).toMatchObject([{ run: "flaky", attempt: 1, run_id, exception: { type: "CommandFailed" } }]);
    cli.signal("SIGTERM");
    const { exitCode } = await cli.result;
    const { value: ended } = await runJson<RunRecord[]>(["runs"], { cwd });
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

describe("errors", () => {
  const workflow = {
    runs: {
      make: { command: ["sh", "-c", 'echo "$$" > "$0"', "${outputs.number.path}"], outputs: ["number"] },
      use: {
        matrix: { mood: ["it's bad"] },
        command: ["sh", "-c", 'echo "read $(cat "$0")"; echo "as told" >&2; exit 3', "${inputs.number.path}"],
        consumes: { number: "make" },
      },
    },
  };

  it("tell the run, its versions, its last lines and a command that does it again on the same versions", async () => {
    const { cwd, file } = inFolder(workflow, "it's a folder");
    const { stdout: ending, exitCode } = await runCli(["run", file], { cwd });
    expect(exitCode).toBe(1);
    const { value } = await runJson<RunFailure[]>(["errors"], { cwd });
    const { value: session } = await runJson<SessionRecord>(["show"], { cwd });
    const [make, use] = session.runs;
    const number = readFileSync(make?.outputs.number?.location ?? "", "utf8").trim();
    expect(value).toMatchObject([
      {
        run: use?.run,
        run_id: use?.run_id,
        attempt: 1,
        exception: { type: "CommandFailed", message: "exit code 3" },
        loaded_from: [{ dataset: "number", version: make?.run_id, from_run: "make", loaded: null }],
      },
    ]);
    const [failure] = value;
    expect(failure?.log_tail.slice(-2)).toEqual([`read ${number}`, "as told"]);
    const { stdout: screen } = await runCli(["errors"], { cwd });
    expect((await runCli(["errors", use?.run ?? ""], { cwd })).stdout).toBe(screen);
    for (const text of [screen, ending]) {
      expect(text).toContain(`${use?.run}  ${use?.run_id}`);
      expect(text).toContain(`number <- ${make?.run_id} (make)`);
      expect(text).toContain(failure?.reproduce);
      expect(text).toContain(failure?.log ?? "no log");
    }
    const bin = join(cwd, "bin");
    mkdirSync(bin);
    writeFileSync(join(bin, "runweave"), `#!/bin/sh\nexec '${process.execPath}' '${binPath()}' "$@"\n`);
    chmodSync(join(bin, "runweave"), 0o755);
    const env = cliEnvironment();
    const again = promisify(execFile)("sh", ["-c", failure?.reproduce ?? ""], {
      cwd: "/",
      env: { ...env, PATH: `${bin}:${env.PATH}` },
    });
    await expect(again).rejects.toMatchObject({ code: 1, stdout: expect.stringContaining(`read ${number}`) });
    const { value: second } = await runJson<SessionRecord>(["show"], { cwd });
    expect(second.session_id).not.toBe(session.session_id);
    expect(second.runs).toMatchObject([{ run: use?.run, status: "failed", load_versions: { number: make?.run_id } }]);
    const { value: failures } = await runJson<RunFailure[]>(["errors"], { cwd });
    expect(failures[0]?.loaded_from).toMatchObject([{ rule: "run_id", from_run: "make" }]);
  });

  it("of a Kedro run tell its node, its exception with its causes, and what it had loaded", async () => {
    const { cwd, file } = inFolder({
      project: "project",
      python: findTestPython(),
      runs: {
        make: { pipeline: "make", outputs: ["table", "unread"] },
        use: { pipeline: "use", consumes: { table: "make", unread: "make" } },
      },
    });
    const pipelines = `
def make():
    return 1, 2

def use(table):
    raise ValueError("bad table") from KeyError("cause")

def finish(used, unread):
    return unread

def register_pipelines():
    return {
        "make": Pipeline([node(make, None, ["table", "unread"], name="make")]),
        "use": Pipeline([node(use, "table", "used", name="use"), node(finish, ["used", "unread"], "end", name="finish")]),
    }
`;
    writeToyProject({ folder: join(cwd, "project"), pipelines });
    const { exitCode, stdout } = await runCli(["run", file], { cwd });
    expect(exitCode).toBe(1);
    const { value } = await runJson<RunFailure[]>(["errors"], { cwd });
    expect(value).toMatchObject([
      { run: "use", node: "use", exception: { type: "ValueError", message: "bad table", cause: { type: "KeyError" } } },
    ]);
    const loaded = Object.fromEntries(value[0]?.loaded_from.map((given) => [given.dataset, given.loaded]) ?? []);
    expect(loaded).toEqual({ table: true, unread: false });
    expect(value[0]?.exception?.traceback).toContain("in use");
    expect(stdout).toMatch(/error {2}ValueError: bad table\n {2}cause {2}KeyError: 'cause'/);
    expect(stdout).toMatch(/unread <- \S+ \(make\), not loaded/);
  });

  it("there are none of a session that succeeded", async () => {
    const { cwd, file } = inFolder({ runs: { a: { command: ["true"] } } });
    await runCli(["run", file], { cwd });
    expect(await runJson(["errors"], { cwd })).toEqual({ exitCode: 0, value: [] });
    expect((await runCli(["errors"], { cwd })).stdout).toBe("no run failed\n");
  });
});

describe("run --only", () => {
  it.each([
    ["a run that there is not", ["--only", "mak"], 'did you mean "make"?'],
    ["a session that there is not", ["--only", "use", "--from", "2000"], "`runweave sessions` lists them"],
    ["no session with what it consumes", ["--only", "use"], "name a session with --from"],
    ["--from alone", ["--from", "latest"], "--from says nothing without --only"],
  ])("%s is a usage error that says what to do", async (_, args, hint) => {
    const runs = {
      make: { command: ["true"], outputs: ["x"] },
      use: { command: ["true"], consumes: { x: "make" } },
    };
    const { cwd, file } = inFolder({ runs });
    const { exitCode, stderr } = await runCli(["run", file, ...args], { cwd });
    expect(exitCode).toBe(2);
    expect(stderr).toContain(hint);
  });

  it("takes the newest session that has all it consumes", async () => {
    const runs = {
      make: { command: ["sh", "-c", 'echo 1 > "$0"', "${outputs.x.path}"], outputs: ["x"] },
      use: { command: ["cat", "${inputs.x.path}"], consumes: { x: "make" } },
    };
    const { cwd, file } = inFolder({ runs });
    await runCli(["run", file], { cwd });
    const { value: first } = await runJson<SessionRecord>(["show"], { cwd });
    for (let times = 0; times < 2; times++) {
      expect((await runCli(["run", file, "--only", "use"], { cwd })).exitCode).toBe(0);
    }
    const { value: last } = await runJson<SessionRecord>(["show"], { cwd });
    expect(last.runs).toMatchObject([{ run: "use", load_versions: { x: first.runs[0]?.run_id } }]);
  });
});
