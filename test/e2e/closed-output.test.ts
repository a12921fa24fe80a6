import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { binPath, cliEnvironment } from "../rig/cli.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";

test.each([
  ["the help", ["--help"], ">&1", 141],
  ["the help of a command", ["rollback", "--help"], ">&1", 141],
  ["the version", ["--version"], ">&1", 141],
  ["a schema", ["schema"], ">&1", 141],
  ["what is wrong with the usage", ["nosuch"], "2>&1 >/dev/null", 2],
  ["what is wrong with a file", ["validate", "nowhere.yaml"], "2>&1 >/dev/null", 2],
])("%s is cut off quietly where its reader has gone", (_, args, streams, exitCode) => {
  const folder = makeTemporaryFolder();
  const script = `{ "$@" ${streams}; echo $? >code; } 2>trace | true`;
  const env = cliEnvironment();
  execFileSync("bash", ["-c", script, "bash", process.execPath, binPath(), ...args], { cwd: folder, env });
  expect(readFileSync(join(folder, "trace"), "utf8")).toBe("");
  expect(readFileSync(join(folder, "code"), "utf8").trim()).toBe(String(exitCode));
});
