import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ControlRequest } from "../../src/core/control-request.ts";
import type { SessionRecord } from "../../src/core/run.ts";
import { runCli, runJson, startCli } from "../rig/cli.ts";
import { MarkedProcesses } from "../rig/marked-processes.ts";
import { Rig } from "../rig/rig.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";
import { TerminalCli } from "../rig/terminal.ts";

let rig: Rig;
beforeAll(() => {
  rig = new Rig();
});
afterAll(() => rig.close());

type Shown = SessionRecord & { requests: ControlRequest[] };

const show = async (cwd: string) => (await runJson<Shown>(["show"], { cwd })).value;
const endsOf = ({ runs }: SessionRecord) => Object.fromEntries(runs.map(({ run, status }) => [run, status]));

function inFolder(runs: Record<string, object>): string {
  const folder = makeTemporaryFolder();
  writeFileSync(join(folder, "flow.json"), JSON.stringify({ max_parallel: 2, runs }));
  return folder;
}

/** A session under way, in a process of its own. */
async function begin(runs: Record<string, object>) {
  const cwd = inFolder(runs);
  const marked = new MarkedProcesses();
  const cli = startCli(["run", "flow.json", "--json"], { cwd, env: marked.environment });
  await cli.event("run.started");
  return { cwd, cli, marked };
}

describe("cancel", () => {
  test("ends a session that runs in another process, on record, and the runs are asked to end", async () => {
    const { cwd, cli, marked } = await begin({
      long: { command: rig.command("cancelled") },
      later: { command: ["true"], needs: ["long"] },
    });
    const child = await rig.child("cancelled");
    await child.tell({ do: "ignore", signal: "SIGINT" });
    const signalled = child.nextSignal();
    const asked = runJson<ControlRequest>(["cancel", "latest"], { cwd });
    expect(await signalled).toBe("SIGINT");
    await child.tell({ do: "exit", code: 1 });
    const { value: request, exitCode } = await asked;
    expect(exitCode).toBe(0);
    expect(request).toMatchObject({ action: "cancel", run: null, force: false, outcome: "done" });
    expect((await cli.result).exitCode).toBe(130);
    const session = await show(cwd);
    expect(session.status).toBe("cancelled");
    expect(endsOf(session)).toEqual({ long: "cancelled", later: "cancelled" });
    expect(session.runs[0]?.reason).toMatch(/^cancelled by .+ on .+ \(process \d+\)$/);
    expect([request]).toMatchObject(session.requests);
    expect(await cli.event("request.accepted")).toMatchObject({ request_id: request.request_id, by: request.by });
    expect(await marked.remaining()).toEqual([]);
  });

  test("--force ends runs that will not end by themselves, after a cancel that waits for them", async () => {
    const { cwd, cli, marked } = await begin({ long: { command: rig.command("stubborn") } });
    const child = await rig.child("stubborn");
    await child.tell({ do: "ignore", signal: "SIGINT" });
    const signalled = child.nextSignal();
    const first = runJson<ControlRequest>(["cancel", "latest"], { cwd });
    await signalled;
    const second = runJson<ControlRequest>(["cancel", "latest", "--force"], { cwd });
    await child.gone;
    expect((await cli.result).exitCode).toBe(130);
    const answers = [(await first).value, (await second).value];
    expect(answers).toMatchObject([
      { force: false, outcome: "done", message: "the session has ended: cancelled" },
      { force: true, outcome: "done" },
    ]);
    expect(await marked.remaining()).toEqual([]);
  });

  test("two at once are both answered", async () => {
    const { cwd, cli } = await begin({ long: { command: rig.command("twice-asked") } });
    await rig.child("twice-asked");
    const both = await Promise.all([1, 2].map(() => runJson<ControlRequest>(["cancel", "latest"], { cwd })));
    await cli.result;
    const isLate = ({ code }: { code?: string }) => code === "session-over";
    for (const { value } of both) expect(value.outcome === "done" || isLate(value as object)).toBe(true);
    expect((await show(cwd)).status).toBe("cancelled");
  });

  test("one run alone: what needs it is skipped because of it, the rest goes on", async () => {
    const { cwd, cli } = await begin({
      a: { command: rig.command("one-a") },
      b: { command: rig.command("one-b") },
      c: { command: ["true"], needs: ["a"] },
      d: { command: ["true"], needs: ["b"] },
    });
    await rig.child("one-a");
    const other = await rig.child("one-b");
    const { value } = await runJson<ControlRequest>(["cancel", "a"], { cwd });
    expect(value).toMatchObject({ run: "a", outcome: "done", message: "it is cancelled" });
    await other.tell({ do: "exit", code: 0 });
    await cli.result;
    const session = await show(cwd);
    expect(endsOf(session)).toEqual({ a: "cancelled", b: "success", c: "skipped", d: "success" });
    expect(session.runs.find(({ run }) => run === "c")?.reason).toBe("a was cancelled");
  });

  test("during the wait between two attempts", async () => {
    const { cwd, cli } = await begin({ flaky: { command: ["false"], retries: { max: 3, backoff: "1h" } } });
    await cli.event("run.failed");
    const { value } = await runJson<ControlRequest>(["cancel", "flaky"], { cwd });
    expect(value.outcome).toBe("done");
    expect((await cli.result).exitCode).toBe(130);
    expect(endsOf(await show(cwd))).toEqual({ flaky: "cancelled" });
  });

  test("says what it can't do: an unknown id, a mistyped run, a session that is over, a run that is over", async () => {
    const cwd = inFolder({ train: { command: ["true"] } });
    expect(await runCli(["cancel", "latest"], { cwd })).toMatchObject({ exitCode: 2 });
    await runCli(["run", "flow.json"], { cwd });
    const codeOf = async (...args: string[]) => {
      const { exitCode, stdout } = await runCli([...args, "--json"], { cwd });
      return [exitCode, JSON.parse(stdout).code];
    };
    expect(await codeOf("cancel", "latest")).toEqual([2, "session-over"]);
    expect(await codeOf("cancel", "trian")).toEqual([2, "unknown-run"]);
    expect(await codeOf("cancel", "1999")).toEqual([2, "unknown-session"]);
    expect(await codeOf("pause", "train")).toEqual([2, "invalid-usage"]);
    expect((await runCli(["cancel", "trian"], { cwd })).stderr).toContain('did you mean "train"?');
  });
});

