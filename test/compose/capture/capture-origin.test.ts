import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { captureCode, patchPath } from "../../../src/compose/capture/capture-origin.ts";

const IDENTITY = ["-c", "user.name=n", "-c", "user.email=e@x", "-c", "commit.gpgsign=false"];

function makeCheckout(): { folder: string; state: string; git(...args: string[]): string } {
  const folder = mkdtempSync(join(tmpdir(), "runweave-code-"));
  const state = mkdtempSync(join(tmpdir(), "runweave-state-"));
  onTestFinished(() => {
    for (const each of [folder, state]) rmSync(each, { recursive: true, force: true });
  });
  const git = (...args: string[]) => execFileSync("git", [...IDENTITY, ...args], { cwd: folder, encoding: "utf8" });
  git("init", "-q");
  writeFileSync(join(folder, "code.py"), "print(1)\n");
  git("add", ".");
  git("commit", "-q", "-m", "first");
  return { folder, state, git };
}

it("a clean checkout has its commit and no patch", async () => {
  const { folder, state, git } = makeCheckout();
  const { git: found, origin } = await captureCode(folder, { root: state });
  expect(found).toEqual({ commit: git("rev-parse", "HEAD").trim(), dirty: false });
  expect(origin).toMatchObject({ patch: null, user: userInfo().username, node: process.versions.node });
});

it("changes and new files are kept as a patch that makes the same code again; what holds secrets is left out", async () => {
  const { folder, state, git } = makeCheckout();
  writeFileSync(join(folder, "code.py"), "print(2)\n");
  writeFileSync(join(folder, "new.py"), "print(3)\n");
  writeFileSync(join(folder, ".env"), "PASSWORD=x\n");
  const status = git("status", "--porcelain");
  const { origin } = await captureCode(folder, { root: state });
  expect(git("status", "--porcelain"), "the checkout's own index is as it was").toBe(status);
  const patch = origin.patch;
  if (patch === null) throw new Error("there is no patch");
  const path = patchPath(state, patch);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readFileSync(path, "utf8")).not.toContain("PASSWORD");
  git("checkout", "-q", "code.py");
  rmSync(join(folder, "new.py"));
  git("apply", path);
  expect(readFileSync(join(folder, "code.py"), "utf8")).toBe("print(2)\n");
  expect(readFileSync(join(folder, "new.py"), "utf8")).toBe("print(3)\n");
  expect((await captureCode(folder, { root: state })).origin.patch, "equal changes are one file").toEqual(patch);
  expect(readdirSync(join(state, "patches"))).toHaveLength(1);
});

it("of files that git tracks alone, new ones are neither kept nor a change", async () => {
  const { folder, state } = makeCheckout();
  writeFileSync(join(folder, "notes.txt"), "mine\n");
  const scope = { root: state, capture: "tracked" } as const;
  const untouched = await captureCode(folder, scope);
  expect([untouched.git.dirty, untouched.origin.patch]).toEqual([false, null]);
  writeFileSync(join(folder, "code.py"), "print(2)\n");
  const { git, origin } = await captureCode(folder, scope);
  expect([git.dirty, origin.patch?.tracked_only]).toEqual([true, true]);
  const text = readFileSync(patchPath(state, origin.patch ?? { digest: "" }), "utf8");
  expect(text).toContain("+print(2)");
  expect(text).not.toContain("mine");
});

it("a change that looks like what git knows, as it came in the same moment, is no less a change", async () => {
  const { folder, state, git } = makeCheckout();
  const [path, index] = [join(folder, "code.py"), join(folder, ".git/index")];
  git("config", "core.trustctime", "false");
  utimesSync(path, 1_700_000_000, 1_700_000_000);
  git("add", ".");
  writeFileSync(path, "print(2)\n");
  for (const each of [path, index]) utimesSync(each, 1_700_000_000, 1_700_000_000);
  const { origin } = await captureCode(folder, { root: state });
  expect(readFileSync(patchPath(state, origin.patch ?? { digest: "" }), "utf8")).toContain("+print(2)");
});

it("data and logs of a Kedro project are no code, tracked or not, wherever it is in the checkout", async () => {
  const { folder, state, git } = makeCheckout();
  const project = join(folder, "an [odd] place");
  for (const name of ["data/08", "logs", "src/data"]) mkdirSync(join(project, name), { recursive: true });
  writeFileSync(join(project, "pyproject.toml"), '[tool.kedro]\npackage_name = "p"\n');
  const write = (text: string) => {
    for (const name of ["data/08/report.csv", "logs/info.log"]) writeFileSync(join(project, name), text);
  };
  write("1");
  git("add", ".");
  git("commit", "-q", "-m", "second");
  write("2");
  writeFileSync(join(project, "data/new.csv"), "3");
  expect(await captureCode(project, { root: state })).toMatchObject({ git: { dirty: false }, origin: { patch: null } });
  writeFileSync(join(project, "src/data/code.py"), "4");
  expect((await captureCode(project, { root: state })).git.dirty).toBe(true);
  expect((await captureCode(folder, { root: state })).git.dirty, "nobody said that it is a project").toBe(true);
  writeFileSync(join(folder, ".gitignore"), "data/\nlogs/\n");
  expect(
    (await captureCode(project, { root: state })).origin.patch?.bytes,
    "ignored ones are left out too",
  ).toBeGreaterThan(0);
});

