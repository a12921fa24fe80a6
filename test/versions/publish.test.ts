import { execFileSync } from "node:child_process";
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
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { UnsafePathError } from "../../src/versions/layout.ts";
import { type Publication, publishVersion } from "../../src/versions/publish.ts";
import { isStaging, removeStagings, stagingBeside } from "../../src/versions/staging.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";

const SESSION = "2026-11-23T21.04.54.666Z-0000d783fb92";

/** Files by their relative paths; a folder is made for each. */
function makeFiles(folder: string, files: Record<string, string>): string {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}

type Told = Omit<Publication, "staging">;

/** As its callers do, with the copy made beside the target. */
async function publish({ location, target, ...how }: Told): Promise<void> {
  await publishVersion({ location, target, staging: stagingBeside(target, SESSION), ...how });
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
  await publish({ location: join(folder, "v1", "a"), target });
  await publish({ location: join(folder, "v2", "a"), target });
  expect(readFiles(join(folder, "plain"))).toEqual({ "deep/a": "two" });
  expect(statSync(target).mode & 0o111).toBe(0o111);
});

test("what is published acts as nobody, and nobody else may write to it", async () => {
  const folder = makeFiles(makeTemporaryFolder(), { file: "f", "tree/inside": "i" });
  for (const path of ["file", "tree", "tree/inside"]) chmodSync(join(folder, path), 0o6777);
  await publish({ location: join(folder, "file"), target: join(folder, "plain") });
  await publish({ location: join(folder, "tree"), target: join(folder, "copied") });
  const modes = ["plain", "copied", "copied/inside"].map((path) => statSync(join(folder, path)).mode & 0o7777);
  expect(modes).toEqual([0o755, 0o755, 0o755]);
});

test("who reads while a file is published sees the old one or the new one", async () => {
  const folder = makeFiles(makeTemporaryFolder(), { old: "o".repeat(300_000), new: "n".repeat(500_000) });
  const target = join(folder, "target");
  await publish({ location: join(folder, "old"), target });
  const publishing = publish({ location: join(folder, "new"), target });
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
  await publish({ location: join(folder, "v"), target: join(folder, "plain") });
  expect(readFiles(join(folder, "plain"))).toEqual({ other: "kept", p1: "new", "sub/p2": "new" });
});

test("a target that is a symlink is not written through, and stays", async () => {
  const folder = makeFiles(makeTemporaryFolder(), { v: "new", victim: "old", "vs/a": "new", "plain/b": "b" });
  symlinkSync(join(folder, "victim"), join(folder, "link"));
  symlinkSync(join(folder, "victim"), join(folder, "plain", "a"));
  await expect(publish({ location: join(folder, "v"), target: join(folder, "link") })).rejects.toThrow(UnsafePathError);
  await expect(publish({ location: join(folder, "vs"), target: join(folder, "plain") })).rejects.toThrow(
    UnsafePathError,
  );
  expect(readFileSync(join(folder, "victim"), "utf8")).toBe("old");
  expect(lstatSync(join(folder, "link")).isSymbolicLink()).toBe(true);
});

test("a symlink within a version becomes the file that it leads to", async () => {
  const folder = makeFiles(makeTemporaryFolder(), { "v/a": "text" });
  symlinkSync("a", join(folder, "v", "link"));
  await publish({ location: join(folder, "v"), target: join(folder, "plain") });
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
  await expect(publish({ location: join(folder, "v"), target: join(folder, "plain") })).rejects.toThrow();
  expect(readdirSync(folder).sort()).toEqual(["secret", "v"]);
});

test("a file does not take the place of a folder, nor a folder that of a file", async () => {
  const folder = makeFiles(makeTemporaryFolder(), { file: "f", "folder/a": "a" });
  const [file, other] = [join(folder, "file"), join(folder, "folder")];
  await expect(publish({ location: file, target: other })).rejects.toThrow("is a folder");
  await expect(publish({ location: other, target: file })).rejects.toThrow("is a file");
  expect(readFiles(folder)).toEqual({ file: "f", "folder/a": "a" });
});

