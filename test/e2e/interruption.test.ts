import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { SessionRecord } from "../../src/core/run.ts";
import { runCli, runJson, startCli } from "../rig/cli.ts";
import { MarkedProcesses } from "../rig/marked-processes.ts";
import { Rig } from "../rig/rig.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";
import { TerminalCli } from "../rig/terminal.ts";
import { waitFor } from "../rig/wait-for.ts";

let rig: Rig;
beforeAll(() => {
  rig = new Rig();
});
afterAll(() => rig.close());

/** A workflow whose first run is an obedient child of this name. */
function writeWorkflow(folder: string, name: string): string {
  const file = join(folder, "workflow.json");
  const runs = {
    long: { command: rig.command(name) },
    later: { command: ["touch", "reached"], needs: ["long"] },
  };
  writeFileSync(file, JSON.stringify({ runs }));
  return file;
}

const statusesOf = ({ runs }: SessionRecord) => Object.fromEntries(runs.map(({ run, status }) => [run, status]));
const show = async (folder: string) => (await runJson<SessionRecord>(["show"], { cwd: folder })).value;
const HIDE_CURSOR = "\u001b[?25l";
const SHOW_CURSOR = "\u001b[?25h";

describe("on a terminal", () => {
  test("Ctrl-C once lets the run end by itself, starts nothing more and leaves the terminal as it was", async () => {
    const folder = makeTemporaryFolder();
    const marked = new MarkedProcesses();
    const terminal = new TerminalCli(["run", writeWorkflow(folder, "once")], { cwd: folder, env: marked.environment });
    const child = await rig.child("once");
    await child.tell({ do: "ignore", signal: "SIGINT" });
    const signalled = child.nextSignal();
    await terminal.shows("long");
    terminal.press("\u0003");
    expect(await signalled).toBe("SIGINT");
    await child.tell({ do: "exit", code: 0 });
    const { exitCode, restored } = await terminal.ended;
    expect({ exitCode, restored }).toEqual({ exitCode: 130, restored: true });
    expect(terminal.shown).toContain(HIDE_CURSOR);
    expect(terminal.shown.lastIndexOf(SHOW_CURSOR)).toBeGreaterThan(terminal.shown.lastIndexOf(HIDE_CURSOR));
    expect(await marked.remaining()).toEqual([]);
    const session = await show(folder);
    expect(session.status).toBe("cancelled");
    expect(statusesOf(session).later).toBe("cancelled");
  });

  test("Ctrl-C again kills a run that will not end", async () => {
    const folder = makeTemporaryFolder();
    const marked = new MarkedProcesses();
    const terminal = new TerminalCli(["run", writeWorkflow(folder, "twice")], { cwd: folder, env: marked.environment });
    const child = await rig.child("twice");
    await child.tell({ do: "ignore", signal: "SIGINT" });
    await child.tell({ do: "spawn", name: "twice-grandchild" });
    const grandchild = await rig.child("twice-grandchild");
    const signalled = child.nextSignal();
    terminal.press("\u0003");
    await signalled;
    await terminal.shows("Ctrl-C again kills them");
    terminal.press("\u0003");
    const { exitCode, restored } = await terminal.ended;
    expect({ exitCode, restored }).toEqual({ exitCode: 130, restored: true });
    await Promise.all([child.gone, grandchild.gone]);
    expect(terminal.shown.lastIndexOf(SHOW_CURSOR)).toBeGreaterThan(terminal.shown.lastIndexOf(HIDE_CURSOR));
    expect(await marked.remaining()).toEqual([]);
    expect(statusesOf(await show(folder))).toEqual({ long: "cancelled", later: "cancelled" });
  });

  test("a terminal that goes away cancels the session, and leaves nothing behind", async () => {
    const folder = makeTemporaryFolder();
    const marked = new MarkedProcesses();
    const terminal = new TerminalCli(["run", writeWorkflow(folder, "lost")], { cwd: folder, env: marked.environment });
    const child = await rig.child("lost");
    await terminal.shows("long");
    terminal.hangUp();
    await child.gone;
    expect(await marked.remaining()).toEqual([]);
    expect(statusesOf(await show(folder))).toEqual({ long: "cancelled", later: "cancelled" });
  });

  test("a session that nohup started goes on without its terminal", async () => {
    const folder = makeTemporaryFolder();
    const marked = new MarkedProcesses();
    const run = ["run", writeWorkflow(folder, "alone")];
    const under = ["bash", "-c", 'nohup "$@"; true', "bash"];
    const terminal = new TerminalCli(run, { cwd: folder, env: marked.environment, under });
    const child = await rig.child("alone");
    terminal.hangUp();
    const isShell = ([program]: readonly string[]) => program === "bash";
    await waitFor(() => marked.find(isShell).length === 0);
    await child.tell({ do: "exit", code: 0 });
    expect(await marked.remaining()).toEqual([]);
    expect(statusesOf(await show(folder))).toEqual({ long: "success", later: "success" });
    expect(readFileSync(join(folder, "nohup.out"), "utf8")).toContain("runweave show");
  });

  test("a successful session shows its summary last, with the cursor back", async () => {
    const folder = makeTemporaryFolder();
    const terminal = new TerminalCli(["run", writeWorkflow(folder, "well")], { cwd: folder });
    const child = await rig.child("well");
    await terminal.shows("long");
    await child.tell({ do: "exit", code: 0 });
    expect(await terminal.ended).toEqual({ exitCode: 0, restored: true });
    expect(terminal.shown.slice(terminal.shown.lastIndexOf(SHOW_CURSOR))).toContain("runweave show");
  });
});

