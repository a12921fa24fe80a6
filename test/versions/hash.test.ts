import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { hashPath } from "../../src/versions/hash.ts";
import { movingBeside, stagingBeside } from "../../src/versions/staging.ts";
import { temporaryBeside } from "../../src/versions/write-file.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";
import { findTestPython } from "../rig/test-python.ts";

const SESSION = "2026-11-23T21.04.54.666Z-0000d783fb92";

const sha256 = (content: string | Uint8Array) => createHash("sha256").update(content).digest("hex");

test.each([0, 1, 4_095, 4_096, 4_097, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 3_000_000])(
  "the hash of a file of %d bytes is the SHA-256 of its bytes",
  async (bytes) => {
    const path = join(makeTemporaryFolder(), "file");
    const content = Buffer.alloc(bytes, "runweave");
    writeFileSync(path, content);
    expect(await hashPath({ path })).toEqual({ bytes, hash: `sha256:${sha256(content)}` });
    expect(await hashPath({ path, durable: true })).toEqual({ bytes, hash: `sha256:${sha256(content)}` });
  },
);

test("a file that says that it is empty is read to its end", async () => {
  const path = "/proc/filesystems";
  const { bytes, hash } = await hashPath({ path });
  const content = readFileSync(path);
  expect({ bytes, hash }).toEqual({ bytes: content.length, hash: `sha256:${sha256(content)}` });
});

test("what has no end, or would be waited for, has no hash", async () => {
  const pipe = join(makeTemporaryFolder(), "pipe");
  execFileSync("mkfifo", [pipe]);
  symlinkSync(pipe, `${pipe}.link`);
  for (const path of ["/dev/zero", pipe, `${pipe}.link`]) {
    await expect(hashPath({ path })).rejects.toThrow(`${path} is neither a file nor a folder`);
  }
});

test("pipes, links to devices and copies of ours that were cut off are no part of a folder; the worker leaves them out too", async () => {
  const path = makeFolder();
  const alone = await hashPath({ path });
  execFileSync("mkfifo", [join(path, "pipe"), join(path, "sub", "pipe")]);
  symlinkSync("pipe", join(path, "link-to-pipe"));
  symlinkSync("/dev/zero", join(path, "link-to-zero"));
  writeFileSync(stagingBeside(join(path, "b"), SESSION), "half");
  mkdirSync(movingBeside(join(path, "sub", "a")));
  writeFileSync(join(movingBeside(join(path, "sub", "a")), "half"), "half");
  writeFileSync(temporaryBeside(join(path, "b")), "half");
  expect(await hashPath({ path, durable: true })).toEqual(alone);
  expect(askWorker(path)).toEqual(alone);
});

test.each(["nowhere", "link"])("a link in a folder that leads to %s is an error that names it", async (way) => {
  const path = makeFolder();
  symlinkSync(way, join(path, "link"));
  const error = await hashPath({ path }).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "ENOENT", path: join(path, "link") });
  expect((error as Error).message).toBe(`${path}/link is a symbolic link that leads to nothing`);
});

/** What the worker says of the same. */
function askWorker(path: string): unknown {
  const worker = join(import.meta.dirname, "../../src/runners/kedro/worker");
  const script =
    "import json,sys; from runweave_worker.data.checksum import *; flush_local(sys.argv[1]); mark_local(sys.argv[1]); c=hash_local(sys.argv[1], durable=True); print(json.dumps({'bytes': c.bytes, 'hash': c.hash}))";
  const env = { ...process.env, PYTHONPATH: worker };
  return JSON.parse(execFileSync(findTestPython(), ["-c", script, path], { env, encoding: "utf8" }));
}

function makeFolder(): string {
  const folder = makeTemporaryFolder();
  mkdirSync(join(folder, "sub", "empty"), { recursive: true });
  writeFileSync(join(folder, "b"), "same");
  writeFileSync(join(folder, "sub", "a"), "same");
  writeFileSync(join(folder, "ü \u{1F600}"), "same");
  writeFileSync(join(folder, "\uFF5E"), "same");
  return folder;
}

test("the hash of a folder is that of its sorted lines", async () => {
  const path = makeFolder();
  const lines = ["b", "sub/a", "ü \u{1F600}", "\uFF5E"].map((name) => `${sha256("same")}  ${name}\n`);
  expect(await hashPath({ path })).toEqual({ bytes: 16, hash: `sha256:${sha256(lines.join(""))}` });
});

test("the Python worker gives the same hash, symlinks included", async () => {
  const path = makeFolder();
  symlinkSync(join(path, "b"), join(path, "link-to-file"));
  symlinkSync(join(path, "sub"), join(path, "link-to-folder"));
  expect(askWorker(path)).toEqual(await hashPath({ path }));
});

test("renaming a file in a folder changes the hash", async () => {
  const [one, two] = [makeTemporaryFolder(), makeTemporaryFolder()];
  writeFileSync(join(one, "a"), "x");
  writeFileSync(join(two, "b"), "x");
  expect((await hashPath({ path: one })).hash).not.toBe((await hashPath({ path: two })).hash);
});

test("a file that is not there is an error", async () => {
  await expect(hashPath({ path: join(makeTemporaryFolder(), "none") })).rejects.toThrow("ENOENT");
});

test("a read-only file is flushed all the same", async () => {
  const path = join(makeTemporaryFolder(), "file");
  writeFileSync(path, "x");
  chmodSync(path, 0o400);
  expect((await hashPath({ path, durable: true })).bytes).toBe(1);
});