/** What the copy of an interrupted publication would look like. */
function leaveStaging(target: string, session = SESSION): string {
  const staging = stagingBeside(target, session);
  makeFiles(staging, { half: "half" });
  return staging;
}

test("what an interrupted publication left is removed by the next one, and is no part of it", async () => {
  const folder = makeFiles(makeTemporaryFolder(), { "v/p1": "new", "out/plain/other": "kept", file: "file" });
  const [plain, file] = [join(folder, "out", "plain"), join(folder, "out", "file")];
  leaveStaging(plain);
  leaveStaging(file);
  await publish({ location: join(folder, "v"), target: plain });
  await publish({ location: join(folder, "file"), target: file });
  expect(readFiles(join(folder, "out"))).toEqual({ file: "file", "plain/other": "kept", "plain/p1": "new" });
});

test("nothing is in the folder that is published to but its files, until they take their places", async () => {
  const folder = makeFiles(makeTemporaryFolder(), { "v/p1": "new", "v/sub/p2": "new", "plain/sub/p2": "old" });
  const target = join(folder, "plain");
  const seen: Record<string, string>[] = [];
  const guard = (place: () => void) => {
    seen.push(readFiles(target));
    place();
  };
  await publish({ location: join(folder, "v"), target, guard });
  expect(seen).toEqual([{ "sub/p2": "old" }, { p1: "new", "sub/p2": "old" }]);
  expect(readFiles(target)).toEqual({ p1: "new", "sub/p2": "new" });
  expect(readdirSync(folder).sort()).toEqual(["plain", "v"]);
});

test.each(["file", "folder"])("a guard that refuses leaves a %s as it is, and nothing behind", async (kind) => {
  const folder = makeFiles(makeTemporaryFolder(), { "v/a": "new", "plain/a": "old" });
  const way = kind === "file" ? "a" : "";
  const guard = () => {
    throw new Error("not yours any more");
  };
  const published = publish({ location: join(folder, "v", way), target: join(folder, "plain", way), guard });
  await expect(published).rejects.toThrow("not yours any more");
  expect(readFiles(folder)).toEqual({ "plain/a": "old", "v/a": "new" });
});

test("nothing is replaced where one of the places is taken", async () => {
  const folder = makeFiles(makeTemporaryFolder(), {
    "v/a": "new",
    "v/b/c": "new",
    "plain/a": "old",
    "plain/b": "file",
  });
  const published = publish({ location: join(folder, "v"), target: join(folder, "plain") });
  await expect(published).rejects.toThrow("b is a file, but the version to put there is a folder");
  expect(readFiles(join(folder, "plain"))).toEqual({ a: "old", b: "file" });
});

test("a pipe in a version is left out, one that is the version or in its way is refused, and none is opened", async () => {
  const folder = makeFiles(makeTemporaryFolder(), { "v/a": "text", plain: "" });
  execFileSync("mkfifo", [join(folder, "v", "pipe"), join(folder, "pipe")]);
  symlinkSync("pipe", join(folder, "v", "link"));
  symlinkSync("/dev/zero", join(folder, "zero"));
  await publish({ location: join(folder, "v"), target: join(folder, "out") });
  expect(readdirSync(join(folder, "out"))).toEqual(["a"]);
  const neither = "is neither a file nor a folder";
  for (const name of ["pipe", "zero"]) {
    await expect(publish({ location: join(folder, name), target: join(folder, "other") })).rejects.toThrow(neither);
  }
  await expect(publish({ location: join(folder, "plain"), target: join(folder, "pipe") })).rejects.toThrow(neither);
});

