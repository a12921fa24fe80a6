import { writeFileSync } from "node:fs";
import { constants } from "node:os";
import { expect, test } from "vitest";
import { exitPath, readExit } from "../../src/runners/attempt-files.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";

test("the code that a shell ends with tells the signal that ended its program, by its usual name", () => {
  const folder = makeTemporaryFolder();
  const names = Object.keys(constants.signals) as NodeJS.Signals[];
  for (const [index, name] of names.entries()) {
    const number = constants.signals[name];
    writeFileSync(exitPath(folder), JSON.stringify({ exit_code: 128 + number }));
    const usual = names.slice(0, index).find((other) => constants.signals[other] === number) ?? name;
    expect(readExit(folder)).toEqual({ exitCode: null, signal: usual });
  }
});

test.each([0, 1, 125, 128, 255])("exit code %d is no signal", (code) => {
  const folder = makeTemporaryFolder();
  writeFileSync(exitPath(folder), JSON.stringify({ exit_code: code }));
  expect(readExit(folder)).toEqual({ exitCode: code, signal: null });
});
