import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { beforeAll, expect, test } from "vitest";
import { digestPlan } from "../../src/compose/kept-plan/keep-plan.ts";
import { changeRegistry } from "../rig/change-registry.ts";
import { runCli, runEvents, runJson } from "../rig/cli.ts";
import { writeCommands } from "../rig/resumable.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";

const cwd = makeSuiteFolder();
const registry = join(cwd, ".runweave", "registry.sqlite");
const whole = join(cwd, "whole.sqlite");

const MAKE = 'echo 1 >"$1"; echo 2 >"$2"; echo \'{"rows": 3}\' >"$RUNWEAVE_METRICS"';

beforeAll(async () => {
  const make = {
    command: ["sh", "-c", MAKE, "sh", "${outputs.o.path}", "${outputs.other.path}"],
    outputs: ["o", "other"],
  };
  const use = { command: ["cp", "${inputs.o.path}", "${outputs.p.path}"], consumes: { o: "make" }, outputs: ["p"] };
  const python = { command: ["python3", "-c", "pass"], allow_failure: true };
  const broken = { command: ["false"], allow_failure: true };
  writeCommands(cwd, { make: { ...make, cache: "on" }, use, python, broken });
  await runEvents("workflow.json", { cwd });
  for (const words of [
    ["alias", "set", "champion", "o@make"],
    ["tag", "make", "team=red"],
    ["note", "make", "good"],
    ["taint", "other@make", "--reason", "wrong units"],
  ])
    expect((await runCli(words, { cwd })).exitCode, words.join(" ")).toBe(0);
  for (const ending of ["-wal", "-shm"]) rmSync(registry + ending, { force: true });
  copyFileSync(registry, whole);
});

/** The registry, changed by hand behind its back. */
function tamper(sql: string): void {
  for (const ending of ["-wal", "-shm"]) rmSync(registry + ending, { force: true });
  copyFileSync(whole, registry);
  using database = new DatabaseSync(registry, { enableForeignKeyConstraints: false });
  changeRegistry(database, sql);
}

const make = "(SELECT run_id FROM attempts WHERE run = 'make')";

test.each([
  ["an alias moved to another dataset", "UPDATE alias_moves SET dataset = 'other'"],
  ["an alias that is gone", "DELETE FROM alias_moves"],
  ["a taint that is gone", "DELETE FROM verdicts"],
  ["a taint that became another's", "UPDATE verdicts SET dataset = 'o'"],
  ["a tag", "UPDATE tags SET value = 'blue'"],
  ["a note", "UPDATE notes SET text = 'bad'"],
  ["metrics", `UPDATE attempts SET metrics = '{"rows":4}' WHERE run = 'make'`],
  ["a fingerprint", "UPDATE attempts SET fingerprint = 'x' WHERE run = 'make'"],
  ["parameters", `UPDATE runs SET runtime_params = '{"a":1}' WHERE run = 'make'`],
  ["the command line", "UPDATE sessions SET command_line = '[]'"],
  ["the commit", "UPDATE sessions SET git_commit = 'c0ffee'"],
  ["the origin", "UPDATE sessions SET origin = replace(origin, 'linux', 'darwin')"],
  ["the session's status", "UPDATE sessions SET status = 'cancelled'"],
  ["the facts of an environment", "UPDATE environments SET facts = '{}'"],
  ["the row of a run that is gone", "DELETE FROM runs WHERE run = 'broken'"],
  ["a pin", "UPDATE pins SET version = 'x' WHERE run_id <> ''"],
  ["an output", `UPDATE versions SET location = '/etc/hostname' WHERE run_id = ${make}`],
  ["a failed run that became a success", "UPDATE attempts SET status = 'success'; UPDATE runs SET status = 'success'"],
])("verify finds what was changed by hand: %s", async (_, sql) => {
  tamper("SELECT 1");
  const sound = await runCli(["verify", "--all"], { cwd });
  expect([sound.exitCode, sound.stderr]).toEqual([0, ""]);
  tamper(sql);
  const all = await runCli(["verify", "--all"], { cwd });
  expect([all.exitCode, all.stdout + all.stderr]).toEqual([1, expect.stringContaining("BROKEN   record-differs: ")]);
  expect((await runCli(["verify"], { cwd })).exitCode).toBe(1);
});

