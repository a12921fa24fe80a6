import { chownSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runCli, runList } from "../rig/cli.ts";
import { giveToOrdinary, isRoot, makeOrdinaryFolder, ordinaryUser } from "../rig/ordinary-user.ts";
import { shortId } from "../rig/short-id.ts";

const CLOSED = 'mkdir -p "$1/mod"; echo x > "$1/mod/f"; chmod 500 "$1/mod"';
const DEEP = 'mkdir "$1"; cd "$1"; for i in $(seq 60); do mkdir "$0"; cd -P "$0"; done';

interface Sessions {
  status: string;
}

/** A project of an ordinary user, with workflows of one run each that writes what its script says. */
function setUp() {
  const cwd = makeOrdinaryFolder();
  const options = { cwd, env: { HOME: cwd }, ...ordinaryUser };
  const run = async (name: string, script: string, header: object = {}) => {
    const file = join(cwd, `${name}.json`);
    const command = ["sh", "-c", script, "d".repeat(200), "${outputs.x.path}"];
    writeFileSync(file, JSON.stringify({ name, ...header, runs: { [name]: { command, outputs: ["x"] } } }));
    return await runCli(["run", file], options);
  };
  const cli = async (...args: string[]) => await runCli(args, options);
  const listStates = async () => {
    const { value } = await runList<Sessions>(["sessions"], options);
    return value.map(({ status }) => status);
  };
  return { cwd, run, cli, listStates, trash: join(cwd, ".runweave/trash") };
}

describe("an output with a folder that is closed to its owner", () => {
  test.each([
    ["closed", CLOSED],
    ["deeper than a path may be", DEEP],
  ])("%s: it is deleted after a failure, and its session and all others end", async (_, script) => {
    const { run, cli, listStates, trash } = setUp();
    const header = { cleanup_on_error: "delete" };
    expect(await run("bad", `${script}; exit 1`, header)).toMatchObject({ exitCode: 1 });
    expect(await run("other", 'echo x > "$1"; exit 1', header)).toMatchObject({ exitCode: 1 });
    expect(await listStates()).toEqual(["failed", "failed"]);
    expect(readdirSync(trash)).toEqual([]);
    expect(await cli("trash", "empty", "--yes")).toMatchObject({ exitCode: 0, stderr: "" });
  });

  test("gc collects it, the trash puts it back, and deletes it", async () => {
    const { run, cli, trash } = setUp();
    for (let round = 0; round < 3; round += 1) expect(await run("good", CLOSED)).toMatchObject({ exitCode: 0 });
    expect(await cli("gc", "--keep-last", "1", "--yes")).toMatchObject({ exitCode: 0, stderr: "" });
    const [first] = readdirSync(trash);
    expect(await cli("trash", "restore", first ?? "")).toMatchObject({ exitCode: 0, stderr: "" });
    expect(await cli("verify", "--all")).toMatchObject({ exitCode: 0 });
    expect(await cli("trash", "empty", "--yes")).toMatchObject({ exitCode: 0, stderr: "" });
    expect(readdirSync(trash)).toEqual([]);
  });
});

describe.runIf(isRoot)("what this user can't move", () => {
  test("gc tells of it, and collects everything else", async () => {
    const { cwd, run, cli, trash } = setUp();
    for (let round = 0; round < 3; round += 1) await run("good", CLOSED);
    const [store = ""] = readdirSync(join(cwd, ".runweave/data"));
    const versions = join(cwd, ".runweave/data", store);
    const [first = "", second = "", third = ""] = readdirSync(versions).sort();
    chownSync(join(versions, first), 0, 0);
    const { exitCode, stderr } = await cli("gc", "--keep-last", "1", "--yes");
    expect(exitCode).toBe(3);
    expect(stderr).toContain(`not collected: ${shortId(first)}: EACCES: permission denied, rename `);
    expect(readdirSync(versions).sort()).toEqual([first, third]);
    expect((await cli("trash", "restore", `gc-${second}`)).exitCode).toBe(0);

    giveToOrdinary(join(versions, first));
    expect(await cli("gc", "--keep-last", "1", "--yes")).toMatchObject({ exitCode: 0, stderr: "" });
    expect(readdirSync(trash).sort()).toEqual([`gc-${first}`, `gc-${second}`]);
  });
});

describe.runIf(isRoot)("an entry of the trash that this user can't remove", () => {
  test("is named with the reason, and all others go; doctor tells of it, and it goes once that is mended", async () => {
    const { run, cli, trash } = setUp();
    const header = { cleanup_on_error: "trash" };
    for (const name of ["stuck", "light"]) await run(name, `${CLOSED}; exit 1`, header);
    const stuck = readdirSync(trash).sort()[0] ?? "";
    const foreign = (folder: string) => join(trash, folder, "items/0/x/mod");
    chownSync(foreign(stuck), 0, 0);

    const emptied = await cli("trash", "empty", "--yes");
    expect(emptied.exitCode).toBe(3);
    expect(emptied.stdout).toContain("deleted 1 entry, 2 B");
    expect(emptied.stderr).toContain(`not deleted, or not all of it: cleanup-${shortId(stuck)}: `);
    expect(emptied.stderr).toContain("belongs to user 0");
    expect(readdirSync(trash)).toEqual([`.gone-${stuck}`]);

    const { exitCode, stdout } = await cli("doctor");
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`warn  trash: cleanup-${shortId(stuck)} was emptied and still has bytes on the disk: `);
    expect(stdout).toContain("belongs to user 0");

    // Nothing else is kept from its end: what was not asked for is a warning.
    expect(await run("bad", `${CLOSED}; exit 1`, { cleanup_on_error: "delete" })).toMatchObject({ exitCode: 1 });
    const again = await cli("trash", "empty", "--older-than", "100w", "--yes");
    expect(again.exitCode).toBe(0);
    expect(again.stderr).toContain(`warning: cleanup-${shortId(stuck)}, which was emptied before, is not freed: `);

    giveToOrdinary(foreign(`.gone-${stuck}`));
    expect(await cli("trash", "empty", "--yes")).toMatchObject({ exitCode: 0, stderr: "" });
    expect(readdirSync(trash)).toEqual([]);
  });
});
