import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeTemporaryFolder } from "./temporary-folder.ts";

/** A folder of the test's own, called `name`, with a workflow as JSON. */
export function inFolder(workflow: unknown, name = "flow"): { cwd: string; file: string } {
  const cwd = join(makeTemporaryFolder(), name);
  mkdirSync(cwd);
  writeFileSync(join(cwd, "flow.json"), JSON.stringify(workflow));
  return { cwd, file: "flow.json" };
}
