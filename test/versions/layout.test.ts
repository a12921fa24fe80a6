import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { systemClock } from "../../src/core/port/clock.ts";
import type { StateFolders } from "../../src/core/port/runner.ts";
import { createIdSource, type RunId } from "../../src/core/run-id.ts";
import {
  assertBelow,
  attemptFolder,
  attemptLog,
  commonFolder,
  findBlocker,
  resolveExisting,
  safeComponent,
  UnsafePathError,
  versionPath,
} from "../../src/versions/layout.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";

const runId = createIdSource(systemClock).nextRunId();
const folders: StateFolders = {
  root: "/r",
  attempts: "/r/attempts",
  logs: "/r/logs",
  store: "/r/data",
  trash: "/r/trash",
};

test("an attempt has its folder, its log and its place in the store under its run_id", () => {
  expect(attemptFolder(folders, runId)).toBe(`/r/attempts/${runId}`);
  expect(attemptLog(folders, runId)).toBe(`/r/logs/run_${runId}.log`);
  expect(versionPath("/r/data", "/p/data/a.csv", runId)).toBe(`/r/data/a.csv-91dd8069/${runId}/a.csv`);
});

test.each(["../x", "", ".", "2026-11-23T21.04.54.666Z-0000d783fb92/../..", "2026-11-23T21.04.54.666Z"])(
  "%j is refused as a run_id",
  (text) => {
    expect(() => attemptFolder(folders, text as RunId)).toThrow(UnsafePathError);
    expect(() => versionPath("/r", "/p", text as RunId)).toThrow(UnsafePathError);
  },
);

test("any name becomes one component of a path", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.oneof(fc.string(), fc.constantFrom("/", "..", "\0", "é", "\u{1F600}")) }),
      (name) => {
        const safe = safeComponent(name);
        expect(safe).toMatch(/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,79}$/);
        expect(basename(join("/x", safe))).toBe(safe);
      },
    ),
  );
});

test.each([
  ["a.csv", "a.csv"],
  ["..", "__"],
  [".hidden", "_hidden"],
  ["a@pandas", "a_pandas"],
  ["é/ü", "___"],
  ["", "_"],
])("%j becomes %j", (name, safe) => {
  expect(safeComponent(name)).toBe(safe);
});

test("what differs in its full path never shares a place", () => {
  expect(versionPath("/s", "/p/a/x", runId)).not.toBe(versionPath("/s", "/p/b/x", runId));
});

test("a path below the root passes, whether it exists or not", () => {
  const root = makeTemporaryFolder();
  mkdirSync(join(root, "a"));
  expect(assertBelow(root, join(root, "a"))).toBe(join(root, "a"));
  expect(assertBelow(root, join(root, "a", "b", "c"))).toBe(join(root, "a", "b", "c"));
});

test("a symlink out of the root is not followed, at the end of a path nor on its way", () => {
  const root = makeTemporaryFolder();
  symlinkSync(makeTemporaryFolder(), join(root, "out"));
  for (const path of ["out", "out/file", "../x", ".", ""]) {
    expect(() => assertBelow(root, join(root, path)), path).toThrow(UnsafePathError);
  }
});

test("a root that is itself reached through a symlink is no way out", () => {
  const folder = makeTemporaryFolder();
  mkdirSync(join(folder, "real"));
  symlinkSync(join(folder, "real"), join(folder, "link"));
  expect(assertBelow(join(folder, "link"), join(folder, "link", "x"))).toBe(join(folder, "link", "x"));
});

test.each([
  [["/a/b/c/f", "/a/b/d/f"], "/a/b"],
  [["/a/b/f"], "/a/b"],
  [["/a/bc/f", "/a/b/f"], "/a"],
  [["/a/f", "/b/f"], null],
  [[], null],
])("%j lie in %j", (paths, folder) => {
  expect(commonFolder(paths)).toBe(folder);
});

test("a path below a file, or below a link that leads to no folder, is blocked by that; else nothing is in its way", () => {
  const root = makeTemporaryFolder();
  mkdirSync(join(root, "folder"));
  writeFileSync(join(root, "file"), "");
  for (const [name, to] of [
    ["link", "folder"],
    ["toFile", "file"],
    ["toNothing", "nowhere"],
    ["loop", "loop"],
  ] as const)
    symlinkSync(to, join(root, name));
  for (const path of ["file", "folder/a/b", "link/a", "none/a/b"])
    expect(findBlocker(join(root, path)), path).toBeNull();
  for (const name of ["file", "toFile", "toNothing", "loop"])
    for (const path of ["a", "a/b"]) expect(findBlocker(join(root, name, path)), path).toBe(join(root, name));
});

test("a path below a file is resolved as one that is not there", () => {
  const root = makeTemporaryFolder();
  mkdirSync(join(root, "folder"));
  writeFileSync(join(root, "folder/file"), "");
  symlinkSync("folder", join(root, "link"));
  expect(resolveExisting(join(root, "link/file/a/b"))).toBe(resolveExisting(join(root, "folder/file/a/b")));
});
