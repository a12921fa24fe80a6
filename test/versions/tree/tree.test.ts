import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openTreeCache } from "../../../src/compose/reuse/tree-cache.ts";
import type { PlainFile } from "../../../src/core/read.ts";
import { hashPath } from "../../../src/versions/hash.ts";
import { findChangedFiles } from "../../../src/versions/plain-files.ts";
import { movingBeside } from "../../../src/versions/staging.ts";
import { listTree, markTree } from "../../../src/versions/tree/tree.ts";
import { endedPid, leaveTemporary } from "../../rig/left-temporaries.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";
import { findTestPython } from "../../rig/test-python.ts";

const WORKER = join(import.meta.dirname, "../../../src/runners/kedro/worker");

function writeTree(): { folder: string; path: string } {
  const folder = makeTemporaryFolder();
  const path = join(folder, "parts");
  mkdirSync(join(path, "sub"), { recursive: true });
  for (const name of ["a.txt", "sub/b.txt", "sub/ä 𝄞.txt", "c.log"]) writeFileSync(join(path, name), name);
  symlinkSync(join(path, "a.txt"), join(path, "link.txt"));
  symlinkSync(join(path, "sub"), join(path, "again"));
  symlinkSync(join(path, "gone"), join(path, "broken.txt"));
  execFileSync("mkfifo", [join(path, "pipe.txt"), join(path, "sub/pipe")]);
  mkdirSync(movingBeside(join(path, "a.txt")));
  writeFileSync(join(movingBeside(join(path, "a.txt")), "half.txt"), "half");
  return { folder, path };
}

async function look(folder: string, path: string, suffix = ""): Promise<{ parts: PlainFile }> {
  const cache = openTreeCache(join(folder, "cache/trees"), Date.now);
  const { bytes, modifiedMs, hash, files, mark, listing } = await cache.look({ path, suffix, ignored: [] });
  cache.save();
  return { parts: { path, bytes, modifiedMs, hash, tree: { suffix, ignored: [], files, mark, listing } } };
}

describe("a folder", () => {
  test("is listed in a folder in which ended processes leave nothing", async () => {
    const { folder, path } = writeTree();
    const left = leaveTemporary(join(folder, "cache/trees"), endedPid());
    await look(folder, path);
    expect(existsSync(left)).toBe(false);
  });

  test("has the mark and the hash that the worker gives it, by its suffix", async () => {
    const { folder, path } = writeTree();
    rmSync(join(path, "broken.txt"));
    for (const suffix of ["", ".txt"]) {
      const code = `import sys; from runweave_worker.data.checksum import *; print(mark_local(*sys.argv[1:]), hash_local(*sys.argv[1:]).hash)`;
      const env = { ...process.env, PYTHONPATH: WORKER };
      const said = execFileSync(findTestPython(), ["-c", code, path, suffix], { env, encoding: "utf8" }).trim();
      const { parts } = await look(folder, path, suffix);
      expect(`${parts.tree?.mark} ${parts.hash}`).toBe(said);
    }
    expect((await look(folder, path)).parts.hash).toBe((await hashPath({ path })).hash);
  });

  test("that nobody touched is what it was, also where files were touched", async () => {
    const { folder, path } = writeTree();
    const known = await look(folder, path);
    expect(await findChangedFiles(known)).toEqual([]);
    utimesSync(join(path, "a.txt"), 1, 1);
    expect(await findChangedFiles(known)).toEqual([]);
  });

  test("tells what came, went and changed, and how many more", async () => {
    const { folder, path } = writeTree();
    const known = await look(folder, path, ".txt");
    rmSync(join(path, "sub/b.txt"));
    writeFileSync(join(path, "a.txt"), "A.txt");
    for (let number = 1; number <= 7; number++) writeFileSync(join(path, `n${number}.txt`), "new");
    writeFileSync(join(path, "n.log"), "none of it");
    const [told] = await findChangedFiles(known);
    expect(told).toMatch(
      /^'parts' was sha256:.{64} \(4 files, \d+ bytes\) when .* is sha256:.{64} \(10 files, \d+ bytes\) now: /,
    );
    expect(told).toContain(
      "now: added 'n1.txt', 'n2.txt', 'n3.txt', 'n4.txt', 'n5.txt' and 2 more, removed 'sub/b.txt', changed 'a.txt', 'link.txt'",
    );
  });

  test("whose listing is lost is still compared by its content", async () => {
    const { folder, path } = writeTree();
    const known = await look(folder, path);
    rmSync(join(folder, "cache"), { recursive: true });
    utimesSync(join(path, "a.txt"), 1, 1);
    expect(await findChangedFiles(known)).toEqual([]);
    writeFileSync(join(path, "a.txt"), "other");
    expect(await findChangedFiles(known)).toEqual([
      expect.stringMatching(/ is sha256:.{64} \(5 files, \d+ bytes\) now$/),
    ]);
  });

  test("that is gone, or a file now, is told", async () => {
    const { folder, path } = writeTree();
    const known = await look(folder, path);
    rmSync(path, { recursive: true });
    expect(await findChangedFiles(known)).toEqual([expect.stringMatching(/parts is gone$/)]);
    writeFileSync(path, "a file");
    expect(await findChangedFiles(known)).toEqual([expect.stringContaining("(6 bytes) now")]);
  });

  test("is not read again as long as nobody writes to it, by a later session either", async () => {
    const { folder, path } = writeTree();
    for (const { name } of await listTree({ path, suffix: "", ignored: [] })) utimesSync(join(path, name), 1, 1);
    const known = await look(folder, path);
    const { listing = "" } = known.parts.tree ?? {};
    const kept = readFileSync(listing, "utf8");
    // Whoever reads the files does not come to what a tampered listing says.
    writeFileSync(listing, kept.replace(/"digest":"[0-9a-f]{64}"/, `"digest":"${"0".repeat(64)}"`));
    expect((await look(folder, path)).parts.hash).not.toBe(known.parts.hash);
  });

  test("of many small files is not read at the second look", async () => {
    const { folder, path } = writeTree();
    for (let number = 0; number < 500; number++) writeFileSync(join(path, `${number}.csv`), `${number}`);
    const { parts } = await look(folder, path, ".csv");
    // Who reads the files, or what the listing says of their content, comes to another hash.
    expect(await findChangedFiles({ parts: { ...parts, hash: `sha256:${"0".repeat(64)}` } })).toEqual([]);
    expect(markTree(path, await listTree({ path, suffix: ".csv", ignored: [] }))).toBe(parts.tree?.mark);
    writeFileSync(join(path, "7.csv"), "8");
    expect(await findChangedFiles({ parts })).toEqual([expect.stringContaining("7.csv")]);
  });
});
