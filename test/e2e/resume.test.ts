import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { SessionRecord } from "../../src/core/run.ts";
import { runCli, runJson, runList, startCli } from "../rig/cli.ts";
import { append, HELD_OUTPUTS, killWhileHeld, prepareHeld } from "../rig/held-session.ts";
import { formatRuns, readOutputs, resume, showSession, typesOf, writeCommands } from "../rig/resumable.ts";
import { Rig } from "../rig/rig.ts";
import { shortId } from "../rig/short-id.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";

let rig: Rig;
beforeAll(() => {
  rig = new Rig();
});
afterAll(() => rig.close());

describe("kill -9 of the orchestrator while a command runs", () => {
  test("a live command is adopted: nothing starts twice, and the outputs are those of an uninterrupted session", async () => {
    const { options, child, session_id, marked, starts } = await killWhileHeld(rig, "adopted");
    const going = startCli(["resume", "--json"], options);
    await going.event("session.resumed");
    await child.tell({ do: "write", path: String(child.args[0]), text: "made\n" });
    await child.tell({ do: "exit", code: 0 });
    expect((await going.result).exitCode).toBe(0);
    const session = await showSession(options);
    expect(session).toMatchObject({ session_id, status: "success" });
    expect(formatRuns(session)).toEqual({ before: "success 1", held: "success 1", after: "success 1" });
    expect(readOutputs(session)).toEqual(HELD_OUTPUTS);
    expect(starts()).toBe("before\n");
    expect(await marked.remaining()).toEqual([]);
  });

  test("a command that ended meanwhile is taken in as it ended", async () => {
    const { options, child, marked } = await killWhileHeld(rig, "ended");
    await child.tell({ do: "write", path: String(child.args[0]), text: "made\n" });
    await child.tell({ do: "exit", code: 0 });
    expect(await marked.remaining()).toEqual([]);
    expect((await resume(options)).exitCode).toBe(0);
    const session = await showSession(options);
    expect(formatRuns(session)).toEqual({ before: "success 1", held: "success 1", after: "success 1" });
    expect(readOutputs(session)).toEqual(HELD_OUTPUTS);
  });

  test("a command that failed meanwhile has failed, with its exit code", async () => {
    const { options, child, marked } = await killWhileHeld(rig, "failing");
    await child.tell({ do: "exit", code: 3 });
    expect(await marked.remaining()).toEqual([]);
    expect((await resume(options)).exitCode).toBe(1);
    const session = await showSession(options);
    expect(formatRuns(session)).toEqual({ before: "success 1", held: "failed 1", after: "skipped 0" });
    expect(session.runs[1]?.exception?.message).toContain("exit code 3");
  });

  test("is told where sessions are listed and shown, until somebody finishes it", async () => {
    const { options, child, session_id } = await killWhileHeld(rig, "left");
    const told = `${shortId(session_id)} was cut off: its process has ended; \`runweave resume ${shortId(session_id)}\` finishes it`;
    for (const command of ["sessions", "show"]) {
      expect((await runCli([command], options)).stdout).toContain(told);
    }
    expect((await runList<SessionRecord>(["sessions"], options)).value).toMatchObject([
      { session_id, status: "running", owner: "gone" },
    ]);
    await child.tell({ do: "write", path: String(child.args[0]), text: "made\n" });
    await child.tell({ do: "exit", code: 0 });
    await resume(options);
    expect((await runCli(["sessions"], options)).stdout).not.toContain("cut off");
    expect(await showSession(options)).toMatchObject({ status: "success", owner: null });
  });

  test("a command that was killed with it gets a new attempt, and the old one stays on record as cut off", async () => {
    const { options, child } = await killWhileHeld(rig, "killed");
    rig.forget("killed");
    process.kill(-(await leaderOf(options)), "SIGKILL");
    await child.gone;
    const going = startCli(["resume", "--json"], options);
    const second = await rig.child("killed");
    await second.tell({ do: "write", path: String(second.args[0]), text: "made\n" });
    await second.tell({ do: "exit", code: 0 });
    expect((await going.result).exitCode).toBe(0);
    const session = await showSession(options);
    expect(formatRuns(session)).toEqual({ before: "success 1", held: "success 2", after: "success 1" });
    expect(readOutputs(session)).toEqual(HELD_OUTPUTS);
    const earlier = (session as unknown as { earlier_attempts: { status: string; exception: unknown }[] })
      .earlier_attempts;
    expect(earlier).toMatchObject([
      { run: "held", attempt: 1, status: "failed", exception: { type: "OrchestratorDied" } },
    ]);
  });

  test("--kill ends a live command, and gives it a new attempt", async () => {
    const { options, child } = await killWhileHeld(rig, "unwanted");
    rig.forget("unwanted");
    const going = startCli(["resume", "--kill", "--json"], options);
    await child.gone;
    const second = await rig.child("unwanted");
    await second.tell({ do: "write", path: String(second.args[0]), text: "made\n" });
    await second.tell({ do: "exit", code: 0 });
    expect((await going.result).exitCode).toBe(0);
    expect(formatRuns(await showSession(options))).toMatchObject({ held: "success 2", after: "success 1" });
  });

  test("--kill ends what the command has started in a session of its own, too", async () => {
    const { options, child, marked } = await killWhileHeld(rig, "strayed");
    await child.tell({ do: "spawn", name: "stray", detached: true });
    const stray = await rig.child("stray");
    rig.forget("strayed");
    const going = startCli(["resume", "--kill", "--json"], options);
    const second = await rig.child("strayed");
    await second.tell({ do: "write", path: String(second.args[0]), text: "made\n" });
    await second.tell({ do: "exit", code: 0 });
    expect((await going.result).exitCode).toBe(0);
    expect(await marked.remaining()).toEqual([]);
    await stray.gone;
  });

  test.each(["resume", "resume --kill"])(
    "`%s` ends a command whose records are deleted, before it begins again",
    async (command) => {
      const [, ...args] = command.split(" ");
      const name = `lost${args.length}`;
      const { options, child, marked } = await killWhileHeld(rig, name);
      await child.tell({ do: "spawn", name: `${name}-stray`, detached: true });
      const stray = await rig.child(`${name}-stray`);
      rmSync(join(options.cwd, ".runweave/attempts"), { recursive: true });
      rig.forget(name);
      const going = startCli(["resume", ...args, "--json"], options);
      const second = await rig.child(name);
      // They have ended, or this never comes.
      await Promise.all([child.gone, stray.gone]);
      expect(marked.list().filter((each) => each.includes("obedient-child"))).toHaveLength(2);
      await second.tell({ do: "write", path: String(second.args[0]), text: "made\n" });
      await second.tell({ do: "exit", code: 0 });
      expect((await going.result).exitCode).toBe(0);
      const session = await showSession(options);
      expect(formatRuns(session)).toEqual({ before: "success 1", held: "success 2", after: "success 1" });
      expect(readOutputs(session)).toEqual(HELD_OUTPUTS);
      expect(await marked.remaining()).toEqual([]);
    },
  );

  test("a resume that is killed itself is resumed in turn", async () => {
    const { options, child } = await killWhileHeld(rig, "twice");
    const first = startCli(["resume", "--json"], options);
    await first.event("session.resumed");
    first.signal("SIGKILL");
    await first.result;
    const second = startCli(["resume", "--json"], options);
    await second.event("session.resumed");
    await child.tell({ do: "write", path: String(child.args[0]), text: "made\n" });
    await child.tell({ do: "exit", code: 0 });
    expect((await second.result).exitCode).toBe(0);
    const session = await showSession(options);
    expect(formatRuns(session)).toEqual({ before: "success 1", held: "success 1", after: "success 1" });
    expect(readOutputs(session)).toEqual(HELD_OUTPUTS);
  });

  test("what the workflow file says by now does not matter", async () => {
    const { options, child, file } = await killWhileHeld(rig, "changed");
    writeFileSync(file, "{}");
    await child.tell({ do: "write", path: String(child.args[0]), text: "made\n" });
    await child.tell({ do: "exit", code: 0 });
    expect((await resume(options)).exitCode).toBe(0);
    expect(readOutputs(await showSession(options))).toEqual(HELD_OUTPUTS);
  });
});

