import { symlinkSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { ExceptionRecord } from "../../../src/core/run.ts";
import { exceptionPath, readException } from "../../../src/runners/module/read-exception.ts";
import { startModule } from "../../rig/module-run.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";

const RECORD: ExceptionRecord = { type: "Error", message: "m", node: null, traceback: null, cause: null };

function read(text: string) {
  const folder = makeTemporaryFolder();
  writeFileSync(exceptionPath(folder), text);
  return readException(folder);
}

test("what a host wrote is taken, without control bytes, and nothing else that stands there", () => {
  const written = { ...RECORD, message: "\u001b[31mred\u0007", classes: ["Error", "ENOENT"], node: "a node", more: 1 };
  const exception = { ...RECORD, message: "red", classes: ["Error", "ENOENT"] };
  expect(read(JSON.stringify(written))).toEqual({ exception, fault: null });
});

test("of a chain of causes, ten are told", () => {
  let chain = RECORD;
  for (let link = 0; link < 50; link++) chain = { ...RECORD, cause: chain };
  let length = 0;
  for (let link = read(JSON.stringify(chain)).exception; link !== null; link = link.cause) length += 1;
  expect(length).toBe(11);
});

test.each([
  ["no JSON", "{", /JSON/],
  ["another shape", '{"type":1}', /not the shape/],
  ["a list", "[]", /not the shape/],
  ["too much", `"${"x".repeat(1 << 20)}"`, /bytes; 1048576 are allowed/],
  ["far too deep a chain", `${'{"cause":'.repeat(90_000)}null${"}".repeat(90_000)}`, /shape|stack/],
])("%s is left out", (_, text, fault) => {
  expect(read(text)).toEqual({ exception: null, fault: expect.stringMatching(fault) });
});

test("no symlink is followed, and nothing there is no fault", () => {
  const folder = makeTemporaryFolder();
  expect(readException(folder)).toEqual({ exception: null, fault: null });
  symlinkSync("/etc/hostname", exceptionPath(folder));
  expect(readException(folder)).toEqual({ exception: null, fault: expect.stringMatching(/ELOOP/) });
});

test("a module that writes nonsense there fails as any command, and the log says what was left out", async () => {
  const text = `import { writeFileSync } from "node:fs";
export default () => { writeFileSync(process.env.RUNWEAVE_EXCEPTION, "[]"); process.kill(process.pid, "SIGKILL"); };`;
  const { result, readLog } = startModule(text);
  expect((await result).exception).toMatchObject({ type: "CommandFailed", cause: null });
  expect(readLog()).toContain("left out: it has not the shape of an exception");
});
