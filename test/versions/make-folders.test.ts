import { existsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeFolders } from "../../src/versions/make-folders.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";

test("makes what is missing, with its mode, and leaves what is there", () => {
  const root = makeTemporaryFolder();
  for (const _ of ["new", "there"]) makeFolders(join(root, "a/b"), 0o700);
  expect([join(root, "a"), join(root, "a/b")].map((path) => statSync(path).mode & 0o777)).toEqual([0o700, 0o700]);
});

test.each(["file", "file/below"])("throws where %s is in the way", (name) => {
  const root = makeTemporaryFolder();
  writeFileSync(join(root, "file"), "");
  expect(() => makeFolders(join(root, name))).toThrow(/EEXIST|ENOTDIR/);
});

test.runIf(existsSync("/proc"))("throws where nothing can be made", () => {
  expect(() => makeFolders("/proc/x/y")).toThrow("ENOENT");
});
