import { execFile } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import type { RunFailure } from "../../src/core/error/run-failure.ts";
import type { RunRecord, SessionRecord } from "../../src/core/run.ts";
import { binPath, cliEnvironment, runCli, runJson, runList } from "../rig/cli.ts";
import { inFolder } from "../rig/flow-folder.ts";
import { shortId } from "../rig/short-id.ts";
import { findTestPython } from "../rig/test-python.ts";
import { writeToyProject } from "../rig/toy-project.ts";

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
    const { value } = await runList<RunFailure>(["errors"], { cwd });
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
      expect(text).toContain(`${use?.run}  ${shortId(use?.run_id)}`);
      expect(text).toContain(`number <- ${shortId(make?.run_id)} (make)`);
      expect(text).toContain(failure?.reproduce?.replace(session.session_id, shortId(session.session_id)));
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
    const { value: failures } = await runList<RunFailure>(["errors"], { cwd });
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
    const { value } = await runList<RunFailure>(["errors"], { cwd });
    expect(value).toMatchObject([
      { run: "use", node: "use", exception: { type: "ValueError", message: "bad table", cause: { type: "KeyError" } } },
    ]);
    const loaded = Object.fromEntries(value[0]?.loaded_from.map((given) => [given.dataset, given.loaded]) ?? []);
    expect(loaded).toEqual({ table: true, unread: false });
    expect(value[0]?.exception?.traceback).toContain("in use");
    expect(stdout).toMatch(/error {2}ValueError: bad table\n {2}cause {2}KeyError: 'cause'/);
    expect(stdout).toMatch(/unread <- \S+ \(make\), not loaded/);
  });

  it("of a run whose next attempt waited for its turn when another run failed for good, errors shows the one that failed", async () => {
    const run = (text: string) => ({ command: ["sh", "-c", `echo ${text}; exit 3`], retries: 1 });
    const { cwd, file } = inFolder({ max_parallel: 1, runs: { first: run("one"), second: run("two") } });
    const { stdout } = await runCli(["run", file], { cwd });
    expect(stdout).toMatch(/second {2}failed \(attempt 2 of 2\) .* not tried again: first failed/);
    const { value } = await runList<RunFailure>(["errors"], { cwd });
    const { value: shown } = await runJson<{ earlier_attempts: RunRecord[] }>(["show"], { cwd });
    const tried = shown.earlier_attempts.find(({ run }) => run === "second");
    expect(value[1]).toMatchObject({ run: "second", run_id: tried?.run_id, attempt: 1, log_tail: ["two"] });
    expect(value[1]?.log).toContain(tried?.run_id);
  });

  it("there are none of a session that succeeded", async () => {
    const { cwd, file } = inFolder({ runs: { a: { command: ["true"] } } });
    await runCli(["run", file], { cwd });
    expect(await runList(["errors"], { cwd })).toEqual({ exitCode: 0, value: [] });
    expect((await runCli(["errors"], { cwd })).stdout).toBe("no run failed\n");
  });
});

describe("run --only", () => {
  it.each([
    ["a run that there is not", ["--only", "mak"], 'did you mean "make"?'],
    ["a session that there is not", ["--only", "use", "--from", "2000"], "`runweave sessions` lists them"],
    ["that of a run that consumes nothing", ["--only", "make", "--from", "2000"], 'there is no session "2000"'],
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

  it("needs no session for a run that consumes nothing", async () => {
    const { cwd, file } = inFolder({ runs: { make: { command: ["true"] }, other: { command: ["false"] } } });
    expect((await runCli(["run", file, "--only", "make"], { cwd })).exitCode).toBe(0);
  });

  it("goes on from a session of one run alone, on the versions that this run was given", async () => {
    const runs = {
      make: { command: ["sh", "-c", 'echo 1 > "$0"', "${outputs.x.path}"], outputs: ["x"] },
      use: { command: ["sh", "-c", 'cat "$0"; exit 3', "${inputs.x.path}"], consumes: { x: "make" } },
    };
    const { cwd, file } = inFolder({ runs });
    await runCli(["run", file], { cwd });
    const { value: first } = await runJson<SessionRecord>(["show"], { cwd });
    for (let times = 0; times < 2; times++) {
      const { value: failures } = await runList<RunFailure>(["errors"], { cwd });
      const line = failures[0]?.reproduce?.replace(/^runweave /, "") ?? "";
      expect((await runCli(line.split(" "), { cwd })).exitCode).toBe(1);
    }
    const { value: last } = await runJson<SessionRecord>(["show"], { cwd });
    expect(last.runs).toMatchObject([{ run: "use", load_versions: { x: first.runs[0]?.run_id } }]);
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
