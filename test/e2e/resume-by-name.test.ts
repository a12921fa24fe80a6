import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { runCli, runJson } from "../rig/cli.ts";
import { showSession, writeCommands } from "../rig/resumable.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";

const cwd = makeSuiteFolder();
let failed = "";

/** A session that failed, and after it one of another workflow that succeeded. */
beforeAll(async () => {
  const file = writeCommands(cwd, {
    prep: { command: ["sh", "-c", 'echo 1 > "$0"', "${outputs.n.path}"], outputs: ["n"] },
    late: { command: ["test", "-e", "ready"], needs: ["prep"] },
  });
  const { stdout } = await runCli(["run", file], { cwd });
  failed = (await showSession({ cwd })).session_id;
  expect(stdout).toMatch(new RegExp(`\nNext\n  runweave resume (${failed}|${failed.slice(-8)})\n`));
  writeFileSync(join(cwd, "other.yaml"), "runs: { other: { command: [echo, hello] } }\n");
  await runCli(["run", "other.yaml"], { cwd });
});

test("without a session, resume names what it could resume, and with which command", async () => {
  const { exitCode, stdout } = await runCli(["resume"], { cwd });
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(
    new RegExp(`  runweave resume (${failed}|${failed.slice(-8)})  workflow, failed, 1 of 2 runs left`),
  );
  const { value } = await runJson<{ type: string; sessions: { session_id: string }[] }>(["resume"], { cwd });
  expect(value).toMatchObject({ type: "nothing-to-resume", sessions: [{ session_id: failed }] });
});

test("questions about a run that the newest session has not are answered of the session that has it", async () => {
  const { value } = await runJson<{ logs: object[]; fallbacks: object[] }>(["logs", "prep"], { cwd });
  expect(value).toMatchObject({
    logs: [{ run: "prep" }],
    fallbacks: [{ word: "prep", session_id: failed, reason: 'has no run "prep"' }],
  });
  const { exitCode, stdout, stderr } = await runCli(["lineage", "prep"], { cwd });
  expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/^prep {2}success/)]);
  expect(stderr).toMatch(/^note: the newest session, .* has no run "prep": this is of session /);
});

test.each([
  ["show", "prep"],
  ["errors", "prep"],
  ["logs", "prep"],
  ["lineage", "prep"],
  ["lineage", "prep", "--undeclared"],
  ["verify", "prep"],
  ["diff", "prep", "prep"],
  ["path", "n@prep"],
  ["tag", "prep"],
  ["replay", "prep", "--dry-run"],
  ["taint", "n@prep", "--reason", "wrong", "--dry-run"],
  ["alias", "set", "champion", "n@prep"],
  ["taint", "n@prep", "--reason", "wrong"],
  ["heal", "n@prep"],
])("%s tells scripts that its answer is of an older session: %s", async (...args) => {
  const { value } = await runJson<{ fallbacks: object[] }>([...args], { cwd });
  const fallback = { word: "prep", session_id: failed, reason: 'has no run "prep"' };
  expect(value.fallbacks).toMatchObject(args[0] === "diff" ? [fallback, fallback] : [fallback]);
});

test("what is tainted is found by its mark, not by the newest session", async () => {
  const { value } = await runJson(["taint", "--clear", "n@prep"], { cwd });
  expect(value).toMatchObject({ cleared: { dataset: "n", reason: "wrong" }, fallbacks: [] });
});

test("`latest` is a session of one run here, and other sessions are asked for all of their runs", async () => {
  expect((await runCli(["logs", "latest"], { cwd })).stdout).toContain("hello");
  expect((await runCli(["lineage", "latest"], { cwd })).stdout).toMatch(/^other {2}success/);
  const { stdout } = await runCli(["logs", failed.slice(-8)], { cwd });
  expect(stdout).toMatch(/^==> prep \(.*\) <==\n[\s\S]*\n==> late \(/);
  const { value } = await runJson<{ roots: string[] }>(["lineage", failed.slice(-8)], { cwd });
  expect(value.roots).toHaveLength(2);
  const { stderr } = await runCli(["logs", "-f", failed], { cwd });
  expect(stderr).toContain("error[invalid-usage]");
});

test("a misspelt name is answered with the right one", async () => {
  for (const command of [
    "show",
    "logs",
    "errors",
    "lineage",
    "resume",
    "cancel",
    "tag",
    "reproduce",
    "verify",
    "replay",
  ]) {
    const { exitCode, stderr } = await runCli([command, "prpe"], { cwd });
    expect([command, exitCode, stderr]).toEqual([command, 2, expect.stringContaining('did you mean "prep"?')]);
  }
});

test("a name resumes the session of it that is unfinished", async () => {
  writeFileSync(join(cwd, "ready"), "");
  const { exitCode, stderr } = await runCli(["resume", "late"], { cwd });
  expect([exitCode, stderr]).toEqual([0, expect.stringContaining('has no run "late"')]);
  rmSync(join(cwd, "ready"));
  expect((await showSession({ cwd }, failed)).status).toBe("success");
});
