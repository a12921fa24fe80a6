import { expect, test, vi } from "vitest";
import { hintOption } from "../../../src/cli/declare/hint-option.ts";
import { runCommandLine } from "../../../src/cli/run-command-line.ts";

test.each([
  ["--params", /--set RUN\.params\.NAME=VALUE/],
  ["--target=train", /`runweave run FILE RUN\.\.\.`/],
  ["--env", /`env: NAME`.*--set RUN\.env=NAME/],
  ["--pipeline", /`pipeline: NAME`/],
  ["--tags=a", /`tags`/],
  ["-f", /without an option/],
])("%s, which is no option, is answered with what there is", async (flag, hint) => {
  const write = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  try {
    expect(await runCommandLine(["node", "runweave", "run", flag, "x"])).toBe(2);
    expect(write.mock.calls.join("")).toMatch(hint);
  } finally {
    write.mockRestore();
  }
});

test("any other wrong option has no such answer", () => {
  expect(hintOption({ code: "commander.unknownOption", message: "error: unknown option '--constructor'" })).toBeNull();
  expect(hintOption({ code: "commander.excessArguments", message: "error: '-f' is one too many" })).toBeNull();
});
