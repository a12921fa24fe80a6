import { mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { writeFileDurably, writeFileWhole } from "../../src/versions/write-file.ts";
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
