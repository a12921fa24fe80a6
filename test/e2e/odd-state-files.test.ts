import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { runCli } from "../rig/cli.ts";
import { showSession, writeCommands } from "../rig/resumable.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";

const cwd = makeSuiteFolder();
const COMMANDS = [
  ["run", "workflow.json"],
  ["replay", "latest", "--dry-run"],
  ["logs", "make"],
  ["errors"],
  ["verify", "--all"],
  ["show"],
  ["doctor"],
  ["resume"],
  ["gc", "--keep-last", "1"],
];
const FOLDERS = ["sessions", "workers", "data", "attempts", "logs", "attempt"];
const THINGS: Readonly<Record<string, (path: string) => void>> = {
  "a pipe": (path) => execFileSync("mkfifo", [path]),
  "a folder": (path) => mkdirSync(path),
  "a link to a device": (path) => symlinkSync("/dev/zero", path),
};
/** Done, a run failed, usage, environment; anything else is a fault of ours. */
const KNOWN_CODES = [0, 1, 2, 3];
let places: Record<string, string> = {};

beforeAll(async () => {
  const command = ["sh", "-c", 'cat raw.txt > "$1"', "sh", "${outputs.table.path}"];
  const runs = {
    make: { command: ["sh", "-c", 'echo data > "$1"', "sh", "${outputs.table.path}"], outputs: ["table"] },
    fail: { command, outputs: ["table"] },
  };
  writeCommands(cwd, runs, { defaults: { cache: "on" }, on_failure: "continue" });
  await runCli(["run", "workflow.json"], { cwd });
  const session = await showSession({ cwd });
  const runId = session.runs[0]?.run_id ?? expect.fail();
  places = {
    key: "key",
    "content cache": "cache/content.json",
    plan: `sessions/${session.session_id}/plan.json`,
    log: `logs/run_${runId}.log`,
    attempt: `attempts/${runId}`,
    "note of the newest session": "newest-session.registry.sqlite.json",
  };
});

describe.each(Object.keys(THINGS))("%s in the place of a file of the state folder", (thing) => {
  test.each(["key", "content cache", "plan", "log", "note of the newest session"])(
    "%s: every command ends",
    async (what) => {
      const path = join(cwd, ".runweave", places[what] ?? expect.fail());
      renameSync(path, `${path}.kept`);
      THINGS[thing]?.(path);
      onTestFinished(() => {
        rmSync(path, { recursive: true, force: true });
        renameSync(`${path}.kept`, path);
      });
      for (const args of COMMANDS) {
        const { exitCode, stderr } = await runCli(args, { cwd });
        expect([args[0], KNOWN_CODES.includes(exitCode ?? -1), stderr]).toEqual([args[0], true, stderr]);
      }
    },
  );
});

/** Commands that end with no known exit code, with what they say. */
async function findFaults(): Promise<unknown[]> {
  const asked = [["logs", "make"], ["show"], ["verify", "--all"], ["resume"]];
  const ended = await Promise.all(asked.map(async (args) => ({ args, ...(await runCli(args, { cwd })) })));
  return ended.flatMap(({ args, exitCode, stderr }) => (KNOWN_CODES.includes(exitCode ?? -1) ? [] : [[args, stderr]]));
}

describe.each<[string, (path: string) => void]>([
  ["a pipe", (path) => execFileSync("mkfifo", ["-m", "600", path])],
  ["a file", (path) => writeFileSync(path, "", { mode: 0o600 })],
  ["a link to itself", (path) => symlinkSync(path, path)],
])("%s in the place of a folder of the state folder", (_, put) => {
  test.each(FOLDERS)("%s: every command ends, none with a fault of ours", async (name) => {
    const path = join(cwd, ".runweave", places[name] ?? name);
    const isThere = existsSync(path);
    if (isThere) renameSync(path, `${path}.kept`);
    put(path);
    onTestFinished(() => {
      rmSync(path, { recursive: true, force: true });
      if (isThere) renameSync(`${path}.kept`, path);
    });
    expect(await findFaults()).toEqual([]);
    if (name === "attempt") return;
    const { exitCode, stderr } = await runCli(["run", "workflow.json"], { cwd });
    expect([exitCode, stderr]).toEqual([3, expect.stringMatching(/registry-unusable.*is no folder.*move it away/s)]);
  });
});

test("a state folder in a place where nothing can be made ends the command", async () => {
  const { exitCode, stderr } = await runCli(["run", "workflow.json", "--registry", "/proc/x/y"], { cwd });
  expect([exitCode, stderr]).toEqual([3, expect.stringContaining("error[registry-read-only]")]);
});

test("a run whose command puts a pipe in the place of its own exit file ends", async () => {
  const other = makeTemporaryFolder();
  const pipe = 'mkfifo "$(dirname "$RUNWEAVE_METRICS")/exit"';
  const file = writeCommands(other, { a: { command: ["sh", "-c", pipe] } });
  const { exitCode } = await runCli(["run", file], { cwd: other });
  expect(exitCode).toBe(0);
});
