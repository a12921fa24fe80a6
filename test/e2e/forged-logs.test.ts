import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { beforeAll, describe, expect, test } from "vitest";
import { digestPlan } from "../../src/compose/kept-plan/keep-plan.ts";
import { digestEnvironment } from "../../src/runners/interpreters/environment.ts";
import { changeRegistry, forgeLog } from "../rig/change-registry.ts";
import { runCli, runEvents } from "../rig/cli.ts";
import { writeCommands } from "../rig/resumable.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";
import { findTestPython } from "../rig/test-python.ts";

const cwd = makeSuiteFolder();
const state = join(cwd, ".runweave");
const registry = join(state, "registry.sqlite");
const whole = join(makeSuiteFolder(), "whole");
const pwned = join(cwd, "pwned");
const git = (...args: string[]) =>
  execFileSync("git", ["-c", "user.name=n", "-c", "user.email=e@x", ...args], { cwd, encoding: "utf8" }).trim();
/** Commits of the checkout: the one that ran, and one of other code. */
let [commit, other] = ["", ""];

const RUNS = {
  make: { command: ["sh", "make.sh", "${outputs.o.path}"], outputs: ["o"], on_rollback: ["sh", "-c", "exit 0"] },
  use: { command: ["sh", "-c", 'cat "$1"; test -e fine', "sh", "${inputs.o.path}"], consumes: { o: "make" } },
  spare: { command: ["cp", "make.sh", "${outputs.p.path}"], outputs: ["p"] },
  python: { command: [findTestPython(), "-c", "pass"] },
};

beforeAll(async () => {
  writeCommands(cwd, RUNS, { on_failure: "continue" });
  writeFileSync(join(cwd, ".gitignore"), ".runweave\npwned\n");
  writeFileSync(join(cwd, "make.sh"), `touch ${pwned}; echo 1 >"$1"\n`);
  git("init", "-q");
  git("add", "-A");
  git("commit", "-qm", "other");
  other = git("rev-parse", "HEAD");
  writeFileSync(join(cwd, "make.sh"), 'echo 1 >"$1"\n');
  git("commit", "-qam", "good");
  commit = git("rev-parse", "HEAD");
  writeFileSync(join(cwd, "make.sh"), 'echo 1 >"$1" # changed\n');
  expect((await runEvents("workflow.json", { cwd })).exitCode).toBe(1);
  expect((await runCli(["taint", "p@spare", "--reason", "wrong units"], { cwd })).exitCode).toBe(0);
  for (const ending of ["-wal", "-shm"]) rmSync(registry + ending, { force: true });
  cpSync(state, whole, { recursive: true });
});

/** Puts the state folder back, and changes its registry. */
function tamper(sql: string, change = changeRegistry): void {
  rmSync(state, { recursive: true });
  cpSync(whole, state, { recursive: true });
  rmSync(pwned, { force: true });
  using database = new DatabaseSync(registry, { enableForeignKeyConstraints: false });
  change(database, `${sql}; DELETE FROM homes`);
}

const replaceAll = (before: string, after: string) =>
  [
    `UPDATE events SET body = replace(body, '${before}', '${after}')`,
    `UPDATE sessions SET git_commit = replace(git_commit, '${before}', '${after}')`,
    `UPDATE sessions SET origin = replace(origin, '${before}', '${after}')`,
    `UPDATE attempts SET environment = replace(environment, '${before}', '${after}')`,
    `UPDATE versions SET location = replace(location, '${before}', '${after}')`,
    `UPDATE attempts SET outputs_location = replace(outputs_location, '${before}', '${after}')`,
  ].join("; ");

/** Codes of refusals. What is wrong with the changed record by itself may be found before it is compared with the log. */
const REFUSED = /^error\[(records-differ|plan-unusable|version-unlogged|writes-elsewhere)\]/;
const EXECUTING = [
  ["reproduce", "make"],
  ["resume"],
  ["replay", "latest", "--fresh", "spare"],
  ["rollback", "latest"],
  ["heal"],
];
const DRY = [
  ["replay", "latest", "--fresh", "spare", "--dry-run"],
  ["rollback", "latest", "--dry-run"],
  ["heal", "--dry-run"],
];

test("whoever made the record is not asked", async () => {
  tamper("");
  const done = await runCli(["reproduce", "make"], { cwd });
  expect([done.exitCode, done.stderr]).toEqual([0, expect.not.stringContaining("error")]);
  expect((await runCli(["resume"], { cwd })).exitCode).toBe(1);
  for (const words of DRY) {
    const planned = await runCli(words, { cwd });
    expect([words, planned.exitCode, planned.stderr]).toEqual([words, 0, ""]);
  }
});

