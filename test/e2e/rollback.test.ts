import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { parseLines, runCli, runEvents, runJson, startCli } from "../rig/cli.ts";
import { showSession, writeCommands } from "../rig/resumable.ts";
import { Rig } from "../rig/rig.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";

const rig = new Rig();
afterAll(() => rig.close());

const undo = (...words: string[]) => ["sh", "-c", 'echo "$@" >>undone', "sh", ...words];

/** `first` and `second` write to a plain path each, which the session publishes; `last` does something elsewhere. */
async function play({ more = {}, before = {} }: { more?: object; before?: Record<string, string> } = {}) {
  const cwd = makeTemporaryFolder();
  mkdirSync(join(cwd, ".runweave"));
  mkdirSync(join(cwd, "out"));
  const write = (path: string, text: string) => writeFileSync(join(cwd, path), text);
  for (const [path, text] of Object.entries(before)) write(path, text);
  const capture = (name: string) => {
    const script = `printf "new ${name}" >"$1"`;
    return { command: ["sh", "-c", script, "sh", "${outputs.it.path}"], outputs: ["it"] };
  };
  const runs = {
    first: { ...capture("first"), on_rollback: undo("first", "${outputs.it.path}") },
    second: {
      ...capture("second"),
      consumes: { given: { run: "first", dataset: "it" } },
      on_rollback: undo("second", "${inputs.given.path}"),
    },
    last: { command: ["true"], needs: ["second"], on_rollback: undo("last"), ...more },
  };
  const file = writeCommands(cwd, runs);
  const { exitCode, events } = await runEvents(file, { cwd });
  expect(exitCode).toBe(0);
  return { cwd, file, events, write, session: await showSession({ cwd }) };
}

const readUndone = (cwd: string): string[] => {
  const path = join(cwd, "undone");
  return existsSync(path) ? readFileSync(path, "utf8").trim().split("\n") : [];
};

