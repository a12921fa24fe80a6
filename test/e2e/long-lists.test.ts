import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { RunEvent } from "../../src/core/event/event.ts";
import type { SessionSummary } from "../../src/core/port/registry-lists.ts";
import type { RunRecord } from "../../src/core/run.ts";
import { openSqliteRegistry } from "../../src/record/sqlite/registry.ts";
import { binPath, cliEnvironment, runCli, runList } from "../rig/cli.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";
import { declaredRun, History } from "../suites/history.ts";

const SESSIONS = 1_000;
const RUNS_EACH = 3;
/** Longer than all of them together may be in memory at once. */
const TEXT = "x".repeat(24_000);
const HEAP_MB = 48;

describe("lists that are longer than the memory", () => {
  const folder = makeSuiteFolder();
  const small = { cwd: folder, env: { NODE_OPTIONS: `--max-old-space-size=${HEAP_MB}` } };
  const sessions: string[] = [];

  beforeAll(() => {
    const registry = openSqliteRegistry(join(folder, ".runweave", "registry.sqlite"));
    for (let from = 0; from < SESSIONS; from += 50) registry.append(describeSessions(sessions, 50));
    registry.close();
  });

  test("runs --json tells every run once, newest first", async () => {
    const { exitCode, value } = await runList<RunRecord>(["runs"], small);
    expect([exitCode, value.length]).toEqual([0, SESSIONS * RUNS_EACH]);
    const newest = sessions.toReversed().flatMap((session) => ["c", "b", "a"].map((run) => `${session} ${run}`));
    expect(value.map(({ session_id, run }) => `${session_id} ${run}`)).toEqual(newest);
    expect(value.every(({ runtime_params }) => runtime_params.text === TEXT)).toBe(true);
  });

  test("runs prints its table", async () => {
    const { exitCode, stdout } = await runCli(["runs"], small);
    expect([exitCode, stdout.trimEnd().split("\n").length]).toEqual([0, 1 + SESSIONS * RUNS_EACH]);
  });

  test("sessions --json tells every session once, newest first", async () => {
    const { exitCode, value } = await runList<SessionSummary>(["sessions"], small);
    expect([exitCode, value.map(({ session_id }) => session_id)]).toEqual([0, sessions.toReversed()]);
    expect(value.every(({ run_counts }) => run_counts.pending === RUNS_EACH)).toBe(true);
  });

  test("a reader that has seen enough cuts the list off quietly", () => {
    const script = `{ "$@"; echo $? >code; } 2>trace | head -c 1000`;
    const args = ["-c", script, "bash", process.execPath, binPath(), "runs", "--json"];
    const head = execFileSync("bash", args, { cwd: folder, env: cliEnvironment(small.env), encoding: "utf8" });
    expect(head).toMatch(/^\{"schema_version":1,"type":"runs","runs":\[\{"session_id":/);
    expect(["trace", "code"].map((name) => readFileSync(join(folder, name), "utf8"))).toEqual(["", "141\n"]);
  });

  test.each(["runs", "sessions"])("%s --json of nothing is an empty list", async (command) => {
    const { stdout } = await runCli([command, "--workflow", "nosuch", "--json"], small);
    expect(stdout).toBe(`{"schema_version":1,"type":"${command}","${command}":[]}\n`);
  });
});

function describeSessions(sessions: string[], count: number): RunEvent[] {
  const history = new History(undefined, sessions.length * 100);
  const runs = ["a", "b", "c"].map((run) => ({ ...declaredRun(run), runtime_params: { text: TEXT } }));
  for (let index = 0; index < count; index++) {
    const session = history.startSession();
    const started = history.events.at(-1);
    if (started?.type === "session.started") started.command_line = ["runweave", "run", TEXT];
    history.declare(session, ...runs);
    sessions.push(session);
  }
  return history.events;
}
