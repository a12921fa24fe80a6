import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { openGit, quietGit } from "../../../src/compose/capture/quiet-git.ts";

const IDENTITY = ["-c", "user.name=t", "-c", "user.email=t@example.org"];

/** Makes a checkout with another one in it, as a submodule at `part`. */
function makeNested(part: string): { folder: string; git(...args: string[]): string } {
  const folder = mkdtempSync(join(tmpdir(), "runweave-quiet-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const git = (...args: string[]) =>
    execFileSync("git", [...IDENTITY, ...args], { cwd: folder, encoding: "utf8", stdio: "pipe" });
  git("init", "-q");
  git("init", "-q", part);
  writeFileSync(join(folder, part, ".gitattributes"), "*.py filter=trap\n");
  writeFileSync(join(folder, part, "code.py"), "print(1)\n");
  for (const at of [part, "."]) {
    git("-C", at, "add", ".");
    git("-C", at, "commit", "-q", "-m", "first");
  }
  return { folder, git };
}

it.each(["part", "par\tt"])("no filter that the submodule %j configures is run", async (part) => {
  const { folder, git } = makeNested(part);
  const trap = join(folder, ".git", "trapped");
  git("-C", part, "config", "filter.trap.clean", `echo ran >> '${trap}'; cat`);
  // Git compares files of the same size by their content, through the filter.
  writeFileSync(join(folder, part, "code.py"), "print(2)\n");
  const status = await quietGit(folder, ["status", "--porcelain", "--ignore-submodules=none"]);
  expect(status.toString()).toMatch(/^ M /);
  expect(existsSync(trap)).toBe(false);
});

it("a submodule that is a link to the checkout around it is looked at once", async () => {
  const { folder, git } = makeNested("part");
  symlinkSync(folder, join(folder, "part", "around"));
  symlinkSync(folder, join(folder, "part", "about"));
  const commit = git("rev-parse", "HEAD").trim();
  for (const name of ["around", "about"]) {
    git("-C", "part", "update-index", "--add", "--cacheinfo", `160000,${commit},${name}`);
  }
  const call = await openGit(folder);
  expect((await call(["rev-parse", "HEAD"])).toString().trim()).toBe(commit);
});
