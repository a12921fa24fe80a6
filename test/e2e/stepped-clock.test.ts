import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type CliOptions, runCli } from "../rig/cli.ts";
import { writeCommands } from "../rig/resumable.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";

const PRELOAD = join(import.meta.dirname, "../chaos/real/crash-preload.ts");
const DAY_MS = 86_400_000;

/** `make -> use` over the file `it`, at a time that is so far from the machine's own. */
function setUp() {
  const cwd = makeTemporaryFolder();
  writeCommands(cwd, {
    make: { command: ["cp", "it", "${outputs.table.path}"], outputs: ["table"] },
    use: {
      command: ["cp", "${inputs.table.path}", "${outputs.copy.path}"],
      consumes: { table: "make" },
      outputs: ["copy"],
    },
  });
  return async (stepMs: number, ...args: string[]): Promise<string> => {
    const env = stepMs === 0 ? {} : { NODE_OPTIONS: `--import=${PRELOAD}`, CHAOS_CLOCK: `0:${stepMs}` };
    const options: CliOptions = { cwd, env };
    if (args[0] !== "make") return (await runCli(args, options)).stdout;
    writeFileSync(join(cwd, "it"), args[1] ?? "");
    expect((await runCli(["run"], options)).exitCode).toBe(0);
    return "";
  };
}

test.each([
  ["was ahead by a day", DAY_MS, 0],
  ["was put back by a day", 0, -DAY_MS],
])("after a session whose clock %s, the one recorded last is the newest for every command", async (_, first, later) => {
  const act = setUp();
  await act(first, "make", "old");
  await act(later, "make", "middle");
  await act(later, "make", "new");
  expect(await act(later, "doctor")).toMatch(/warn +clock: the clock was ahead at session /);
  expect(await act(later, "cat", "table@make")).toBe("new");
  await act(later, "run", "--only", "use");
  expect(await act(later, "cat", "copy@latest")).toBe("new");
  expect(await act(later, "gc", "--keep-last", "1", "--yes")).toContain("collected 5 runs");
  await act(later, "trash", "empty", "--yes");
  expect(await act(later, "cat", "table@make")).toBe("new");
  expect(await act(later, "verify", "latest")).not.toContain("BROKEN");
});