describe("the commands that take runs back", () => {
  test("run in the reverse order of completion, with the run's paths, once", async () => {
    const { cwd, session } = await play();
    const location = session.runs[0]?.outputs.it?.location;
    const planned = await runCli(["rollback", "latest", "--dry-run"], { cwd });
    expect(planned.stdout.split("\n").map((line) => line.slice(0, 23))).toEqual([
      "would take last back: s",
      "would take second back:",
      "would take first back: ",
      "",
    ]);
    const { exitCode, stdout } = await runCli(["rollback", "latest"], { cwd });
    const said = "took last back\ntook second back\ntook first back\n0 publications undone, 3 runs taken back\n";
    expect([exitCode, stdout]).toEqual([0, said]);
    expect(readUndone(cwd)).toEqual(["last", `second ${location}`, `first ${location}`]);
    const again = await runCli(["rollback", "latest"], { cwd });
    expect([again.exitCode, again.stdout]).toEqual([0, expect.stringContaining("nothing is left to do")]);
    expect(readUndone(cwd)).toHaveLength(3);
    expect((await showSession({ cwd })).rollback).toMatchObject({ status: "done" });
    expect((await runCli(["show"], { cwd })).stdout).toMatch(/rollback\s+rolled back at 2/);
    expect(existsSync(location ?? "")).toBe(true);
  });

  test("stop at one that fails, which is tried again by the next call; nothing that was done is done twice", async () => {
    const { cwd } = await play({ more: { on_rollback: ["sh", "-c", "test -e allowed && echo last >>undone"] } });
    const failed = await runCli(["rollback", "latest"], { cwd });
    expect([failed.exitCode, failed.stderr]).toEqual([
      1,
      expect.stringContaining("on_rollback of last failed: exit code 1"),
    ]);
    expect(readUndone(cwd)).toEqual([]);
    expect((await showSession({ cwd })).rollback).toMatchObject({ status: "failed" });
    writeFileSync(join(cwd, "allowed"), "");
    expect((await runCli(["rollback", "latest"], { cwd })).exitCode).toBe(0);
    expect(readUndone(cwd).map((line) => line.split(" ")[0])).toEqual(["last", "second", "first"]);
  });

  test("that can't succeed any more is passed by for a run that somebody took back by hand", async () => {
    const { cwd } = await play({ more: { on_rollback: ["/no/such/program"] } });
    const failed = await runCli(["rollback", "latest"], { cwd });
    expect([failed.exitCode, failed.stderr]).toEqual([
      1,
      expect.stringMatching(
        /^on_rollback of last failed: \/no\/such\/program does not exist; .* or take last back by hand, and say --by-hand last\n$/,
      ),
    ]);
    const unknown = await runCli(["rollback", "latest", "--by-hand", "lst"], { cwd });
    expect([unknown.exitCode, unknown.stderr]).toEqual([
      2,
      expect.stringContaining('no run "lst" is left to take back'),
    ]);
    const { exitCode, stdout } = await runCli(["rollback", "latest", "--by-hand", "last"], { cwd });
    const said =
      "last was taken back by hand\ntook second back\ntook first back\n0 publications undone, 3 runs taken back\n";
    expect([exitCode, stdout]).toEqual([0, said]);
    expect(readUndone(cwd).map((line) => line.split(" ")[0])).toEqual(["second", "first"]);
  });

  test("see the run's identity and metrics in their environment", async () => {
    const show = [
      "sh",
      "-c",
      'echo "$RUNWEAVE_RUN $RUNWEAVE_RUN_ID $RUNWEAVE_SESSION_ID $(cat "$RUNWEAVE_METRICS")" >>undone',
    ];
    const command = ["sh", "-c", `echo '{"rows":3}' >"$RUNWEAVE_METRICS"`];
    const { cwd, session } = await play({ more: { command, on_rollback: show } });
    await runCli(["rollback", "latest"], { cwd });
    const last = session.runs.find(({ run }) => run === "last");
    expect(readUndone(cwd)[0]).toBe(`last ${last?.run_id} ${session.session_id} {"rows":3}`);
  });

  test("are given the variables that they refer to, and no record has their values", async () => {
    process.env.UNDOING_TOKEN = "undoing-s3cret-1";
    try {
      const on_rollback = ["sh", "-c", 'echo "$1" >>undone', "sh", "<${env:UNDOING_TOKEN}> $${env:UNDOING_TOKEN}"];
      const { cwd } = await play({ more: { on_rollback } });
      await runCli(["rollback", "latest"], { cwd });
      expect(readUndone(cwd)[0]).toBe("<undoing-s3cret-1> ${env:UNDOING_TOKEN}");
      const state = join(cwd, ".runweave");
      const files = readdirSync(state, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
      const holding = files.filter(({ parentPath, name }) =>
        readFileSync(join(parentPath, name)).includes("undoing-s3cret"),
      );
      expect(holding.map(({ name }) => name)).toEqual([]);
    } finally {
      delete process.env.UNDOING_TOKEN;
    }
  });

  test("a roll-back that was killed goes on where it was, and waits for the command that still runs", async () => {
    const { cwd } = await play({ more: { on_rollback: rig.command("taking-back") } });
    const killed = startCli(["rollback", "latest"], { cwd });
    const child = await rig.child("taking-back");
    const second = await runCli(["rollback", "latest"], { cwd });
    expect([second.exitCode, second.stderr]).toEqual([2, expect.stringContaining("is being rolled back by process")]);
    killed.signal("SIGKILL");
    await killed.result;
    expect((await showSession({ cwd })).rollback).toMatchObject({ status: "running" });
    const resumed = startCli(["rollback", "latest", "--json"], { cwd });
    await child.tell({ do: "exit", code: 0 }).catch(() => {});
    const { exitCode, stdout } = await resumed.result;
    expect(exitCode).toBe(0);
    expect(parseLines(stdout).filter(({ type }) => type === "run.compensated")).toHaveLength(3);
    expect(readUndone(cwd).map((line) => line.split(" ")[0])).toEqual(["second", "first"]);
    expect(
      readdirSync(join(cwd, ".runweave/rollbacks")).flatMap((id) => readdirSync(join(cwd, ".runweave/rollbacks", id))),
    ).toEqual(["1", "1", "1"]);
  });

  test("a command of a killed roll-back whose records are gone is ended before it runs again", async () => {
    const { cwd } = await play({ more: { on_rollback: rig.command("lost") } });
    const killed = startCli(["rollback", "latest"], { cwd });
    const first = await rig.child("lost");
    killed.signal("SIGKILL");
    await killed.result;
    rmSync(join(cwd, ".runweave/rollbacks"), { recursive: true });
    rig.forget("lost");
    const resumed = startCli(["rollback", "latest", "--json"], { cwd });
    const second = await rig.child("lost");
    await first.gone;
    await second.tell({ do: "exit", code: 0 });
    expect((await resumed.result).exitCode).toBe(0);
  });
});

describe("a session that was rolled back", () => {
  test("is not resumed, and nothing of it is reused, as what it did elsewhere is undone", async () => {
    const { cwd, file } = await play();
    const cached = JSON.parse(readFileSync(file, "utf8"));
    writeFileSync(file, JSON.stringify({ ...cached, defaults: { cache: "on" } }));
    await runEvents(file, { cwd });
    await runCli(["rollback", "latest"], { cwd });
    const { events } = await runEvents(file, { cwd });
    const [resolved] = events.filter((event) => event.type === "run.resolved");
    expect(resolved).toMatchObject({ cache: { reason: expect.stringContaining("was rolled back") } });
    const { value } = await runJson<{ code: string }>(["rollback", "nothing"], { cwd });
    expect(value.code).toBe("unknown-session");
  });

  test("can't be one that has not ended", async () => {
    const cwd = makeTemporaryFolder();
    const file = writeCommands(cwd, { wait: { command: rig.command("waiting") } });
    const running = startCli(["run", file, "--json"], { cwd });
    const child = await rig.child("waiting");
    const { exitCode, stderr } = await runCli(["rollback", "latest"], { cwd });
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining("has not ended")]);
    await child.tell({ do: "exit", code: 0 }).catch(() => {});
    await running.result;
  });
});
