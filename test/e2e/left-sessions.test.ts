import { spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from "vitest";
import type { ControlRequest } from "../../src/core/control-request.ts";
import { cliEnvironment, runCli, runJson, startCli } from "../rig/cli.ts";
import { killWhileHeld, prepareHeld } from "../rig/held-session.ts";
import { MarkedProcesses } from "../rig/marked-processes.ts";
import { resume, showSession, typesOf, writeCommands } from "../rig/resumable.ts";
import { Rig } from "../rig/rig.ts";
import { shortId } from "../rig/short-id.ts";
import { stopBetweenWrites } from "../rig/stop-between-writes.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";

let rig: Rig;
beforeAll(() => {
  rig = new Rig();
});
afterAll(() => rig.close());

const endsOf = async (options: { cwd: string }) => {
  const { status, runs } = await showSession(options);
  return [status, Object.fromEntries(runs.map(({ run, status }) => [run, status]))];
};
const CANCELLED = ["cancelled", { before: "success", held: "cancelled", after: "cancelled" }];

describe("a session whose process was killed", () => {
  test("is cancelled by whoever asks for that: what still runs of it is ended, and all of it is on record", async () => {
    const { options, child, marked, session_id } = await killWhileHeld(rig, "left");
    const { exitCode, value } = await runJson<ControlRequest>(["cancel", session_id], options);
    expect([exitCode, value]).toMatchObject([0, { action: "cancel", outcome: "done" }]);
    await child.gone;
    expect(await endsOf(options)).toEqual(CANCELLED);
    const { runs } = await showSession(options);
    expect(runs[1]?.reason).toMatch(/^cancelled by .+ on .+ \(process \d+\), after its session was cut off$/);
    expect(await marked.remaining()).toEqual([]);
    expect((await runCli(["cancel", session_id], options)).stderr).toContain("has ended: cancelled");
  });

  test("is cancelled at once with --force, whatever its runs ignore", async () => {
    const { options, child, marked } = await killWhileHeld(rig, "ignoring");
    for (const signal of ["SIGINT", "SIGTERM"]) await child.tell({ do: "ignore", signal });
    expect((await runCli(["cancel", "latest", "--force"], options)).exitCode).toBe(0);
    await child.gone;
    expect(await endsOf(options)).toEqual(CANCELLED);
    expect(await marked.remaining()).toEqual([]);
  });

  test("can be cancelled though its plan is lost, which `resume` says", async () => {
    const { options, child, marked, session_id } = await killWhileHeld(rig, "planless");
    rmSync(join(options.cwd, ".runweave/sessions", session_id), { recursive: true });
    expect((await runCli(["resume", session_id], options)).exitCode).toBe(2);
    expect((await runCli(["cancel", session_id], options)).exitCode).toBe(0);
    await child.gone;
    expect(await endsOf(options)).toEqual(CANCELLED);
    expect(await marked.remaining()).toEqual([]);
  });

  test.each(["with", "without"])(
    "does not succeed by being cancelled %s its plan, though all of its runs have",
    async (how) => {
      const options = { cwd: makeTemporaryFolder() };
      const command = ["sh", "-c", 'echo made > "$1"', "sh", "${outputs.o.path}"];
      const file = writeCommands(options.cwd, { a: { command, outputs: ["o"] } });
      expect((await runCli(["run", file], options)).exitCode).toBe(0);
      reopen(options.cwd);
      if (how === "without") rmSync(join(options.cwd, ".runweave/sessions"), { recursive: true });
      expect((await runCli(["cancel", "latest"], options)).exitCode).toBe(0);
      expect(await endsOf(options)).toEqual(["cancelled", { a: "success" }]);
    },
  );

  test.each([
    ["pause", []],
    ["unpause", []],
    ["cancel", ["held"]],
  ])("can't be told to %s %j: the words name what can be done", async (action, [run]) => {
    const { options, child, session_id } = await killWhileHeld(rig, `told-${action}`);
    const { exitCode, stderr } = await runCli([action, run ?? session_id], options);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`session ${shortId(session_id)} was cut off: no process runs it`);
    expect(stderr).toContain(
      `\`runweave resume ${shortId(session_id)}\` continues it, \`runweave cancel ${shortId(session_id)}\` ends it`,
    );
    await child.tell({ do: "exit", code: 0 });
  });

  test("while somebody waits for it to be cancelled is cancelled by who waits", async () => {
    const { file, options, marked } = prepareHeld(rig, "waiting");
    const cli = startCli(["run", file, "--json"], options);
    const child = await rig.child("waiting");
    await child.tell({ do: "ignore", signal: "SIGINT" });
    const asked = child.nextSignal();
    const cancelling = runJson<ControlRequest>(["cancel", "latest"], options);
    await asked;
    const again = child.nextSignal();
    cli.signal("SIGKILL");
    await again;
    await child.tell({ do: "exit", code: 1 });
    expect(await cancelling).toMatchObject({ exitCode: 0, value: { outcome: "done" } });
    expect(await endsOf(options)).toEqual(CANCELLED);
    expect((await showSession(options)) as unknown).toMatchObject({ requests: [{ outcome: "done" }] });
    expect(await marked.remaining()).toEqual([]);
  });
});

