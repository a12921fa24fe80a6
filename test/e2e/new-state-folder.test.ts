import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { runEvents } from "../rig/cli.ts";
import { showSession, writeCommands } from "../rig/resumable.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";

test("git is asked once the state folder is there and ignored: a first session in a clean checkout is clean", async () => {
  const folder = makeTemporaryFolder();
  const file = writeCommands(folder, { only: { command: ["true"] } });
  const git = (...args: string[]) =>
    execFileSync("git", ["-C", folder, "-c", "user.name=a", "-c", "user.email=a@b", ...args]);
  git("init", "-q");
  git("add", ".");
  git("commit", "-qm", "all");
  const { exitCode } = await runEvents(file, { cwd: folder });
  expect(exitCode).toBe(0);
  const { git_commit, git_dirty, origin } = await showSession({ cwd: folder });
  expect({ git_dirty, patch: origin?.patch }).toEqual({ git_dirty: false, patch: null });
  expect(git_commit).toMatch(/^[0-9a-f]{40}$/);
});