/** The process that claimed the running attempt. */
async function leaderOf(options: { cwd: string }): Promise<number> {
  const held = (await showSession(options)).runs.find(({ run }) => run === "held");
  const claim = join(options.cwd, ".runweave/attempts", String(held?.run_id), "claim");
  return (JSON.parse(readFileSync(claim, "utf8")) as { pid: number }).pid;
}

describe("a session that ended without success", () => {
  test("what failed, and what was skipped for it, gets a new attempt; what succeeded is kept", async () => {
    const folder = makeTemporaryFolder();
    const options = { cwd: folder };
    const file = writeCommands(folder, {
      good: { command: append("good"), outputs: ["o"] },
      bad: { command: ["sh", "-c", 'cat mended > "$1"', "sh", "${outputs.o.path}"], outputs: ["o"], needs: ["good"] },
      after: { command: ["cat", "${inputs.o.path}"], consumes: { o: "bad" } },
    });
    expect((await runCli(["run", file], options)).exitCode).toBe(1);
    const failed = await showSession(options);
    expect(formatRuns(failed)).toEqual({ good: "success 1", bad: "failed 1", after: "skipped 0" });
    writeFileSync(join(folder, "mended"), "well\n");
    const { exitCode, events } = await resume(options);
    expect(exitCode).toBe(0);
    expect(events[0]).toMatchObject({ type: "session.resumed", runs: ["bad", "after"], claim: { epoch: 2 } });
    expect(typesOf(events)).not.toContain("run.started good");
    const session = await showSession(options);
    expect(formatRuns(session)).toEqual({ good: "success 1", bad: "success 2", after: "success 1" });
    expect(session.session_id).toBe(failed.session_id);
    expect((await runCli(["resume"], options)).stdout).toContain("nothing to resume");
    for (const id of ["latest", session.session_id]) {
      const message = `nothing to resume: session ${session.session_id} has succeeded`;
      const said = message.replace(session.session_id, shortId(session.session_id));
      expect(await runCli(["resume", id], options)).toMatchObject({ exitCode: 0, stdout: `${said}\n` });
      const { value } = await runJson(["resume", id], options);
      expect(value).toMatchObject({ type: "nothing-to-resume", message });
    }
  });

  test("what succeeded and is gone from the disk runs again, and so does what consumed it", async () => {
    const folder = makeTemporaryFolder();
    const options = { cwd: folder };
    const file = writeCommands(folder, {
      made: { command: append("made"), outputs: ["o"] },
      read: {
        command: ["sh", "-c", 'cat "$1" > "$2"', "sh", "${inputs.i.path}", "${outputs.o.path}"],
        outputs: ["o"],
        consumes: { i: { run: "made", dataset: "o" } },
      },
      bad: { command: ["test", "-e", "mended"], needs: ["read"] },
    });
    expect((await runCli(["run", file], options)).exitCode).toBe(1);
    const [made] = (await showSession(options)).runs;
    writeFileSync(String(made?.outputs.o?.location), "something else entirely");
    writeFileSync(join(folder, "mended"), "");
    expect((await resume(options)).exitCode).toBe(0);
    const session = await showSession(options);
    expect(formatRuns(session)).toEqual({ made: "success 2", read: "success 2", bad: "success 2" });
    expect(readOutputs(session)).toEqual({ "made.o": "made\n", "read.o": "made\n" });
  });

  test("a cancelled session is finished too", async () => {
    const { file, options } = prepareHeld(rig, "cancelled");
    const cli = startCli(["run", file, "--json"], options);
    await rig.child("cancelled");
    await cli.event("run.started");
    cli.signal("SIGINT");
    expect((await cli.result).exitCode).toBe(130);
    rig.forget("cancelled");
    const going = startCli(["resume", "--json"], options);
    const child = await rig.child("cancelled");
    await child.tell({ do: "write", path: String(child.args[0]), text: "made\n" });
    await child.tell({ do: "exit", code: 0 });
    expect((await going.result).exitCode).toBe(0);
    expect(readOutputs(await showSession(options))).toEqual(HELD_OUTPUTS);
  });
});

test("where nothing is unfinished, resume says so: exit code 0", async () => {
  const folder = makeTemporaryFolder();
  const file = writeCommands(folder, { a: { command: ["true"] } });
  expect((await runCli(["run", file], { cwd: folder })).exitCode).toBe(0);
  const { exitCode, stdout } = await runCli(["resume"], { cwd: folder });
  expect({ exitCode, stdout }).toEqual({
    exitCode: 0,
    stdout: "nothing to resume: no session of this registry is unfinished\n",
  });
  expect(existsSync(join(folder, ".runweave/sessions"))).toBe(true);
});
