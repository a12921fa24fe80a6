import { existsSync, readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { openKeyedDigest } from "../../src/runners/keyed-digest.ts";
import { endedPid, leaveTemporary } from "../rig/left-temporaries.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";

test("the key is made once, and what a process that was killed meanwhile has left goes", () => {
  const folder = makeTemporaryFolder();
  const left = leaveTemporary(folder, endedPid(), "key");
  const digest = openKeyedDigest(folder)("secret");
  expect(openKeyedDigest(folder)("secret")).toBe(digest);
  expect([existsSync(left), readdirSync(folder)]).toEqual([false, ["key"]]);
});
