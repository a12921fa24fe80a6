import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { verifyOutputs } from "../../../src/compose/verify/verify-outputs.ts";
import type { AttemptResult } from "../../../src/core/port/runner.ts";
import type { VersionRecord } from "../../../src/core/run.ts";
import { versionOf } from "../../rig/plans.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";

const verify = (version: VersionRecord) => verifyOutputs({ outputs: { table: version } } as unknown as AttemptResult);

function writeVersion(text: string, bytes: number | null): VersionRecord {
  const location = join(makeTemporaryFolder(), "table");
  writeFileSync(location, text);
  return versionOf("v", { location, bytes });
}

test("a version that is there with its size, or of unknown size, holds", async () => {
  expect(await verify(writeVersion("abc", 3))).toBeNull();
  expect(await verify(writeVersion("abc", null))).toBeNull();
});

test("a folder that is there holds, and what is remote is left to its store", async () => {
  const location = join(makeTemporaryFolder(), "parts");
  mkdirSync(location);
  expect(await verify(versionOf("v", { location }))).toBeNull();
  expect(await verify(versionOf("v", { location: "s3://bucket/key" }))).toBeNull();
});

test("one that is gone, or has another size, does not", async () => {
  expect(await verify(versionOf("v", { location: "/nowhere/at/all" }))).toMatchObject({
    type: "OutputMissing",
    message: expect.stringContaining("table was saved at /nowhere/at/all"),
  });
  expect((await verify(writeVersion("abcd", 3)))?.message).toContain("4 bytes instead of 3");
});

test("files beside a version count for its size, and have to be there", async () => {
  const folder = makeTemporaryFolder();
  for (const name of ["table", "table.meta"]) writeFileSync(join(folder, name), "abc");
  const saved = { location: join(folder, "table"), beside: ["table.meta"] };
  expect(await verify(versionOf("v", { ...saved, bytes: 6 }))).toBeNull();
  expect((await verify(versionOf("v", { ...saved, bytes: 3 })))?.message).toContain("6 bytes instead of 3");
  const gone = await verify(versionOf("v", { ...saved, bytes: 6, beside: ["gone"] }));
  expect(gone?.message).toContain(join(folder, "gone"));
});
