import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { readContentNow } from "../../src/versions/content-now.ts";
import { hashPath } from "../../src/versions/hash.ts";
import { movingBeside } from "../../src/versions/staging.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";

const names = fc.stringMatching(/^[a-z.]{1,4}$/).filter((name) => !/^\.{1,2}$/.test(name));
const paths = fc.array(names, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/"));

test("says of every folder what the hash of a version says", async () => {
  const root = makeTemporaryFolder();
  let count = 0;
  const trees = fc.dictionary(paths, fc.string(), { maxKeys: 8 });
  await fc.assert(
    fc.asyncProperty(trees, fc.constantFrom("", ".a", "b"), async (tree, suffix) => {
      const path = join(root, String(count++));
      mkdirSync(path);
      for (const [name, text] of Object.entries(tree)) writeWherePossible(join(path, name), text);
      expect(readContentNow(path, { suffix, limit: 1e6 })).toEqual(await hashPath({ path, suffix }));
    }),
    { numRuns: 60 },
  );
});

test("what is no data, and what is not whole yet, is left out of a folder and refused alone", async () => {
  const path = makeTemporaryFolder();
  writeFileSync(join(path, "a"), "text");
  const pipe = join(path, "pipe");
  execFileSync("mkfifo", [pipe]);
  writeFileSync(movingBeside(join(path, "a")), "half");
  expect(readContentNow(path, { limit: 1e6 })).toEqual(await hashPath({ path: join(path) }));
  expect(readContentNow(path, { limit: 1e6 }).bytes).toBe(4);
  expect(() => readContentNow(pipe, { limit: 1e6 })).toThrow("is neither a file nor a folder");
});

/** A name may be that of a folder already, or below a file. */
function writeWherePossible(path: string, text: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  } catch {}
}

test("with files beside it, says what the hash of a version says, and reads nothing if all together are too large", async () => {
  const folder = makeTemporaryFolder();
  const path = join(folder, "a");
  for (const name of ["a", "a.meta", "index"]) writeFileSync(join(folder, name), name);
  const beside = ["a.meta", "index"];
  expect(readContentNow(path, { beside, limit: 12 })).toEqual(await hashPath({ path, beside }));
  expect(readContentNow(path, { beside, limit: 11 })).toEqual({ bytes: 12, hash: null });
  expect(() => readContentNow(path, { beside: ["gone"], limit: 12 })).toThrow("ENOENT");
});

test("reads nothing above its limit, follows links to files alone, and throws for what is not there", async () => {
  const path = makeTemporaryFolder();
  writeFileSync(join(path, "a"), "12345");
  expect(readContentNow(join(path, "a"), { limit: 5 })).toEqual(await hashPath({ path: join(path, "a") }));
  expect(readContentNow(join(path, "a"), { limit: 4 })).toEqual({ bytes: 5, hash: null });
  expect(readContentNow(path, { limit: 4 })).toEqual({ bytes: 5, hash: null });
  symlinkSync(path, join(path, "loop"));
  symlinkSync(join(path, "a"), join(path, "link"));
  expect(readContentNow(path, { limit: 100 })).toEqual(await hashPath({ path }));
  expect(() => readContentNow(join(path, "none"), { limit: 1 })).toThrow("ENOENT");
});
