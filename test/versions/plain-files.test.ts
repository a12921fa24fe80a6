import { rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { PlainFile } from "../../src/core/read.ts";
import { hashPath } from "../../src/versions/hash.ts";
import { findChangedFiles } from "../../src/versions/plain-files.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";

async function writeKnown(changes: Partial<PlainFile> = {}): Promise<{ path: string; file: PlainFile }> {
  const path = join(makeTemporaryFolder(), "raw.csv");
  writeFileSync(path, "a;b\n");
  const { size: bytes, mtimeMs: modifiedMs } = statSync(path);
  return { path, file: { path, bytes, modifiedMs, hash: (await hashPath({ path })).hash, ...changes } };
}

describe("a file", () => {
  test("that nobody touched is what it was", async () => {
    const { file } = await writeKnown();
    expect(await findChangedFiles({ raw: file })).toEqual([]);
  });

  test("on remote storage is left to the run", async () => {
    const file = { path: "s3://bucket/raw.csv", bytes: 3, modifiedMs: null, hash: "s3:etag:1" };
    expect(await findChangedFiles({ raw: file })).toEqual([]);
  });

  test("that was only touched is what it was", async () => {
    const { path, file } = await writeKnown();
    utimesSync(path, 1, 1);
    expect(await findChangedFiles({ raw: file })).toEqual([]);
  });

  test("that holds something else is told with both hashes", async () => {
    const { path, file } = await writeKnown();
    writeFileSync(path, "a;c\n");
    utimesSync(path, 1, 1);
    const now = (await hashPath({ path })).hash;
    expect(await findChangedFiles({ raw: file, other: file })).toEqual([
      `'raw' was ${file.hash} (4 bytes) when the plan was made, and ${path} is ${now} (4 bytes) now`,
      `'other' was ${file.hash} (4 bytes) when the plan was made, and ${path} is ${now} (4 bytes) now`,
    ]);
  });

  test("that is too large for a hash counts as changed with its time", async () => {
    const { path, file } = await writeKnown({ hash: null });
    expect(await findChangedFiles({ raw: file })).toEqual([]);
    utimesSync(path, 1, 1);
    const [told] = await findChangedFiles({ raw: file });
    expect(told).toMatch(
      /^'raw' was 4 bytes when the plan was made, and .* has 4 bytes, last changed 1970-01-01T00:00:01/,
    );
  });

  test("that is gone is told", async () => {
    const { path, file } = await writeKnown();
    rmSync(path);
    expect(await findChangedFiles({ raw: file })).toEqual([expect.stringMatching(/raw\.csv is gone$/)]);
  });
});