test("a session whose process is stopped is cancelled when its lease is over, and not when it goes on", async () => {
  const { folder, file, options, marked } = prepareHeld(rig, "stopped");
  const cli = startCli(["run", file, "--json"], { ...options, env: { ...options.env, RUNWEAVE_LEASE_MS: "500" } });
  const child = await rig.child("stopped");
  await cli.event("run.started");
  await stopBetweenWrites(cli.pid, join(folder, ".runweave/registry.sqlite"));
  expect((await runCli(["cancel", "latest"], options)).exitCode).toBe(0);
  await child.gone;
  expect(await endsOf(options)).toEqual(CANCELLED);
  cli.signal("SIGCONT");
  expect((await cli.result).exitCode).toBe(3);
  expect(await endsOf(options)).toEqual(CANCELLED);
  expect(await marked.remaining()).toEqual([]);
});

/** As if its process had been killed when the last run had ended. */
function reopen(cwd: string): void {
  const database = new DatabaseSync(join(cwd, ".runweave/registry.sqlite"));
  database.exec("UPDATE sessions SET status = 'running', end_time = NULL, duration_ms = NULL");
  database.close();
}

/** A script that was killed while its second run went on. */
async function killScript(name: string) {
  const cwd = makeTemporaryFolder();
  const marked = new MarkedProcesses();
  const options = { cwd, env: marked.environment };
  const script = join(cwd, "script.mjs");
  const index = JSON.stringify(join(inject("packageFolder"), "dist/index.js"));
  const runs = `import { openSession } from ${index};
const session = await openSession();
await session.run({ name: "first", command: ["true"] });
await session.run({ name: "second", command: ${JSON.stringify(rig.command(name))} });
await session.run({ name: "third", command: ["true"] });`;
  writeFileSync(script, runs);
  const running = spawn(process.execPath, [script, "word"], { cwd, env: cliEnvironment(options.env), stdio: "ignore" });
  onTestFinished(() => void running.kill("SIGKILL"));
  const child = await rig.child(name);
  const ended = once(running, "exit");
  running.kill("SIGKILL");
  await ended;
  const { session_id } = await showSession(options);
  return { options, child, marked, session_id, script };
}

describe("a session of a script that was killed", () => {
  test("is closed by `resume` of its id: what runs of it is ended, and the words say what to do", async () => {
    const { options, child, marked, session_id, script } = await killScript("script");
    const closes = `\`runweave resume ${shortId(session_id)}\` closes it; then start the script again`;
    for (const command of [["sessions"], ["show"], ["resume"]]) {
      const { exitCode, stdout } = await runCli(command, options);
      expect([exitCode, stdout]).toEqual([0, expect.stringContaining(closes)]);
    }
    const { exitCode, stdout } = await runCli(["resume", session_id], options);
    expect(exitCode).toBe(130);
    expect(stdout).toContain(`the session is closed; to do the rest, start the script again: ${script} word`);
    await child.gone;
    expect(await endsOf(options)).toEqual(["cancelled", { first: "success", second: "cancelled" }]);
    expect((await showSession(options)).runs[1]?.reason).toBe("its script was cut off");
    expect(await marked.remaining()).toEqual([]);
    expect((await runCli(["resume"], options)).stdout).toContain("nothing to resume: no session of this registry");
  });

  test("tells of its end in events, too", async () => {
    const { options, session_id } = await killScript("in-events");
    const { events } = await resume(options, session_id);
    expect(typesOf(events)).toEqual(["session.resumed", "run.cancelled second", "session.finished"]);
  });

  test("is closed by `cancel`, and told nothing else", async () => {
    const { options, child, marked, session_id } = await killScript("cancelled-script");
    const { stderr } = await runCli(["pause", session_id], options);
    expect(stderr).toContain(`\`runweave cancel ${shortId(session_id)}\` ends it`);
    expect(stderr).not.toContain("continues it");
    expect((await runCli(["cancel", session_id], options)).exitCode).toBe(0);
    await child.gone;
    expect(await endsOf(options)).toEqual(["cancelled", { first: "success", second: "cancelled" }]);
    expect(await marked.remaining()).toEqual([]);
  });
});
