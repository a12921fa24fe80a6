import { execFileSync } from "node:child_process";
import { mkdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { runCli } from "../rig/cli.ts";
import { showSession, writeCommands } from "../rig/resumable.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";

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
