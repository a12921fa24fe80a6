import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { keepCold, readColdProjects } from "../../../src/runners/kedro/cold-projects.ts";
import { endedPid, leaveTemporary } from "../../rig/left-temporaries.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";

test("a decision is kept, and what a killed process has left of an earlier one goes", () => {
  const root = makeTemporaryFolder();
  const left = leaveTemporary(root, endedPid(), "cold-projects.json");
  const project = { project_path: "/p", leaks: ["x"], since: "2026-11-23T21:04:54.666Z" };
  keepCold(root, project);
  expect([readColdProjects(root), existsSync(left)]).toEqual([[project], false]);
});
