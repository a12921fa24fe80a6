import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { makerOfTemporary } from "../../src/core/text/temporary-name.ts";
import { isStaging } from "../../src/versions/staging.ts";
import {
  sweepTemporaries,
  temporaryBeside,
  writeFileDurably,
  writeFileShared,
  writeFileWhole,
  writeNewFile,
} from "../../src/versions/write-file.ts";
import { fillDisk, mountSmallDisk } from "../chaos/real/small-disk.ts";
import { endedPid, leaveTemporary } from "../rig/left-temporaries.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";

const ways = [
  ["writeFileDurably", writeFileDurably],
  ["writeFileWhole", async (path: string, content: string) => writeFileWhole(path, content)],
] as const;

test.each(ways)("%s replaces a file and leaves nothing else behind", async (_, write) => {
  const folder = makeTemporaryFolder();
  await write(join(folder, "file"), "one");
  await write(join(folder, "file"), "two");
  expect(readFileSync(join(folder, "file"), "utf8")).toBe("two");
  expect(readdirSync(folder)).toEqual(["file"]);
  expect(statSync(join(folder, "file")).mode & 0o777).toBe(0o600);
});

test("what ended processes have left in a folder is swept, and nothing else", () => {
  const folder = makeTemporaryFolder();
  writeFileSync(join(folder, ".file.runweave-notes"), "a user's");
  const gone = leaveTemporary(folder, endedPid());
  const living = leaveTemporary(folder, process.pid);
  sweepTemporaries(folder);
  expect([existsSync(gone), existsSync(living), readdirSync(folder).length]).toEqual([false, true, 2]);
  sweepTemporaries(folder, { evenOfLiving: true });
  expect(readdirSync(folder)).toEqual([".file.runweave-notes"]);
  sweepTemporaries(join(folder, "none"));
});

test.each(ways)("%s writes a file with a name of any length", async (_, write) => {
  const folder = makeTemporaryFolder();
  const name = "ä".repeat(127);
  await write(join(folder, name), "text");
  expect(readdirSync(folder)).toEqual([name]);
});

test("a temporary file's name tells its maker, and is that of no data", () => {
  const name = basename(temporaryBeside(join("folder", "file")));
  expect([makerOfTemporary(name), isStaging(name), makerOfTemporary("file")]).toEqual([process.pid, true, null]);
});

test.each(ways)("%s that fails leaves what was there", async (_, write) => {
  const folder = makeTemporaryFolder();
  mkdirSync(join(folder, "taken", "x"), { recursive: true });
  await expect(write(join(folder, "taken"), "one")).rejects.toThrow(/EISDIR|ENOTEMPTY|EEXIST/);
  expect(readdirSync(folder)).toEqual(["taken"]);
});

test.each(ways)("%s shows readers the old content or the new, never a part", async (_, write) => {
  const path = join(makeTemporaryFolder(), "file");
  const contents = ["a".repeat(100_000), "b".repeat(200_000)];
  await write(path, contents[0] ?? "");
  const writing = Promise.all(Array.from({ length: 10 }, (_, turn) => write(path, contents[turn % 2] ?? "")));
  let isDone = false;
  void writing.then(() => {
    isDone = true;
  });
  while (!isDone) {
    expect(contents).toContain(readFileSync(path, "utf8"));
    await new Promise(setImmediate);
  }
});

const all = [
  ...ways,
  ["writeFileShared", async (path: string, content: string) => writeFileShared(path, content)],
  ["writeNewFile", async (path: string, content: string) => writeNewFile(path, content)],
] as const;

test.each(all)("%s names the file that has no room on a full disk", async (_, write) => {
  const disk = mountSmallDisk(join(makeTemporaryFolder(), "disk"), 100_000);
  if (disk === null) return;
  onTestFinished(disk.remove);
  fillDisk(disk, 4_096);
  const path = join(disk.folder, "file");
  const message = `ENOSPC: no space left on device, write '${path}'`;
  await expect(write(path, "x".repeat(50_000))).rejects.toMatchObject({ code: "ENOSPC", path, message });
});
