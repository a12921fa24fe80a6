import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";
import { TerminalSession } from "./terminal.ts";
import { TrialFolder } from "./trial-folder.ts";

test("on a terminal of the tests Ctrl-C drops nothing that was written and not yet read", () => {
  const script = join(import.meta.dirname, "../../rig/terminal.py");
  const reports = execFileSync("python3", [script, "stty", "-a"], { encoding: "utf8" }).trim().split("\n");
  const shown = reports.map((line) => (JSON.parse(line) as { shown?: string }).shown ?? "").join("");
  expect(shown).toMatch(/(?<!-)\bnoflsh\b/);
});

test("a session on a terminal that does not end is a hang, with what it was doing", async () => {
  const folder = makeTemporaryFolder();
  mkdirSync(join(folder, "bin"));
  writeFileSync(join(folder, "bin/runweave.js"), "setInterval(() => {}, 1_000)");
  const trial = new TrialFolder(folder, { steps: [], expected: {}, limitMs: 300 });
  const { hang, exitCode } = await new TerminalSession(trial, { packageFolder: folder }).ended;
  expect(hang).toMatch(/^process \d+, /);
  expect(exitCode).toBeNull();
  expect(await trial.marked.remaining(5_000)).toEqual([]);
});
