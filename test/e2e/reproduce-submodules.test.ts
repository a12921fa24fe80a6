import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import type { Reproduction } from "../../src/core/answer/reproduction.ts";
import { runCli, runEvents, runJson } from "../rig/cli.ts";
import { writeCommands } from "../rig/resumable.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";

const SETTINGS = ["user.name=n", "user.email=e@x", "commit.gpgsign=false", "protocol.file.allow=always"];
const home = makeSuiteFolder();
const [library, top] = [join(home, "lib"), join(home, "top")];
const options = { cwd: top };

function git(folder: string, ...args: string[]): void {
  const settings = SETTINGS.flatMap((setting) => ["-c", setting]);
  execFileSync("git", [...settings, ...args], { cwd: folder, stdio: "pipe" });
}

beforeAll(async () => {
  for (const folder of [library, top]) {
    mkdirSync(folder);
    git(folder, "init", "-q");
  }
  writeFileSync(join(library, "say.sh"), 'echo 1 > "$1"\n');
  git(library, "add", ".");
  git(library, "commit", "-qm", "first");
  git(top, "submodule", "--quiet", "add", "../lib", "vendor/lib");
  writeCommands(top, { say: { command: ["sh", "vendor/lib/say.sh", "${outputs.o.path}"], outputs: ["o"] } });
  git(top, "add", ".");
  git(top, "commit", "-qm", "first");
  writeFileSync(join(top, "vendor/lib/say.sh"), 'echo 2 > "$1"\n');
  await runEvents("workflow.json", options);
});

test("a run of code in a submodule is done again on what that was, though it is something else by now", async () => {
  writeFileSync(join(top, "vendor/lib/say.sh"), 'echo 3 > "$1"\n');
  const { value, exitCode } = await runJson<Reproduction>(["reproduce", "say", "--allow-drift"], options);
  expect([exitCode, value.verdict]).toEqual([0, "identical"]);
});

test("a submodule that has lost its commit is refused, with its place", async () => {
  rmSync(join(top, "vendor/lib"), { recursive: true });
  mkdirSync(join(top, "vendor/lib"));
  git(join(top, "vendor/lib"), "init", "-q");
  const { exitCode, stderr } = await runCli(["reproduce", "say"], options);
  expect(exitCode).toBe(2);
  expect(stderr).toContain("error[submodule-gone]  the submodule vendor/lib was at ");
});