test("copies that were begun for a target are known and removed, of whatever session, and no others", async () => {
  const folder = makeFiles(makeTemporaryFolder(), { "d/x.csv": "x", "d/.x.csv.runweave-notes": "a user's" });
  const target = join(folder, "d", "x.csv");
  const other = "2026-11-23T21.04.54.666Z-0001d783fb92";
  const left = [leaveStaging(target), leaveStaging(target, `${other}-2`), leaveStaging(join(folder, "d", "y.csv"))];
  expect(left.map((path) => isStaging(basename(path)))).toEqual([true, true, true]);
  await removeStagings(target);
  expect(readdirSync(join(folder, "d")).sort()).toEqual(
    [basename(left[2] ?? ""), ".x.csv.runweave-notes", "x.csv"].sort(),
  );
  expect(() => stagingBeside(target, "somebody")).toThrow(UnsafePathError);
});

test("a copy of ours that lies in a folder is no part of that folder's version", async () => {
  const folder = makeFiles(makeTemporaryFolder(), { "d/x.csv": "x" });
  leaveStaging(join(folder, "d", "x.csv"));
  await publish({ location: join(folder, "d"), target: join(folder, "out") });
  expect(readFiles(join(folder, "out"))).toEqual({ "x.csv": "x" });
});

test("a name of any length is published to", async () => {
  const folder = makeFiles(makeTemporaryFolder(), { v: "text" });
  const target = join(folder, "ä".repeat(127));
  leaveStaging(target);
  await removeStagings(target);
  await publish({ location: join(folder, "v"), target });
  expect(readdirSync(folder).sort()).toEqual(["v", basename(target)].sort());
});

test("what is mounted within the target gets its copy on its own side, and nothing is left there", async () => {
  const folder = makeFiles(makeTemporaryFolder(), { "v/sub/a": "new", "v/sub/b": "new", "plain/sub/a": "old" });
  const seen: string[][] = [];
  const guard = (place: () => void) => {
    seen.push(readdirSync(join(folder, "plain", "sub")).sort());
    // The rename from the staging beside the target; the copy that is made near its place comes next.
    if (seen.length === 1) throw Object.assign(new Error("another file system"), { code: "EXDEV" });
    place();
  };
  await publish({ location: join(folder, "v"), target: join(folder, "plain"), guard });
  expect(readFiles(join(folder, "plain"))).toEqual({ "sub/a": "new", "sub/b": "new" });
  expect(seen[1]?.map(isStaging)).toEqual([true, false]);
});

test("folders keep their permissions but that of others to write; a folder that is there keeps its own", async () => {
  const folder = makeFiles(makeTemporaryFolder(), { "v/keys/id": "k", "v/shared/f": "f", "plain/shared/g": "g" });
  const mode = (path: string) => (statSync(join(folder, path)).mode & 0o7777).toString(8);
  chmodSync(join(folder, "v/keys"), 0o700);
  chmodSync(join(folder, "v/shared"), 0o770);
  chmodSync(join(folder, "plain/shared"), 0o751);
  await publish({ location: join(folder, "v"), target: join(folder, "plain") });
  expect([mode("plain/keys"), mode("plain/shared")]).toEqual(["700", "751"]);
  chmodSync(join(folder, "v"), 0o550);
  await publish({ location: join(folder, "v"), target: join(folder, "new") });
  // The owner can write to it, as to a file.
  expect([mode("new"), mode("new/keys"), mode("new/shared")]).toEqual(["750", "700", "750"]);
});

test("a folder with the group of the one above it, as its special bit says, keeps that bit", async () => {
  const folder = makeFiles(makeTemporaryFolder(), { "v/f": "f", "plain/g": "g" });
  chmodSync(join(folder, "v"), 0o750);
  chmodSync(join(folder, "plain"), 0o2770);
  await publish({ location: join(folder, "v"), target: join(folder, "plain/v") });
  expect((statSync(join(folder, "plain/v")).mode & 0o7777).toString(8)).toBe("2750");
});
