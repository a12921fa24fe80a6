import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { binPath, cliEnvironment, runCli, runList } from "../rig/cli.ts";
import { writeCommands } from "../rig/resumable.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";
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
  expect(callUnread(folder, args, streams)).toEqual({ exitCode, trace: "" });
});

/** Calls a command whose reader has gone. */
function callUnread(folder: string, args: readonly string[], streams = ">&1") {
  const script = `{ "$@" ${streams}; echo $? >code; } 2>trace | true`;
  const env = cliEnvironment();
  execFileSync("bash", ["-c", script, "bash", process.execPath, binPath(), ...args], { cwd: folder, env });
  const read = (name: string) => readFileSync(join(folder, name), "utf8");
  return { exitCode: Number(read("code")), trace: read("trace") };
}

describe("where nobody reads what a command prints", () => {
  const cwd = makeSuiteFolder();
  const call = async (...args: string[]) => await runCli(args, { cwd });
  beforeAll(async () => {
    mkdirSync(join(cwd, ".runweave"));
    const make = { command: ["sh", "-c", "test ! -e broken && date +%N >res"], outputs: { res: "res" } };
    const use = {
      command: ["cp", "${inputs.res.path}", "${outputs.copy.path}"],
      consumes: { res: "make" },
      outputs: ["copy"],
    };
    writeCommands(cwd, { make, use }, { publish: ["res"] });
    expect((await call("run")).exitCode).toBe(0);
  });

  test.each([
    [["show"]],
    [["runs", "--json"]],
    [["lineage", "use"]],
    [["path", "res@make"]],
    [["replay", "latest", "--fresh", "make", "--dry-run"]],
    [["heal", "--dry-run"]],
  ])("%j has nothing left to do", (args) => {
    expect(callUnread(cwd, args)).toMatchObject({ exitCode: 141 });
  });

  /** Each with what shows afterwards that it was done to its end. */
  test.each<[args: string[], shown: string[], done: string]>([
    [["run"], ["sessions"], "2 success"],
    [["run", "--json"], ["sessions"], "2 success"],
    [["replay", "latest", "--fresh", "make"], ["sessions"], "replay of"],
    [["taint", "res@make", "--reason", "wrong"], ["taint"], "wrong"],
    [["heal", "--yes"], ["sessions"], "healing of"],
    [["alias", "set", "best", "res@make"], ["alias", "list"], "best"],
    [["tag", "make", "team=red"], ["tag", "make"], "team=red"],
    [["rollback", "SESSION", "--force"], ["show", "SESSION"], "rolled back at"],
    [["gc", "--keep-last", "1", "--yes"], ["trash", "list"], "gc-"],
    [["trash", "empty", "--yes"], ["trash", "list"], "the trash is empty"],
  ])("%j is done to its end, and its exit code is its own", async (args, shown, done) => {
    const [session] = (await runList<{ session_id: string }>(["sessions"], { cwd })).value.slice(-1);
    const fill = (word: string) => word.replace("SESSION", session?.session_id ?? "");
    expect(callUnread(cwd, args.map(fill))).toMatchObject({ exitCode: 0 });
    expect((await call(...shown.map(fill))).stdout).toContain(done);
  });

  test("a session that fails has the exit code of that, and so has its resume", async () => {
    writeFileSync(join(cwd, "broken"), "");
    expect(callUnread(cwd, ["run"])).toMatchObject({ exitCode: 1 });
    expect(callUnread(cwd, ["resume"])).toMatchObject({ exitCode: 1 });
    rmSync(join(cwd, "broken"));
    expect(callUnread(cwd, ["resume"])).toMatchObject({ exitCode: 0 });
  });
});
