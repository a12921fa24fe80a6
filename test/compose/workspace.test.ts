import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openWorkspace } from "../../src/compose/workspace.ts";
import { endedPid, leaveTemporary } from "../rig/left-temporaries.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";

test("what a process that was killed before its rename has left in the state folder goes when the folder is opened", async () => {
  const folder = makeTemporaryFolder();
  const state = join(folder, ".runweave");
  const [left, used] = [leaveTemporary(state, endedPid()), leaveTemporary(state, process.pid, "other")];
  const workspace = openWorkspace({ registry: state, from: folder });
  await workspace.close();
  expect([left, used].map((path) => existsSync(path))).toEqual([false, true]);
});
