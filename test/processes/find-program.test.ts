import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkVariableNames, findProgram } from "../../src/processes/find-program.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";

function makeFolder(): string {
  const cwd = makeTemporaryFolder();
  mkdirSync(join(cwd, "bin"));
  mkdirSync(join(cwd, "early", "tool"), { recursive: true });
  writeFileSync(join(cwd, "bin", "tool"), "#!/bin/sh\n");
  chmodSync(join(cwd, "bin", "tool"), 0o755);
  writeFileSync(join(cwd, "bin", "text"), "");
  return cwd;
}

test.each([
  ["tool", "bin/tool"],
  ["./bin/tool", "bin/tool"],
  ["bin/tool", "bin/tool"],
])("%j is found at %j", (program, path) => {
  const cwd = makeFolder();
  const environment = { PATH: `${join(cwd, "early")}:bin:/bin` };
  expect(findProgram({ program, cwd, environment })).toBe(join(cwd, path));
});

test("without a PATH the usual folders are searched", () => {
  expect(findProgram({ program: "sh", cwd: "/", environment: {} })).toMatch(/\/bin\/sh$/);
});

test.each([
  ["nope", '"nope" was not found on PATH; install it'],
  ["text", "may not be executed; run `chmod +x`"],
  ["bin/text", "may not be executed; run `chmod +x`"],
  ["bin/nope", "does not exist; fix"],
  ["./bin", "is a folder; name a program"],
  ["", "was not found"],
])("%j can't be started: %s", (program, message) => {
  const cwd = makeFolder();
  expect(() => findProgram({ program, cwd, environment: { PATH: join(cwd, "bin") } })).toThrow(message);
});

test("a working folder that does not exist is named", () => {
  expect(() => findProgram({ program: "sh", cwd: "/nope", environment: {} })).toThrow(
    "the working folder /nope does not exist",
  );
});

test.each(["a.b", "1a", "", "a b", "a=b"])("%j is refused as a variable's name", (name) => {
  expect(() => checkVariableNames({ OK: "", [name]: "" })).toThrow("can't be the name of an environment variable");
});