it("a lock file beside its workflow is no code, in git or not; one beside nothing is", async () => {
  const { folder, state, git } = makeCheckout();
  mkdirSync(join(folder, "my flows"));
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  write("my flows/a.yaml", "runs: {}");
  write("my flows/b.json", "{}");
  const lock = (run: string) => `{ "runweave_lock": 1, "runs": { "${run}": {} } }`;
  write("my flows/a.lock.json", lock("a"));
  git("add", ".");
  git("commit", "-q", "-m", "second");
  write("my flows/a.lock.json", lock("b"));
  write("my flows/b.lock.json", lock("c"));
  expect(await captureCode(folder, { root: state })).toMatchObject({ git: { dirty: false }, origin: { patch: null } });
  write("code.py", "changed = 1\n");
  const { origin } = await captureCode(folder, { root: state });
  const patch = readFileSync(patchPath(state, origin.patch ?? expect.fail()), "utf8");
  expect([patch.includes("code.py"), patch.includes("lock.json")]).toEqual([true, false]);
  git("checkout", "-q", "code.py");
  write("packages.lock.json", lock("d"));
  expect((await captureCode(folder, { root: state })).git.dirty, "there is no workflow beside it").toBe(true);
  write("packages.json", "{}");
  write("packages.lock.json", "of another tool");
  git("add", "packages.json");
  git("commit", "-q", "-m", "third");
  expect((await captureCode(folder, { root: state })).git.dirty).toBe(true);
});

describe("what runs of the workflow write", () => {
  const [results, table] = ["results", "odd [name]/table.csv"];
  const writeAll = (folder: string, text: string) => {
    for (const name of [`${results}/deep/a.csv`, table]) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
  };
  const writtenIn = (folder: string) => [join(folder, results), join(folder, table)];

  it.each(["new", "staged", "committed"])("is no code, where it is %s", async (how) => {
    const { folder, state, git } = makeCheckout();
    writeAll(folder, "1");
    if (how !== "new") git("add", ".");
    if (how === "committed") git("commit", "-q", "-m", "second");
    writeAll(folder, "2");
    const options = { root: state, written: writtenIn(folder) };
    expect(await captureCode(folder, options)).toMatchObject({ git: { dirty: false }, origin: { patch: null } });
    expect((await captureCode(folder, { root: state })).git.dirty, "of another workflow").toBe(true);
    writeFileSync(join(folder, "code.py"), "changed = 1\n");
    const { git: found, origin } = await captureCode(folder, options);
    const patch = readFileSync(patchPath(state, origin.patch ?? expect.fail()), "utf8");
    expect([found.dirty, patch.includes("code.py"), patch.includes(".csv")]).toEqual([true, true, false]);
  });

  it("is no reason to leave out what lies beside it", async () => {
    const { folder, state } = makeCheckout();
    writeAll(folder, "1");
    writeFileSync(join(folder, "odd [name]/code.py"), "2");
    const { git, origin } = await captureCode(folder, { root: state, written: writtenIn(folder) });
    const patch = readFileSync(patchPath(state, origin.patch ?? expect.fail()), "utf8");
    expect([git.dirty, patch.includes("code.py"), patch.includes(".csv")]).toEqual([true, true, false]);
  });

  it("is known through a link to the checkout", async () => {
    const { folder, state } = makeCheckout();
    const elsewhere = join(mkdtempSync(join(tmpdir(), "runweave-link-")), "link");
    onTestFinished(() => rmSync(dirname(elsewhere), { recursive: true, force: true }));
    symlinkSync(folder, elsewhere);
    writeAll(folder, "1");
    expect((await captureCode(elsewhere, { root: state, written: writtenIn(folder) })).git.dirty).toBe(false);
    expect((await captureCode(folder, { root: state, written: writtenIn(elsewhere) })).git.dirty).toBe(false);
  });
});

it("byte code that a run leaves beside the sources is no change, and in no patch", async () => {
  const { folder, state } = makeCheckout();
  mkdirSync(join(folder, "src/__pycache__"), { recursive: true });
  writeFileSync(join(folder, "src/__pycache__/code.cpython-311.pyc"), "byte code");
  expect(await captureCode(folder, { root: state })).toMatchObject({ git: { dirty: false }, origin: { patch: null } });
  writeFileSync(join(folder, "code.py"), "print(2)\n");
  const { git, origin } = await captureCode(folder, { root: state });
  expect(git.dirty).toBe(true);
  expect(origin.patch && readFileSync(patchPath(state, origin.patch), "utf8")).not.toContain("__pycache__");
});

