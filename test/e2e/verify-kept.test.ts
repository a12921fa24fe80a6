import { execFileSync } from "node:child_process";
import { globSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import type { Finding } from "../../src/explain/certificate.ts";
import { runEvents, runJson } from "../rig/cli.ts";
import { writeCommands } from "../rig/resumable.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";

const cwd = makeSuiteFolder();

beforeAll(async () => {
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=n", "-c", "user.email=e@x", ...args], { cwd });
  git("init", "-q");
  writeCommands(cwd, { make: { command: ["sh", "-c", 'echo 1 > "$1"', "sh", "${outputs.o.path}"], outputs: ["o"] } });
  git("add", ".");
  git("commit", "-qm", "first");
  writeFileSync(join(cwd, "code.py"), "print(1)\n");
  await runEvents("workflow.json", { cwd });
});

async function broken(...args: string[]): Promise<string[]> {
  const { exitCode, value } = await runJson<{ findings: Finding[] }>(["verify", ...args], { cwd });
  const found = value.findings.filter(({ verdict }) => verdict === "broken").map(({ code }) => code);
  expect(exitCode).toBe(found.length === 0 ? 0 : 1);
  return found;
}

test.each([
  ["plan", ".runweave/sessions/*/plan.json"],
  ["patch", ".runweave/patches/*.patch"],
])("one bit of a session's %s that was changed is found, and that it is gone", async (what, glob) => {
  const [path = ""] = globSync(join(cwd, glob));
  const before = readFileSync(path);
  expect(await broken()).toEqual([]);
  const after = Buffer.from(before);
  after[10] = (after[10] ?? 0) ^ 1;
  writeFileSync(path, after);
  expect(await broken()).toEqual([`${what}-changed`]);
  expect(await broken("--all")).toEqual([`${what}-changed`]);
  rmSync(path);
  expect(await broken("make")).toEqual([`${what}-missing`]);
  writeFileSync(path, before);
});
