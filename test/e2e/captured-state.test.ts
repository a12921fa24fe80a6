import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runCli, runJson } from "../rig/cli.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";

function setUp(script: string, output: string | null) {
  const cwd = makeTemporaryFolder();
  mkdirSync(join(cwd, ".runweave"));
  const outputs = output === null ? '["x"]' : `{ x: ${output} }`;
  const command = JSON.stringify(["sh", "-c", script, "sh", ...(output === null ? ["${outputs.x.path}"] : [])]);
  writeFileSync(join(cwd, "w.yaml"), `runs:\n  a:\n    command: ${command}\n    outputs: ${outputs}\n`);
  return cwd;
}

test.each([".", ".runweave", ".runweave/registry.sqlite", ".runweave/attempts"])(
  "a captured path that holds the state folder or lies in it (%s) is refused where it is written, and nothing runs",
  async (path) => {
    const cwd = setUp("touch ran", path);
    const { exitCode, value } = await runJson<{ problems: object[] }>(["validate", "w.yaml"], { cwd });
    const hint = expect.stringContaining("name the files or the folder that the run itself writes");
    expect(value.problems).toMatchObject([{ code: "captures-state", line: 4, hint }]);
    expect(exitCode).toBe(2);
    expect((await runCli(["run", "w.yaml"], { cwd })).exitCode).toBe(2);
    expect(existsSync(join(cwd, "ran"))).toBe(false);
  },
);

test("a link to it that the command itself makes is refused before anything is copied", async () => {
  const cwd = setUp("ln -s . out", "out");
  const { exitCode, stdout } = await runCli(["run", "w.yaml"], { cwd });
  expect(exitCode).toBe(1);
  expect(stdout).toContain("can't be captured: it holds");
  const kept = readdirSync(join(cwd, ".runweave/data"), { recursive: true }).map(String);
  expect(kept.filter((path) => path.includes("runweave"))).toEqual([]);
});

test.each([
  ["kept in the store", null, "$1"],
  ["captured", "out", "out"],
])("a file in an output that is %s whose name is no text is told of as such", async (_, output, place) => {
  const cwd = setUp(`mkdir -p "${place}"; touch "${place}/$(printf 'a\\377')"`, output);
  const { exitCode, stdout } = await runCli(["run", "w.yaml"], { cwd });
  expect(exitCode).toBe(1);
  expect(stdout).toContain("has a name that can't be recorded: it is not UTF-8");
});
