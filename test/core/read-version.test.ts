import { expect, test } from "vitest";
import type { Read } from "../../src/core/read.ts";
import { versionOf } from "../../src/core/read-version.ts";
import { versionOf as savedAs } from "../rig/plans.ts";

const file = { path: "/w/raw.csv", bytes: 12, modifiedMs: 1000.5, hash: null };
const tree = { suffix: "", ignored: [], files: 2, mark: "m", listing: "/l" };

test.each([
  [{ ...file, hash: "sha256:0123456789abcdef0123" }, "file-0123456789abcdef"],
  [{ ...file, hash: "sha256:0123456789abcdef0123", tree }, "folder-0123456789abcdef"],
  [file, "file-12-1000"],
  [{ ...file, hash: "s3:etag:0123456789abcdef0123-2", modifiedMs: null }, "file-0123456789abcdef"],
  [{ ...file, hash: "gs:md5hash:a/b+c==", modifiedMs: null }, "file-abc"],
])("the version of %j is %s", (plain, version) => {
  expect(versionOf({ rule: "plain", file: plain })).toBe(version);
});

const given = { source: "it", reason: "given", from_run: "fit", from_dataset: "m", as: "upstream" } as const;

test.each<[Read, string | null]>([
  [{ rule: "run_id", ...given, version: savedAs("v1"), frozen: { modifiedMs: 1 } }, "v1"],
  [{ rule: "value", source: "1", reason: "given", version: "value-1", value: 1 }, "value-1"],
  [{ rule: "frozen", version: "2026-11-23T21.04.54.666Z", file }, "2026-11-23T21.04.54.666Z"],
  [{ rule: "consumed", run: "prep", dataset: "table", as: "upstream" }, null],
  [{ rule: "own" }, null],
  [{ rule: "floating" }, null],
])("the version of %j is %s", (read, version) => {
  expect(versionOf(read)).toBe(version);
});
