import { cpSync, existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { RunRecord } from "../../src/core/run.ts";
import { runCli, runEvents, runJson } from "../rig/cli.ts";
import { readTree } from "../rig/read-tree.ts";
import { showSession, writeCommands } from "../rig/resumable.ts";
import { shortId } from "../rig/short-id.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";

const MAKE = { command: ["sh", "-c", 'date +%N >"$1"', "sh", "${outputs.it.path}"], outputs: ["it"] };

interface Emptied {
  entries: { id: string }[];
  unknown: string[];
}

/** One session, a backup of its registry alone, two more sessions, and the two older ones collected. */
async function makeOlder() {
  const cwd = makeTemporaryFolder();
  const state = join(cwd, ".runweave");
  mkdirSync(state);
  const file = writeCommands(cwd, { make: MAKE });
  const runs: RunRecord[] = [];
  const run = async () => {
    expect((await runEvents(file, { cwd })).exitCode).toBe(0);
    runs.push(...(await showSession({ cwd })).runs);
  };
  const registry = join(state, "registry.sqlite");
  await run();
  cpSync(registry, join(cwd, "backup"));
  await run();
  await run();
  const { session_id: newest } = await showSession({ cwd });
  expect((await runCli(["gc", "--keep-last", "1", "--yes"], { cwd })).exitCode).toBe(0);
  cpSync(registry, join(cwd, "newer"));
  const put = (name: string) => {
    for (const ending of ["", "-wal", "-shm"]) rmSync(registry + ending, { force: true });
    cpSync(join(cwd, name), registry);
  };
  return { cwd, state, file, run, runs, put, newest };
}

test("an older registry that was put back is told of by run, doctor and verify, until the newer one is there again", async () => {
  const { cwd, file, put, newest } = await makeOlder();
  put("backup");
  const looked = await runCli(["show"], { cwd });
  expect([looked.exitCode, looked.stderr]).toEqual([0, ""]);
  const sick = await runCli(["doctor"], { cwd });
  expect([sick.exitCode, sick.stdout]).toEqual([3, expect.stringContaining("FAIL  registry-older: ")]);
  expect(sick.stdout).toContain(`it does not know session ${shortId(newest)}, which ran here`);
  const verified = await runCli(["verify", "--all"], { cwd });
  expect([verified.exitCode, verified.stdout]).toEqual([1, expect.stringContaining("BROKEN   registry-older: ")]);
  const ran = await runCli(["run", file], { cwd });
  expect([ran.exitCode, ran.stderr.split("warning[registry-older]").length]).toEqual([0, 2]);
  // The session that has run since hides nothing of that.
  expect((await runCli(["doctor"], { cwd })).stdout).toContain(`it does not know session ${shortId(newest)}`);
  put("newer");
  expect((await runCli(["doctor"], { cwd })).stdout).not.toContain(newest);
});

test("an older registry that is to be kept is settled, and told of no more", async () => {
  const { cwd, file, put } = await makeOlder();
  put("backup");
  const settled = await runCli(["doctor", "--settle"], { cwd });
  expect(settled).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("1 session that it does not know") });
  const ran = await runCli(["run", file], { cwd });
  expect([ran.exitCode, ran.stderr]).toEqual([0, ""]);
  expect((await runCli(["verify", "--all"], { cwd })).stdout).not.toContain("registry-older");
});

test("entries of the trash that an older registry does not know stay, are counted, and go only by name", async () => {
  const { cwd, state, put, runs } = await makeOlder();
  put("backup");
  const trash = join(state, "trash");
  const ids = readdirSync(trash).sort();
  expect(ids).toEqual([`gc-${runs[0]?.run_id}`, `gc-${runs[1]?.run_id}`]);
  const before = readTree(trash);

  const listed = await runJson<{ entries: { standing: string }[] }>(["trash", "list"], { cwd });
  expect(listed.value.entries.map(({ standing }) => standing)).toEqual(["unknown", "unknown"]);
  expect((await runCli(["gc", "--keep-last", "1", "--yes"], { cwd })).exitCode).toBe(0);
  const emptied = await runJson<Emptied>(["trash", "empty", "--yes"], { cwd });
  expect(emptied).toMatchObject({ exitCode: 0, value: { entries: [], unknown: ids } });
  const told = await runCli(["trash", "empty", "--yes"], { cwd });
  expect(told.stdout).toContain("deleted 0 entries, 0 B\n2 entries stay: the registry does not know them");
  expect(readTree(trash)).toEqual(before);
  const sick = await runCli(["doctor"], { cwd });
  expect(sick.stdout).toContain("warn  trash: the registry does not know 2 entries");
  expect(sick.stdout).toContain("warn  attempts: 2 in ");

  const named = await runJson<Emptied>(["trash", "empty", ids[1] ?? "", "--yes"], { cwd });
  expect(named.value.entries.map(({ id }) => id)).toEqual([ids[1]]);
  expect(readdirSync(trash)).toEqual([ids[0]]);
  put("newer");
  expect((await runCli(["trash", "restore", runs[0]?.run_id ?? ""], { cwd })).exitCode).toBe(0);
  expect(existsSync(Object.values(runs[0]?.outputs ?? {})[0]?.location ?? "")).toBe(true);
});