describe("tables that say something else than the log are refused, whoever says yes:", () => {
  test.each([
    ["the commit", () => `UPDATE sessions SET git_commit = '${other}'`],
    [
      "that there were no changes",
      () => "UPDATE sessions SET git_dirty = 0, origin = json_set(origin, '$.patch', null)",
    ],
    ["a pin", () => "UPDATE pins SET version = 'x' WHERE dataset = 'o' AND rule = 'consumed'"],
    ["the place of an output", () => "UPDATE versions SET location = '/etc/hostname'"],
    ["packages", () => `UPDATE environments SET facts = json_set(facts, '$.packages.evil', '1.0')`],
    ["the end of a run", () => "UPDATE runs SET status = 'success' WHERE run = 'use'"],
  ])("%s", async (_, sql) => {
    tamper(sql());
    for (const words of [...EXECUTING, ...DRY]) {
      const refused = await runCli([...words, "--yes"], { cwd });
      // Healing goes on with other sessions, and tells of those that it can't heal.
      if (words[0] === "heal" && refused.exitCode === 1) expect(refused.stdout).toContain("its row and the log differ");
      else expect([words, refused.exitCode, refused.stderr]).toEqual([words, 2, expect.stringMatching(REFUSED)]);
    }
    expect(existsSync(pwned)).toBe(false);
  });
});

describe("a log that was made anew as a whole, with the plan as it was, is not executed unasked:", () => {
  const refuse = async (words: string[], ...shown: string[]) => {
    const refused = await runCli(words, { cwd });
    expect([words, refused.exitCode, refused.stderr]).toEqual([words, 2, expect.stringContaining("not-confirmed")]);
    for (const text of shown) expect(refused.stderr).toContain(text);
    expect(existsSync(pwned)).toBe(false);
  };

  test("with another commit", async () => {
    tamper(replaceAll(commit, other), forgeLog);
    expect((await runCli(["verify"], { cwd })).exitCode).toBe(0);
    for (const words of [...EXECUTING, ...DRY]) await refuse(words, `commit ${other} and `, "of uncommitted changes");
    expect((await runCli(["reproduce", "make", "--yes"], { cwd })).stderr).not.toContain("not-confirmed");
  });

  test("with other changes", async () => {
    tamper("");
    const [name = ""] = readdirSync(join(state, "patches"));
    const patch = readFileSync(join(state, "patches", name), "utf8");
    const forged = patch.replace("# changed", `; touch ${pwned}`);
    expect(forged).not.toBe(patch);
    tamper(replaceAll(digestPlan(patch), digestPlan(forged)), forgeLog);
    writeFileSync(
      join(state, "patches", name.replace(digestPlan(patch).slice(7), digestPlan(forged).slice(7))),
      forged,
    );
    await refuse(["reproduce", "make"], digestPlan(forged));
  });

  test("with other packages", async () => {
    tamper("");
    using database = new DatabaseSync(registry);
    const row = database.prepare("SELECT digest, facts FROM environments").get() as { digest: string; facts: string };
    const facts = JSON.parse(row.facts);
    const forged = { ...facts, packages: { ...facts.packages, evil: "1.0" } };
    const digest = digestEnvironment(forged);
    const packages = `json_set(body, '$.facts.packages.evil', '1.0')`;
    tamper(
      `UPDATE environments SET facts = '${JSON.stringify(forged)}', digest = '${digest}';
       UPDATE events SET body = ${packages} WHERE type = 'environment.captured';
       ${replaceAll(row.digest, digest)}`,
      forgeLog,
    );
    await refuse(["reproduce", "python", "--rebuild-env"], "evil==1.0");
  });

  test("with another version that a run is to read", async () => {
    tamper(replaceAll(join(state, "data"), join(state, "data2")), forgeLog);
    await refuse(["resume"]);
    await refuse(["reproduce", "make"]);
  });

  test("without its newest event", async () => {
    tamper("DELETE FROM events WHERE seq = (SELECT max(seq) FROM events); DELETE FROM verdicts", forgeLog);
    await refuse(["resume"]);
  });
});

test("a state folder that others may write to is executed only after a yes, though it is trusted", async () => {
  tamper("");
  chmodSync(state, 0o770);
  const trusting = { cwd, env: { RUNWEAVE_TRUST: state } };
  const refused = await runCli(["resume"], trusting);
  expect([refused.exitCode, refused.stderr]).toEqual([2, expect.stringContaining("error[not-confirmed]")]);
  expect(refused.stderr).toContain(`others may have written the state folder: other users may write to ${state}`);
  expect((await runCli(["show"], trusting)).exitCode).toBe(0);
  expect((await runCli(["resume", "--yes"], trusting)).exitCode).toBe(1);
});
