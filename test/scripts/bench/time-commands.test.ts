import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { freshFolders } from "../../../scripts/bench/fresh-folder.ts";
import { median, repeat, timeCommand, timeCommands } from "../../../scripts/bench/time-commands.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";

describe("timeCommands", () => {
  it("times each command as often as asked, in an order that is reversed every other time", async () => {
    const cwd = makeTemporaryFolder();
    const say = (name: string) => repeat(name, { argv: ["sh", "-c", `printf ${name} >>order`], cwd });
    const times = await timeCommands([say("a"), say("b"), say("c")], 3);
    expect(readFileSync(join(cwd, "order"), "utf8")).toBe("abccbaabc");
    expect([...times].map(([name, of]) => [name, of.length])).toEqual([
      ["a", 3],
      ["b", 3],
      ["c", 3],
    ]);
  });

  it("launches a command anew for each timing", async () => {
    const nextFolder = freshFolders(makeTemporaryFolder(), { seed: "s" });
    const folders: string[] = [];
    const launch = () => {
      const cwd = nextFolder();
      folders.push(cwd);
      return { argv: ["sh", "-c", "mv seed used"] as [string, ...string[]], cwd };
    };
    await timeCommands([{ name: "move", launch }], 2);
    expect(new Set(folders).size).toBe(2);
    expect(folders.map((folder) => existsSync(join(folder, "used")))).toEqual([true, true]);
  });
});

describe("timeCommand", () => {
  const cwd = "/";

  it("says what a command printed that failed", async () => {
    const failing = repeat("broken", { argv: ["sh", "-c", "echo why; exit 3"], cwd });
    await expect(timeCommand(failing)).rejects.toThrow(/^broken ended with exit code 3: sh -c .*\nwhy\n$/);
  });

  it("says which command is not there", async () => {
    await expect(timeCommand(repeat("gone", { argv: ["/no/such/program"], cwd }))).rejects.toThrow(/^gone: .*ENOENT/);
  });
});

describe("median", () => {
  it("is the middle, or the mean of the two in the middle", () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([4, 1, 2, 9])).toBe(3);
    expect(median([])).toBeNaN();
  });
});
