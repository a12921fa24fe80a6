import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { captureCode } from "../../../src/compose/capture/capture-origin.ts";
import { rebuildCode } from "../../../src/compose/reproduce/rebuild-code.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";

const SETTINGS = ["user.name=n", "user.email=e@x", "commit.gpgsign=false", "protocol.file.allow=always"];

function gitIn(folder: string): (...args: string[]) => string {
  const settings = SETTINGS.flatMap((setting) => ["-c", setting]);
  return (...args) => execFileSync("git", [...settings, ...args], { cwd: folder, encoding: "utf8", stdio: "pipe" });
}

function commitNew(folder: string, name: string): (...args: string[]) => string {
  mkdirSync(folder);
  const git = gitIn(folder);
  git("init", "-q");
  writeFileSync(join(folder, name), "1\n");
  git("add", ".");
  git("commit", "-qm", "first");
  return git;
}

/** A checkout with a submodule that has one itself; in `library` is where it comes from. */
function makeNested() {
  const home = makeTemporaryFolder();
  commitNew(join(home, "deep"), "deep.py");
  const library = commitNew(join(home, "lib"), "lib.py");
  library("submodule", "--quiet", "add", "../deep", "deep");
  library("commit", "-qam", "second");
  const checkout = join(home, "top");
  const git = commitNew(checkout, "top.py");
  git("submodule", "--quiet", "add", "../lib", "vendor/a lib");
  git("submodule", "--quiet", "update", "--init", "--recursive");
  git("commit", "-qam", "second");
  const state = join(home, "state");
  const inside = join(checkout, "vendor/a lib");
  return { home, checkout, git, inside, state };
}

async function rebuild({ home, checkout, state }: { home: string; checkout: string; state: string }) {
  const { git, origin } = await captureCode(checkout, { root: state });
  const folder = join(home, "again");
  const commit = git.commit ?? "";
  const absent = await rebuildCode({ checkout, commit, patch: origin.patch }, { folder, root: state });
  const read = (name: string) => (existsSync(join(folder, name)) ? readFileSync(join(folder, name), "utf8") : null);
  return { dirty: git.dirty, patch: origin.patch, absent, read };
}

describe("the code of a commit with submodules", () => {
  test("is rebuilt with those that the checkout has, and theirs", async () => {
    const { dirty, patch, absent, read } = await rebuild(makeNested());
    expect([dirty, patch, absent]).toEqual([false, null, []]);
    expect(["top.py", "vendor/a lib/lib.py", "vendor/a lib/deep/deep.py"].map(read)).toEqual(["1\n", "1\n", "1\n"]);
  });

  test("has what was changed in them: files that are new or edited, commits that the checkout does not name yet", async () => {
    const made = makeNested();
    const { inside, checkout } = made;
    writeFileSync(join(inside, "lib.py"), "2\n");
    gitIn(inside)("commit", "-qam", "third");
    writeFileSync(join(inside, "lib.py"), "3\n");
    writeFileSync(join(inside, "new.py"), "new\n");
    writeFileSync(join(inside, "deep/deep.py"), "deeper\n");
    writeFileSync(join(checkout, "top.py"), "4\n");
    const status = gitIn(checkout)("status", "--porcelain");
    const { dirty, absent, read } = await rebuild(made);
    expect([dirty, absent]).toEqual([true, []]);
    expect(["top.py", "vendor/a lib/lib.py", "vendor/a lib/new.py", "vendor/a lib/deep/deep.py"].map(read)).toEqual([
      ...["4\n", "3\n", "new\n", "deeper\n"],
    ]);
    expect(gitIn(checkout)("status", "--porcelain")).toBe(status);
  });

  test("is no other for the byte code that a run leaves in a submodule", async () => {
    const made = makeNested();
    mkdirSync(join(made.inside, "deep/__pycache__"));
    writeFileSync(join(made.inside, "deep/__pycache__/deep.cpython-311.pyc"), "byte code");
    const { dirty, patch } = await rebuild(made);
    expect([dirty, patch]).toEqual([false, null]);
  });

  test("has one whose folder was emptied since: git keeps what it knows of it", async () => {
    const made = makeNested();
    made.git("submodule", "--quiet", "deinit", "--force", "vendor/a lib");
    const { absent, read } = await rebuild(made);
    expect(read("vendor/a lib/lib.py")).toBe("1\n");
    expect(absent.map(({ path }) => path)).toEqual([]);
  });

  test("names one of which the checkout has nothing, and leaves it empty, as it is there", async () => {
    const made = makeNested();
    const plain = join(made.home, "plain");
    gitIn(made.home)("clone", "--quiet", "top", "plain");
    const { absent, read } = await rebuild({ ...made, checkout: plain });
    expect(absent).toEqual([{ path: "vendor/a lib", commit: expect.stringMatching(/^[0-9a-f]{40}$/) }]);
    expect(read("top.py")).toBe("1\n");
  });

  test("is refused if a submodule does not have its commit any more, with where it is and what to do", async () => {
    const made = makeNested();
    const { inside } = made;
    rmSync(inside, { recursive: true });
    commitNew(inside, "other.py");
    const wanted = made.git("rev-parse", "HEAD:vendor/a lib").trim();
    const commit = made.git("rev-parse", "HEAD").trim();
    const code = { checkout: made.checkout, commit, patch: null };
    await expect(rebuildCode(code, { folder: join(made.home, "again"), root: made.state })).rejects.toMatchObject({
      code: "submodule-gone",
      message: `the submodule vendor/a lib was at ${wanted}, which ${inside} does not have any more`,
      hint: expect.stringContaining(`fetch origin ${wanted}`),
    });
  });
});
