import { writeFileSync } from "node:fs";
import { constants } from "node:os";
import { expect, test } from "vitest";
import { exitPath, readExit, writeExit } from "../../src/runners/attempt-files.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";

test("the code that a shell ends with tells the signal that ended its program, by its usual name", () => {
  const folder = makeTemporaryFolder();
  const names = Object.keys(constants.signals) as NodeJS.Signals[];
  for (const [index, name] of names.entries()) {
    const number = constants.signals[name];
    writeFileSync(exitPath(folder), JSON.stringify({ exit_code: 128 + number, seal: "s" }));
    const usual = names.slice(0, index).find((other) => constants.signals[other] === number) ?? name;
    expect(readExit(folder, "s")).toEqual({ exitCode: null, signal: usual });
  }
});

test.each([0, 1, 125, 128, 255])("exit code %d is no signal", (code) => {
  const folder = makeTemporaryFolder();
  writeFileSync(exitPath(folder), JSON.stringify({ exit_code: code, seal: "s" }));
  expect(readExit(folder, "s")).toEqual({ exitCode: code, signal: null });
});

test.each([{}, { seal: null }, { seal: "of another record" }, { seal: ["s"] }])(
  "an end without the seal of the attempt was told by somebody else: %j",
  (told) => {
    const folder = makeTemporaryFolder();
    writeFileSync(exitPath(folder), JSON.stringify({ exit_code: 0, ...told }));
    expect(readExit(folder, "s")).toBeNull();
    writeExit(folder, { exitCode: null, signal: "SIGKILL" }, "s");
    expect(readExit(folder, "s")).toEqual({ exitCode: null, signal: "SIGKILL" });
  },
);