it("what is changed beside the project is code too", async () => {
  const { folder, state } = makeCheckout();
  mkdirSync(join(folder, "project"));
  writeFileSync(join(folder, "code.py"), "print(2)\n");
  const { git, origin } = await captureCode(join(folder, "project"), { root: state });
  expect(git.dirty).toBe(true);
  expect(origin.patch && readFileSync(patchPath(state, origin.patch), "utf8")).toContain("+print(2)");
});

it("a patch too large is kept as its beginning, and says so", async () => {
  const { folder, state } = makeCheckout();
  writeFileSync(join(folder, "large.txt"), `${"x".repeat(99)}\n`.repeat(120_000));
  const { origin } = await captureCode(folder, { root: state });
  const { bytes = 0, truncated } = origin.patch ?? {};
  expect([truncated, bytes <= 10_000_000, bytes > 9_999_000]).toEqual([true, true, true]);
  // A line that is cut off could hold a part of a secret.
  expect(readFileSync(patchPath(state, origin.patch ?? { digest: "" }), "latin1")).toMatch(/\n\+x{99}\n$/);
});

it("a folder that is in no checkout has neither", async () => {
  const folder = mkdtempSync(join(tmpdir(), "runweave-plain-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, "state"));
  const { git, origin } = await captureCode(folder, { root: join(folder, "state") });
  expect([git, origin.patch]).toEqual([{ commit: null, dirty: null }, null]);
});

it("git is not started where there is no checkout", async () => {
  const folder = mkdtempSync(join(tmpdir(), "runweave-plain-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "git"), `#!/bin/sh\necho started >'${join(folder, "mark")}'\n`, { mode: 0o755 });
  vi.stubEnv("PATH", folder);
  onTestFinished(() => void vi.unstubAllEnvs());
  await captureCode(folder, { root: join(folder, "state") });
  expect(readdirSync(folder)).toEqual(["git"]);
});

it("a checkout is found through a link to a folder in it, and where GIT_DIR names one", async () => {
  const { folder, state, git } = makeCheckout();
  const expected = { commit: git("rev-parse", "HEAD").trim(), dirty: false };
  const elsewhere = mkdtempSync(join(tmpdir(), "runweave-plain-"));
  onTestFinished(() => rmSync(elsewhere, { recursive: true, force: true }));
  mkdirSync(join(folder, "inside"));
  symlinkSync(join(folder, "inside"), join(elsewhere, "link"));
  expect((await captureCode(join(elsewhere, "link"), { root: state })).git).toEqual(expected);
  vi.stubEnv("GIT_DIR", join(folder, ".git"));
  vi.stubEnv("GIT_WORK_TREE", folder);
  onTestFinished(() => void vi.unstubAllEnvs());
  expect((await captureCode(elsewhere, { root: state })).git.commit).toBe(expected.commit);
});

it("no program of the checkout is run: no monitor, hook, filter or text conversion", async () => {
  const { folder, state, git } = makeCheckout();
  const trap = join(state, "trapped");
  const program = join(state, "program");
  writeFileSync(program, `#!/bin/sh\necho "$0" >> ${trap}\ncat "$1" 2>/dev/null\n`, { mode: 0o755 });
  mkdirSync(join(state, "hooks"));
  for (const hook of ["post-index-change", "fsmonitor-watchman"]) symlinkSync(program, join(state, "hooks", hook));
  writeFileSync(join(folder, ".gitattributes"), "*.py diff=trap filter=trap=1\n*.txt filter=trap\n");
  git("config", "core.fsmonitor", program);
  git("config", "core.hooksPath", join(state, "hooks"));
  git("config", "diff.trap.textconv", program);
  for (const name of ["trap", "trap=1"]) git("config", `filter.${name}.clean`, program);
  git("config", "filter.trap.required", "true");
  writeFileSync(join(folder, "new.txt"), "new\n");
  rmSync(trap, { force: true });
  writeFileSync(join(folder, "code.py"), "print(2)\n");
  const { origin } = await captureCode(folder, { root: state });
  expect(origin.patch).not.toBeNull();
  expect(existsSync(trap)).toBe(false);
});

it("a file that looks like a secret is left out of the patch, and named", async () => {
  const { folder, state, git } = makeCheckout();
  writeFileSync(join(folder, "code.py"), "print(2)\n");
  writeFileSync(join(folder, "prod.env"), "A=1\n");
  writeFileSync(join(folder, "sett\u00e4ngs.py"), 'password = "hunter2hunter2"\n');
  const { origin } = await captureCode(folder, { root: state });
  expect(origin.patch?.left_out).toEqual(["prod.env", "sett\u00e4ngs.py"]);
  const text = readFileSync(patchPath(state, origin.patch ?? { digest: "" }), "utf8");
  expect(text).toContain("+print(2)");
  expect(text).not.toContain("hunter2");
  git("stash");
  git("apply", patchPath(state, origin.patch ?? { digest: "" }));
  expect(readFileSync(join(folder, "code.py"), "utf8")).toBe("print(2)\n");
});
