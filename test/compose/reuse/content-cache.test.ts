import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { contentCachePath, openContentCache } from "../../../src/compose/reuse/content-cache.ts";
import { READ_BYTES } from "../../../src/versions/tree/tree-change.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";

const LONG_AGO = 1_000;

function writeOld(text: string): string {
  const path = join(makeTemporaryFolder(), "raw");
  writeFileSync(path, text);
  utimesSync(path, LONG_AGO, LONG_AGO);
  return path;
}

test("a hash is known again as long as size and time are the same", async () => {
  const state = makeTemporaryFolder();
  const path = writeOld("abc");
  const first = openContentCache(contentCachePath(state), Date.now);
  expect(await first.recall(path)).toBeNull();
  const known = await first.look(path);
  first.save();
  const again = openContentCache(contentCachePath(state), Date.now);
  expect(await again.recall(path)).toEqual(known);
  writeFileSync(path, "abd");
  expect(await again.recall(path)).toBeNull();
  expect((await openContentCache(contentCachePath(state), Date.now).look(path)).hash).not.toBe(known.hash);
  expect(statSync(contentCachePath(state)).mode & 0o777).toBe(0o600);
});

test("another file of the same size and time is another file: archives and copies keep the times of what they hold", async () => {
  const state = makeTemporaryFolder();
  const path = writeOld("abc");
  const first = openContentCache(contentCachePath(state), Date.now);
  const known = await first.look(path);
  first.save();
  renameSync(writeOld("abd"), path);
  const again = openContentCache(contentCachePath(state), Date.now);
  expect(await again.recall(path)).toBeNull();
  const now = await again.look(path);
  expect([now.modifiedMs, now.bytes]).toEqual([known.modifiedMs, known.bytes]);
  expect(now.hash).not.toBe(known.hash);
});

test("what changed a moment ago is hashed again, as it may change within the resolution of its time", async () => {
  const state = makeTemporaryFolder();
  const path = writeOld("abc");
  const cache = openContentCache(contentCachePath(state), () => LONG_AGO * 1000 + 1);
  await cache.look(path);
  cache.save();
  expect(existsSync(contentCachePath(state))).toBe(false);
});

test("to look is no reason to make a state folder", async () => {
  const state = join(makeTemporaryFolder(), ".runweave");
  const cache = openContentCache(contentCachePath(state), Date.now);
  await cache.look(writeOld("abc"));
  cache.save();
  expect(existsSync(state)).toBe(false);
});

test("a damaged file of hashes is an empty one", async () => {
  const state = makeTemporaryFolder();
  const file = contentCachePath(state);
  mkdirSync(join(state, "cache"));
  writeFileSync(file, '[{"path": 1}, {');
  const cache = openContentCache(file, Date.now);
  const path = writeOld("abc");
  expect(await cache.recall(path)).toBeNull();
  await cache.look(path);
  cache.save();
  expect(JSON.parse(readFileSync(file, "utf8"))).toHaveLength(1);
});

test("a folder that is too large for its files to be kept one by one is another one once one of them is written", async () => {
  const folder = makeTemporaryFolder();
  const path = join(folder, "part");
  writeFileSync(path, "abc");
  truncateSync(path, READ_BYTES + 1);
  utimesSync(path, LONG_AGO, LONG_AGO);
  const cache = openContentCache(contentCachePath(makeTemporaryFolder()), Date.now);
  const { hash } = await cache.look(folder);
  writeFileSync(path, "abd", { flag: "r+" });
  expect(await cache.recall(folder)).toBeNull();
  expect(hash).toMatch(/^sha256:/);
});