describe("a signal without a terminal", () => {
  test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("%s cancels the session: exit code 130", async (signal) => {
    const folder = makeTemporaryFolder();
    const marked = new MarkedProcesses();
    const file = writeWorkflow(folder, signal);
    const cli = startCli(["run", file, "--json"], { cwd: folder, env: marked.environment });
    await rig.child(signal);
    await cli.event("run.started");
    cli.signal(signal);
    expect((await cli.result).exitCode).toBe(130);
    expect(await cli.event("session.finished")).toMatchObject({ status: "cancelled" });
    expect(await marked.remaining()).toEqual([]);
    expect(statusesOf(await show(folder))).toEqual({ long: "cancelled", later: "cancelled" });
  });
});

describe("a signal while the program is read", () => {
  /** Sends a signal to a process of its own as soon as it reads a file of this name. */
  function preload(folder: string, { file, signal }: { file: string; signal: string }): { NODE_OPTIONS: string } {
    const path = join(folder, "preload.mjs");
    const code = `import { registerHooks } from "node:module";
const load = (url, context, next) => {
  if (url.endsWith("/${file}")) process.kill(process.pid, "${signal}");
  return next(url, context);
};
registerHooks({ load });\n`;
    writeFileSync(path, code);
    return { NODE_OPTIONS: `--import=${path}` };
  }

  test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "%s: exit code 130, the usual words, and nothing else",
    async (signal) => {
      const folder = makeTemporaryFolder();
      const file = writeWorkflow(folder, "never");
      const env = preload(makeTemporaryFolder(), { file: "whole-program.js", signal });
      const { exitCode, stdout, stderr } = await runCli(["run", file], { cwd: folder, env });
      expect({ exitCode, stdout, stderr }).toEqual({
        exitCode: 130,
        stdout: "",
        stderr: "error[interrupted]  interrupted\n",
      });
      expect(readdirSync(folder)).toEqual(["workflow.json"]);
    },
  );

  test("scripts get the same answer as later", async () => {
    const folder = makeTemporaryFolder();
    const file = writeWorkflow(folder, "never");
    const env = preload(makeTemporaryFolder(), { file: "whole-program.js", signal: "SIGINT" });
    const { exitCode, value } = await runJson<{ type: string; code: string }>(["run", file], { cwd: folder, env });
    expect({ exitCode, type: value.type, code: value.code }).toEqual({
      exitCode: 130,
      type: "error",
      code: "interrupted",
    });
  });

  test("under nohup a terminal that goes away means nothing there either", async () => {
    const folder = makeTemporaryFolder();
    const env = {
      ...preload(makeTemporaryFolder(), { file: "whole-program.js", signal: "SIGHUP" }),
      _: "/usr/bin/nohup",
    };
    writeFileSync(join(folder, "workflow.json"), JSON.stringify({ runs: { a: { command: ["true"] } } }));
    expect((await runCli(["run"], { cwd: folder, env })).exitCode).toBe(0);
  });
});

test("an interruption after a failure still exits with 130, and the failure stays on record", async () => {
  const folder = makeTemporaryFolder();
  const file = join(folder, "workflow.json");
  const runs = { broken: { command: ["false"] }, long: { command: rig.command("long-one") } };
  writeFileSync(file, JSON.stringify({ on_failure: "continue", max_parallel: 2, runs }));
  const cli = startCli(["run", file, "--json"], { cwd: folder });
  await rig.child("long-one");
  await cli.event("run.failed");
  cli.signal("SIGINT");
  expect((await cli.result).exitCode).toBe(130);
  expect(statusesOf(await show(folder))).toEqual({ broken: "failed", long: "cancelled" });
});

describe("kill -9 of the orchestrator", () => {
  test("once the running command has ended, no process of the session is left", async () => {
    const folder = makeTemporaryFolder();
    const marked = new MarkedProcesses();
    const cli = startCli(["run", writeWorkflow(folder, "orphan"), "--json"], { cwd: folder, env: marked.environment });
    const child = await rig.child("orphan");
    await cli.event("run.started");
    cli.signal("SIGKILL");
    expect((await cli.result).signal).toBe("SIGKILL");
    await child.tell({ do: "exit", code: 0 });
    expect(await marked.remaining()).toEqual([]);
    const session = await show(folder);
    expect(statusesOf(session)).not.toMatchObject({ long: "success" });
    expect(statusesOf(session).later).toBe("pending");
  });

  test("the registry still works for the next session", async () => {
    const folder = makeTemporaryFolder();
    const file = writeWorkflow(folder, "first");
    const cli = startCli(["run", file, "--json"], { cwd: folder });
    const child = await rig.child("first");
    await cli.event("run.started");
    cli.signal("SIGKILL");
    await cli.result;
    await child.tell({ do: "exit", code: 0 });
    writeWorkflow(folder, "second");
    const next = startCli(["run", file, "--json"], { cwd: folder });
    await (await rig.child("second")).tell({ do: "exit", code: 0 });
    expect((await next.result).exitCode).toBe(0);
    expect((await show(folder)).status).toBe("success");
  });
});
