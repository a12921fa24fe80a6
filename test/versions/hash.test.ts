import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { hashPath } from "../../src/versions/hash.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";
import { findTestPython } from "../rig/test-python.ts";

const sha256 = (content: string | Uint8Array) => createHash("sha256").update(content).digest("hex");

test.each([0, 1, 1 << 20, (1 << 20) + 1, 3_000_000])(
  "the hash of a file of %d bytes is the SHA-256 of its bytes",
  async (bytes) => {
    const path = join(makeTemporaryFolder(), "file");
    const content = Buffer.alloc(bytes, "runweave");
    writeFileSync(path, content);
    expect(await hashPath({ path })).toEqual({ bytes, hash: `sha256:${sha256(content)}` });
    expect(await hashPath({ path, durable: true })).toEqual({ bytes, hash: `sha256:${sha256(content)}` });
  },
);

test("what has no end, or would be waited for, has no hash", async () => {
  await expect(hashPath({ path: "/dev/zero" })).rejects.toThrow("/dev/zero is neither a file nor a folder");
});

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
  const worker = join(import.meta.dirname, "../../src/runners/kedro/worker");
  const script =
    "import json,sys; from runweave_worker.checksum import hash_local as h; c=h(sys.argv[1]); print(json.dumps([c.bytes,c.hash]))";
  const printed = execFileSync(findTestPython(), ["-c", script, path], { env: { ...process.env, PYTHONPATH: worker } });
  const { bytes, hash } = await hashPath({ path });
  expect([bytes, hash]).toEqual(JSON.parse(printed.toString()));
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