test.each([
  ["hashes that were all taken away, with the head", "UPDATE events SET hash = NULL; DELETE FROM chain_head"],
  [
    "a last event that is gone, with the head of the one before",
    "DELETE FROM events WHERE seq = (SELECT max(seq) FROM events); UPDATE chain_head SET seq = (SELECT max(seq) FROM events), hash = (SELECT hash FROM events ORDER BY seq DESC LIMIT 1)",
  ],
])("verify finds a log that was changed: %s", async (_, sql) => {
  tamper(sql);
  expect((await runCli(["verify", "--all"], { cwd })).exitCode).toBe(1);
  expect((await runCli(["verify"], { cwd })).exitCode).toBe(1);
});

test("a log of before events had hashes is broken unless that is allowed", async () => {
  tamper("UPDATE events SET hash = NULL; DELETE FROM chain_head");
  const allowed = await runCli(["verify", "--all", "--allow-unsealed"], { cwd });
  expect([allowed.exitCode, allowed.stdout]).toEqual([
    0,
    expect.stringMatching(/^unknown {2}not-sealed: \d+ events have no hash/m),
  ]);
});

test("a plan that was changed together with its digest in the table is found by the log, and not executed", async () => {
  const [id = ""] = readdirSync(join(cwd, ".runweave/sessions"));
  const path = join(cwd, ".runweave/sessions", id, "plan.json");
  const before = readFileSync(path, "utf8");
  const forged = before.replace('"false"', '"touch"');
  expect(forged).not.toBe(before);
  writeFileSync(path, forged);
  tamper(`UPDATE sessions SET origin = replace(origin, '${digestPlan(before)}', '${digestPlan(forged)}')`);
  expect((await runCli(["verify"], { cwd })).stdout).toContain("not as the log says: origin");
  writeFileSync(path, before);
});

test("verify says what it did not look at", async () => {
  tamper("SELECT 1");
  const { stdout } = await runCli(["verify"], { cwd });
  expect(stdout).toContain(
    "not checked: outputs of other sessions (--all); records of other sessions, and the rest of the log (--all); ",
  );
  const { value } = await runJson<{ unchecked: string[] }>(["verify", "--all"], { cwd });
  expect(value.unchecked).toEqual([expect.stringContaining("whether the whole log was written anew")]);
});

test("doctor --rebuild makes the registry anew from its log, beside the old one, and says where that differs", async () => {
  tamper("SELECT 1");
  const same = await runCli(["doctor", "--rebuild", "same.sqlite"], { cwd });
  expect([same.exitCode, same.stdout]).toEqual([
    0,
    expect.stringMatching(/same\.sqlite has what the \d+ events of the log say; .* has the same\n/),
  ]);
  tamper("DELETE FROM alias_moves; UPDATE tags SET value = 'blue'");
  const rebuilt = await runJson<{ findings: { message: string }[] }>(["doctor", "--rebuild", "new.sqlite"], { cwd });
  expect([rebuilt.exitCode, rebuilt.value.findings.map(({ message }) => message)]).toEqual([
    1,
    [
      "the table alias_moves, champion: a row is gone that the log tells of",
      "the table tags, team: not as the log says: value",
    ],
  ]);
  const again = await runCli(["doctor", "--rebuild", "new.sqlite"], { cwd });
  expect([again.exitCode, again.stderr]).toEqual([3, expect.stringContaining("new.sqlite is there already")]);
  copyFileSync(join(cwd, "new.sqlite"), registry);
  for (const ending of ["-wal", "-shm"]) rmSync(registry + ending, { force: true });
  expect((await runCli(["verify", "--all"], { cwd })).exitCode).toBe(0);
  expect((await runCli(["alias", "list"], { cwd })).stdout).toContain("champion");

  tamper("UPDATE events SET body = '{' WHERE seq = 4");
  const torn = await runCli(["doctor", "--rebuild", "torn.sqlite"], { cwd });
  expect([torn.exitCode, torn.stderr]).toEqual([
    3,
    expect.stringContaining("error[not-rebuilt]  the registry can't be made anew: event 4"),
  ]);
  expect(readdirSync(cwd)).not.toContain("torn.sqlite");
});