describe("pause and continue", () => {
  test("nothing starts in between, what runs goes on, and everybody is told", async () => {
    const { cwd, cli } = await begin({
      first: { command: rig.command("paused-first") },
      second: { command: rig.command("paused-second"), needs: ["first"] },
    });
    const first = await rig.child("paused-first");
    const { value: paused } = await runJson<ControlRequest>(["pause", "latest"], { cwd });
    expect(paused).toMatchObject({ action: "pause", outcome: "done" });
    expect(await cli.event("session.paused")).toMatchObject({ by: paused.by });
    await first.tell({ do: "exit", code: 0 });
    await cli.event("run.succeeded");
    const during = await show(cwd);
    expect(during.paused_since).not.toBeNull();
    expect(endsOf(during)).toEqual({ first: "success", second: "pending" });
    const { value: again, exitCode } = await runJson<ControlRequest>(["pause", "latest"], { cwd });
    expect([again.outcome, again.message, exitCode]).toEqual(["refused", "it is paused already", 1]);
    const { stdout } = await runCli(["unpause", "latest"], { cwd });
    expect(stdout).toContain("done: runs start again");
    await (await rig.child("paused-second")).tell({ do: "exit", code: 0 });
    expect((await cli.result).exitCode).toBe(0);
    const after = await show(cwd);
    expect([after.status, after.paused_since]).toEqual(["success", null]);
    expect((await runCli(["show"], { cwd })).stdout).toMatch(
      /Asked\n.+ pause of the session by .+: done: no more runs start/,
    );
  });

  test("a paused session shows it on the terminal, and Ctrl-C ends it", async () => {
    const cwd = inFolder({
      first: { command: rig.command("ctrl-c-first") },
      second: { command: ["true"], needs: ["first"] },
    });
    const terminal = new TerminalCli(["run", "flow.json"], { cwd });
    const first = await rig.child("ctrl-c-first");
    await terminal.shows("first");
    await runCli(["pause", "latest"], { cwd });
    await terminal.shows("paused");
    await first.tell({ do: "exit", code: 0 });
    await terminal.shows("succeeded");
    terminal.press("\u0003");
    expect(await terminal.ended).toEqual({ exitCode: 130, restored: true });
    expect(endsOf(await show(cwd))).toEqual({ first: "success", second: "cancelled" });
  });
});
