import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, statSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findChange, findWritten, formatChange, measurePath, measureVersion } from "../../src/versions/find-change.ts";
import { hashPath } from "../../src/versions/hash.ts";
import { movingBeside } from "../../src/versions/staging.ts";
import { markData } from "../../src/versions/tree/tree.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";

async function note(path: string) {
  const { bytes, hash } = await hashPath({ path });
  return { location: path, bytes, hash, modifiedMs: (await measurePath(path)).modifiedMs };
}

test("what is as it was has not changed, whatever its time says", async () => {
  const path = join(makeTemporaryFolder(), "file");
  writeFileSync(path, "one");
  const known = await note(path);
  expect(await findChange(known)).toBeNull();
  utimesSync(path, 1, 1);
  expect(await findChange(known)).toBeNull();
});

test("other content of the same size and time is found, and told with its hash", async () => {
  const path = join(makeTemporaryFolder(), "file");
  writeFileSync(path, "one");
  utimesSync(path, 1, 1);
  const known = await note(path);
  writeFileSync(path, "two");
  utimesSync(path, 1, 1);
  const change = await findChange(known);
  const now = await hashPath({ path });
  expect(change).toEqual({ now });
  expect(change && formatChange(change)).toBe(`is ${now.hash} (3 bytes) now`);
});

test("what is gone is told so", async () => {
  const path = join(makeTemporaryFolder(), "file");
  writeFileSync(path, "one");
  const known = await note(path);
  rmSync(path);
  const change = await findChange(known);
  expect(change && formatChange(change)).toBe("is gone");
});

test("a folder is what its files are", async () => {
  const path = makeTemporaryFolder();
  mkdirSync(join(path, "sub"));
  writeFileSync(join(path, "a"), "one");
  writeFileSync(join(path, "sub", "b"), "three");
  utimesSync(join(path, "sub", "b"), 9e9, 9e9);
  expect(await measurePath(path)).toEqual({ bytes: 8, modifiedMs: 9e12 });
  const known = await note(path);
  expect(await findChange(known)).toBeNull();
  writeFileSync(join(path, "sub", "b"), "forty");
  expect(await findChange(known)).not.toBeNull();
});

test("a link to nothing, a pipe and what is not whole yet have no size", async () => {
  const path = makeTemporaryFolder();
  writeFileSync(join(path, "a"), "one");
  symlinkSync("nowhere", join(path, "dangling"));
  symlinkSync("loop", join(path, "loop"));
  execFileSync("mkfifo", [join(path, "pipe")]);
  writeFileSync(movingBeside(join(path, "a")), "half");
  expect((await measurePath(path)).bytes).toBe(3);
});

test("a large file of the same size and time is not read again; of another time it is", async () => {
  const path = join(makeTemporaryFolder(), "file");
  writeFileSync(path, "");
  truncateSync(path, 64_000_001);
  const known = {
    location: path,
    bytes: 64_000_001,
    hash: "sha256:of-something-else",
    modifiedMs: statSync(path).mtimeMs,
  };
  expect(await findChange(known)).toBeNull();
  expect(await findChange({ ...known, modifiedMs: 1 })).toMatchObject({ now: { bytes: 64_000_001 } });
});

test("what is elsewhere, or was never hashed, is taken for what it was", async () => {
  expect(await findChange({ location: "s3://b/k", bytes: 1, hash: "s3:x", modifiedMs: null })).toBeNull();
  expect(await findChange({ location: "/nowhere", bytes: 1, hash: null, modifiedMs: null })).toBeNull();
});

test("of a folder that datasets share, only the files of its own partitions count", async () => {
  const path = makeTemporaryFolder();
  mkdirSync(join(path, "inner"));
  writeFileSync(join(path, "inner/a.txt"), "one");
  const entry = { config: { type: "P", path, dataset: "text.TextDataset", filename_suffix: ".txt" }, versioned: false };
  const wrapped = { config: { type: "CachedDataset", dataset: entry.config }, versioned: false };
  const known = { ...(await note(path)), entry };
  writeFileSync(join(path, "b.json"), "{}");
  expect(await findChange(known)).toBeNull();
  expect(await findChange({ ...known, entry: wrapped })).toBeNull();
  expect(await findChange({ ...known, entry: null })).not.toBeNull();
  expect((await measurePath(path, ".txt")).bytes).toBe(3);
  writeFileSync(join(path, "c.txt"), "more");
  expect(await findChange(known)).toEqual({ now: await hashPath({ path, suffix: ".txt" }) });
});

test("of files beside it, those that are named belong to it: others may come, these may not change or go", async () => {
  const folder = makeTemporaryFolder();
  const [location, meta] = [join(folder, "model"), join(folder, "model.meta")];
  for (const path of [location, meta]) writeFileSync(path, "one");
  const beside = ["model.meta"];
  const known = { location, beside, modifiedMs: null, ...(await hashPath({ path: location, beside })) };
  writeFileSync(join(folder, "index"), "made on loading");
  expect(await findChange(known)).toBeNull();
  writeFileSync(meta, "two");
  const change = await findChange(known);
  expect(change).toEqual({ now: await hashPath({ path: location, beside }) });
  rmSync(meta);
  const lost = await findChange(known);
  expect(lost?.now).toBeNull();
  expect(lost && formatChange(lost)).toBe(`has lost ${meta}, which belongs to it`);
  rmSync(location);
  expect(await findChange(known)).toEqual({ now: null });
});

test("files beside a version count for its size and time: a large one is not read again", async () => {
  const folder = makeTemporaryFolder();
  const [location, meta] = [join(folder, "model"), join(folder, "model.meta")];
  writeFileSync(location, "");
  truncateSync(location, 64_000_001);
  writeFileSync(meta, "one");
  for (const path of [location, meta]) utimesSync(path, 5, path === meta ? 9 : 5);
  const beside = ["model.meta"];
  const measured = await measureVersion({ location, beside });
  expect(measured).toEqual({ bytes: 64_000_004, modifiedMs: 9000 });
  const known = { location, beside, ...measured, hash: "sha256:never read" };
  expect(await findChange(known)).toBeNull();
  utimesSync(meta, 10, 10);
  expect(await findChange(known)).not.toBeNull();
});

test("of files that are watched, the first that was written or touched is told, whatever times it says", async () => {
  const [untouched, path] = ["untouched", "file"].map((name) => join(makeTemporaryFolder(), name)) as [string, string];
  for (const each of [untouched, path]) writeFileSync(each, "one");
  utimesSync(path, 1, 1);
  const { bytes, modifiedMs } = await measurePath(path);
  const watched = { path, bytes, modifiedMs, mark: await markData({ path }) };
  const other = { path: untouched, bytes, modifiedMs: 0, mark: await markData({ path: untouched }) };
  expect(await findWritten([other, watched])).toBeNull();
  writeFileSync(path, "two");
  utimesSync(path, 1, 1);
  expect(await findWritten([other, watched])).toBe(path);
  // Plans of older sessions tell nothing but size and time.
  expect(await findWritten([{ path, bytes, modifiedMs }])).toBeNull();
  expect(await findWritten([{ path, bytes, modifiedMs: 2 }])).toBe(path);
  rmSync(path);
  expect(await findWritten([watched])).toBe(path);
});
