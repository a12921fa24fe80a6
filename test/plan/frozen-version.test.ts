import { expect, test } from "vitest";
import { versionOfFile } from "../../src/plan/frozen-version.ts";

const file = { path: "/w/raw.csv", bytes: 12, modifiedMs: 1000.5, hash: null };
const tree = { suffix: "", ignored: [], files: 2, mark: "m", listing: "/l" };

test.each([
  [{ ...file, hash: "sha256:0123456789abcdef0123" }, "file-0123456789abcdef"],
  [{ ...file, hash: "sha256:0123456789abcdef0123", tree }, "folder-0123456789abcdef"],
  [file, "file-12-1000"],
  [{ ...file, hash: "s3:etag:0123456789abcdef0123-2", modifiedMs: null }, "file-0123456789abcdef"],
  [{ ...file, hash: "gs:md5hash:a/b+c==", modifiedMs: null }, "file-abc"],
  [{ ...file, version: "2026-11-23T21.04.54.666Z" }, "2026-11-23T21.04.54.666Z"],
])("the version of %j is %s", (plain, version) => {
  expect(versionOfFile(plain)).toBe(version);
});
