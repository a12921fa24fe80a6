import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";

const BIN = join(import.meta.dirname, "../../bin/runweave.js");

/** Starts the command in a process in which a property of `process` is another one. */
function runAs(property: string, value: string): { status: number | null; stderr: string } {
  const preload = join(makeTemporaryFolder(), "preload.cjs");
  writeFileSync(preload, `Object.defineProperty(process, "${property}", { value: ${value} });\n`);
  return spawnSync(process.execPath, ["--require", preload, BIN, "--version"], { encoding: "utf8" });
}

test("an old Node gets one line that says what to do, and exit code 3", () => {
  const { status, stderr } = runAs("versions", "{ ...process.versions, node: '20.1.0' }");
  expect(stderr).toMatch(/^runweave needs Node 24 or later.*\n$/);
  expect(status).toBe(3);
});

test("the Node that the package asks for is the one that the command asks for", () => {
  const { engines } = JSON.parse(readFileSync(join(BIN, "../../package.json"), "utf8"));
  const { stderr } = runAs("versions", "{ ...process.versions, node: '20.1.0' }");
  expect(engines.node).toBe(`>=${/needs Node (\d+)/.exec(stderr)?.[1]}`);
});

test.each(["darwin", "win32"])("a machine that is not Linux gets one line, and exit code 3: %s", (platform) => {
  const { status, stderr } = runAs("platform", `"${platform}"`);
  expect(stderr).toMatch(new RegExp(`^runweave needs Linux.*${platform}.*\\n$`));
  expect(status).toBe(3);
});
