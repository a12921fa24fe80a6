import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { UnsafePathError } from "../../src/versions/layout.ts";
import { publishVersion } from "../../src/versions/publish.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";

/** Files by their relative paths; a folder is made for each. */
function makeFiles(folder: string, files: Record<string, string>): string {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}

function readFiles(folder: string): Record<string, string> {
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
  const files = paths.filter((path) => statSync(join(folder, path)).isFile());
  return Object.fromEntries(files.map((path) => [path, readFileSync(join(folder, path), "utf8")]));
}

test("a file is copied to a path whose folders do not exist yet, and takes an old one's place", async () => {
  const folder = makeFiles(makeTemporaryFolder(), { "v1/a": "one", "v2/a": "two" });
  const target = join(folder, "plain", "deep", "a");
  chmodSync(join(folder, "v2", "a"), 0o555);
  await publishVersion({ location: join(folder, "v1", "a"), target });
  await publishVersion({ location: join(folder, "v2", "a"), target });
  expect(readFiles(join(folder, "plain"))).toEqual({ "deep/a": "two" });
  expect(statSync(target).mode & 0o111).toBe(0o111);
});

test("who reads while a file is published sees the old one or the new one", async () => {
  const folder = makeFiles(makeTemporaryFolder(), { old: "o".repeat(300_000), new: "n".repeat(500_000) });
  const target = join(folder, "target");
  await publishVersion({ location: join(folder, "old"), target });
  const publishing = publishVersion({ location: join(folder, "new"), target });
  let isDone = false;
  void publishing.then(() => {
    isDone = true;
  });
  while (!isDone) {
    expect(readFileSync(target, "utf8")).toMatch(/^(o{300000}|n{500000})$/);
    await new Promise(setImmediate);
  }
  expect(readFileSync(target, "utf8")).toHaveLength(500_000);
});

test("a folder joins the files of a shared one", async () => {
  const folder = makeFiles(makeTemporaryFolder(), {
    "v/p1": "new",
    "v/sub/p2": "new",
    "plain/p1": "old",
    "plain/other": "kept",
  });
  await publishVersion({ location: join(folder, "v"), target: join(folder, "plain") });
  expect(readFiles(join(folder, "plain"))).toEqual({ other: "kept", p1: "new", "sub/p2": "new" });
});

test("a folder takes the place of another one, if it is told to", async () => {
  const folder = makeFiles(makeTemporaryFolder(), { "v/p1": "new", "out/plain/p1": "old", "out/plain/stale": "old" });
  await publishVersion({ location: join(folder, "v"), target: join(folder, "out", "plain"), existing: "replace" });
  expect(readFiles(join(folder, "out"))).toEqual({ "plain/p1": "new" });
});

test("a target that is a symlink is not written through, and stays", async () => {
  const folder = makeFiles(makeTemporaryFolder(), { v: "new", victim: "old", "vs/a": "new", "plain/b": "b" });
  symlinkSync(join(folder, "victim"), join(folder, "link"));
  symlinkSync(join(folder, "victim"), join(folder, "plain", "a"));
  await expect(publishVersion({ location: join(folder, "v"), target: join(folder, "link") })).rejects.toThrow(
    UnsafePathError,
  );
  await expect(publishVersion({ location: join(folder, "vs"), target: join(folder, "plain") })).rejects.toThrow(
    UnsafePathError,
  );
  expect(readFileSync(join(folder, "victim"), "utf8")).toBe("old");
  expect(lstatSync(join(folder, "link")).isSymbolicLink()).toBe(true);
});

test("a symlink within a version becomes the file that it leads to", async () => {
  const folder = makeFiles(makeTemporaryFolder(), { "v/a": "text" });
  symlinkSync("a", join(folder, "v", "link"));
  await publishVersion({ location: join(folder, "v"), target: join(folder, "plain") });
  expect(lstatSync(join(folder, "plain", "link")).isFile()).toBe(true);
  expect(readFiles(join(folder, "plain"))).toEqual({ a: "text", link: "text" });
});

test.each([
  ["out of it", "../secret"],
  ["to a folder", "."],
  ["to nothing", "nowhere"],
])("a version with a symlink %s is refused, and nothing is left of it", async (_, way) => {
  const folder = makeFiles(makeTemporaryFolder(), { "v/a": "text", secret: "secret" });
  symlinkSync(way, join(folder, "v", "link"));
  await expect(publishVersion({ location: join(folder, "v"), target: join(folder, "plain") })).rejects.toThrow();
  expect(readdirSync(folder).sort()).toEqual(["secret", "v"]);
});

test("a file does not take the place of a folder, nor a folder that of a file", async () => {
  const folder = makeFiles(makeTemporaryFolder(), { file: "f", "folder/a": "a" });
  const [file, other] = [join(folder, "file"), join(folder, "folder")];
  await expect(publishVersion({ location: file, target: other })).rejects.toThrow("is a folder");
  await expect(publishVersion({ location: other, target: file })).rejects.toThrow("is a file");
  expect(readFiles(folder)).toEqual({ file: "f", "folder/a": "a" });
});
