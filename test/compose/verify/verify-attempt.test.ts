import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { verifyAttempt } from "../../../src/compose/verify/verify-attempt.ts";
import { versionOf } from "../../rig/plans.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";

function writeFile(): { path: string; bytes: number; modifiedMs: number; hash: null } {
  const path = join(makeTemporaryFolder(), "raw");
  writeFileSync(path, "abc");
  return { path, bytes: 3, modifiedMs: statSync(path).mtimeMs, hash: null };
}

test("an attempt counts if what it saved is there, and what it read is what it was", async () => {
  expect(await verifyAttempt({ outputs: {} }, { files: { raw: writeFile() } })).toBeNull();
});

test("what it saved and is gone keeps it from counting", async () => {
  const outputs = { table: versionOf("v", { location: "/nowhere/at/all" }) };
  expect(await verifyAttempt({ outputs }, { files: {} })).toMatchObject({ type: "OutputMissing" });
});

test("so does a file that has changed under it, and it says what to do", async () => {
  const fault = await verifyAttempt({ outputs: {} }, { files: { raw: { ...writeFile(), bytes: 2 } } });
  expect(fault).toMatchObject({
    type: "InputChanged",
    message: expect.stringMatching(/^'raw' was 2 bytes .*`floating`$/s),
  });
});
