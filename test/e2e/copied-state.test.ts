import {
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { RunRecord, SessionRecord } from "../../src/core/run.ts";
import { runCli, runEvents, runJson } from "../rig/cli.ts";
import { killWhileHeld } from "../rig/held-session.ts";
import { readTree } from "../rig/read-tree.ts";
import { showSession, writeCommands } from "../rig/resumable.ts";
import { Rig } from "../rig/rig.ts";
import { shortId } from "../rig/short-id.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";

const rig = new Rig();
afterAll(() => rig.close());

const MAKE = ["sh", "-c", 'date +%N >"$1"', "sh", "${outputs.it.path}"];
const PUBLISH = ["sh", "-c", "date +%N >plain"];

/** A project in which two sessions have run, one collected, and that published over a file of the user's. */
async function makeProject(runs: object = { make: { command: MAKE, outputs: ["it"] } }) {
  const cwd = join(makeTemporaryFolder(), "original");
  mkdirSync(join(cwd, ".runweave"), { recursive: true });
  writeFileSync(join(cwd, "plain"), "the user's\n");
  const out = { command: PUBLISH, outputs: { plain: "plain" } };
  const edit = { command: ["sh", "-c", "echo edited >plain"], needs: ["out"] };
  const whole = { ...runs, out, edit };
  const file = writeCommands(cwd, whole, { name: "flow", publish: ["plain"] });
  const sessions: SessionRecord[] = [];
  for (let count = 0; count < 2; count += 1) {
    expect((await runEvents(file, { cwd })).exitCode).toBe(0);
    sessions.push(await showSession({ cwd }));
  }
  return { cwd, sessions };
}

function copyProject(cwd: string): string {
  const copy = `${cwd}-copy`;
  cpSync(cwd, copy, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
  return copy;
}

function placeOf({ outputs }: RunRecord): string {
  return Object.values(outputs)[0]?.location ?? "";
}

async function say(cwd: string, ...args: string[]) {
  const { exitCode, stdout, stderr } = await runCli(args, { cwd });
  return { exitCode, said: stdout + stderr };
}

async function verify(cwd: string) {
  const { exitCode, value } = await runJson<{ findings: { code: string }[] }>(["verify", "--all"], { cwd });
  return { exitCode, broken: value.findings.filter(({ code }) => code.startsWith("content")) };
}

describe("a project that was copied with its state folder", () => {
  test.each(["gc --keep-last 1 --yes", "trash empty --yes", "trash restore out", "rollback SESSION"])(
    "%s there changes no byte of the original, settled or not",
    async (command) => {
      const { cwd, sessions } = await makeProject();
      expect((await say(cwd, "gc", "--keep-last", "1", "--yes")).exitCode).toBe(0);
      const copy = copyProject(cwd);
      const before = readTree(cwd);
      const args = command.replace("SESSION", sessions[1]?.session_id ?? "").split(" ");
      for (const settle of [[], ["doctor", "--settle"]]) {
        if (settle.length > 0) await say(copy, ...settle);
        expect((await runEvents("workflow.json", { cwd: copy })).exitCode).toBe(0);
        await say(copy, ...args);
        expect(readTree(cwd)).toEqual(before);
      }
      expect(await verify(cwd)).toEqual({ exitCode: 0, broken: [] });
    },
  );

  test("by hard links can be read; whatever writes is refused, there and in the original, until the file is its own", async () => {
    const { cwd } = await makeProject();
    const copy = `${cwd}-linked`;
    cpSync(cwd, copy, { recursive: true, preserveTimestamps: true });
    for (const each of [".runweave/registry.sqlite", "plain"]) {
      rmSync(join(copy, each));
      linkSync(join(cwd, each), join(copy, each));
    }
    const shared = join(cwd, ".runweave/registry.sqlite");
    const before = readFileSync(shared);
    const refused = ["run workflow.json", "alias set champ make", "doctor --settle", "gc --keep-last 1 --yes"];
    for (const at of [copy, cwd]) {
      for (const args of refused) {
        const { exitCode, said } = await say(at, ...args.split(" "));
        expect([args, exitCode, said]).toEqual([args, 3, expect.stringContaining("error[registry-linked]")]);
      }
      expect(await say(at, "sessions")).toEqual({ exitCode: 0, said: expect.stringContaining("registry-linked") });
      expect((await say(at, "doctor")).said).toContain("has 2 names");
    }
    expect(readFileSync(shared).equals(before)).toBe(true);
    const registry = join(copy, ".runweave/registry.sqlite");
    cpSync(registry, `${registry}.new`);
    renameSync(`${registry}.new`, registry);
    expect((await say(copy, "run", "workflow.json")).exitCode).toBe(0);
    expect((await say(cwd, "run", "workflow.json")).said).not.toContain("registry-");
  });

  test("runs and answers with a warning, and what it does leaves the original whole, before it is settled and afterwards", async () => {
    const { cwd, sessions } = await makeProject();
    const copy = copyProject(cwd);
    const before = readTree(cwd);

    const ran = await runCli(["run", "workflow.json"], { cwd: copy });
    const state = join(cwd, ".runweave");
    const told = `made at ${state} and is at ${join(copy, ".runweave")} now; what its runs saved before lies at ${state}`;
    expect([ran.exitCode, ran.stderr.split("registry-moved").length]).toEqual([0, 2]);
    expect(ran.stderr).toContain(told);
    expect(ran.stderr).toContain("`runweave doctor --settle`");
    const shown = await runCli(["show"], { cwd: copy });
    expect([shown.exitCode, shown.stderr.split("registry-moved").length]).toEqual([0, 2]);
    expect((await verify(copy)).exitCode).toBe(0);

    const session = sessions[0]?.session_id ?? "";
    const refused = [
      ["gc", "--keep-last", "1"],
      ["gc", "--keep-last", "1", "--yes"],
      ["trash", "empty"],
      ["trash", "empty", "--yes"],
      ["trash", "restore", "make"],
      ["rollback", "latest"],
      ["rollback", session],
      ["replay", session],
    ];
    for (const args of refused) {
      const { exitCode, said } = await say(copy, ...args);
      expect([args, exitCode, said]).toEqual([args, 3, expect.stringContaining("error[registry-moved]")]);
    }
    expect(readTree(cwd)).toEqual(before);

    const settled = await say(copy, "doctor", "--settle");
    expect(settled).toEqual({ exitCode: 0, said: expect.stringContaining("is a state folder of its own from now on") });
    const collected = await runJson<{ goes: { places: string[] }[] }>(["gc", "--keep-last", "1", "--yes"], {
      cwd: copy,
    });
    expect(collected.exitCode).toBe(0);
    const places = collected.value.goes.flatMap((run) => run.places);
    expect(places).toHaveLength(4);
    expect(places.filter((place) => !place.startsWith(join(copy, ".runweave/data/")))).toEqual([]);
    expect((await say(copy, "trash", "empty", "--yes")).exitCode).toBe(0);
    expect(await say(copy, "rollback", session)).toEqual({
      exitCode: 3,
      said: expect.stringContaining(`began in the state folder at ${state}`),
    });
    expect((await runCli(["runs"], { cwd: copy })).stderr).toBe("");
    expect(readTree(cwd)).toEqual(before);
    expect(await verify(cwd)).toEqual({ exitCode: 0, broken: [] });
  });

  test("what was on its way into the trash when it was copied, and what lay there, touches no place of the original", async () => {
    const { cwd, sessions } = await makeProject();
    expect((await say(cwd, "gc", "--keep-last", "1", "--yes")).exitCode).toBe(0);
    const [make] = sessions[0]?.runs ?? [];
    const id = `gc-${make?.run_id}`;
    // As after a kill between the mark on record and the move.
    const place = join(placeOf(make as RunRecord), "..");
    renameSync(join(cwd, ".runweave/trash", id, "items/0"), place);
    const copy = copyProject(cwd);
    const before = readTree(cwd);

    await say(copy, "doctor", "--settle");
    expect((await say(copy, "gc", "--keep-last", "1", "--yes")).exitCode).toBe(0);
    expect(readTree(cwd)).toEqual(before);
    const other = sessions[0]?.runs[1]?.run_id;
    const restored = await say(copy, "trash", "restore", `gc-${other}`);
    expect(restored).toEqual({ exitCode: 2, said: expect.stringContaining("error[trash-elsewhere]") });
    expect((await say(copy, "trash", "empty", "--yes")).exitCode).toBe(0);
    expect(readTree(cwd)).toEqual(before);
    expect(readdirSync(join(copy, ".runweave/trash"))).toEqual([]);
    expect((await say(cwd, "gc", "--keep-last", "1", "--yes")).exitCode).toBe(0);
    expect(existsSync(place)).toBe(false);
  });

  test("what a failed run of the copy saved is cleaned up, and what the copy collects can be restored there", async () => {
    const { cwd } = await makeProject();
    const copy = copyProject(cwd);
    const before = readTree(cwd);
    const bad = { command: ["sh", "-c", 'echo >"$1"; exit 3', "sh", "${outputs.it.path}"], outputs: ["it"] };
    writeCommands(copy, { bad }, { name: "bad", cleanup_on_error: "trash" });
    expect((await runEvents("workflow.json", { cwd: copy })).exitCode).toBe(1);
    const { runs } = await showSession({ cwd: copy });
    expect(runs[0]?.discarded).toMatchObject({ cause: "cleanup", state: "trashed" });
    await say(copy, "doctor", "--settle");
    expect((await say(copy, "trash", "restore", "bad")).exitCode).toBe(0);
    expect((await say(copy, "gc", "--older-than", "2099-01-01", "--yes")).exitCode).toBe(0);
    const { value } = await runJson<{ entries: { id: string; run: string }[] }>(["trash", "list"], { cwd: copy });
    for (const { id } of value.entries.filter(({ id }) => id.startsWith("gc-")))
      expect((await say(copy, "trash", "restore", id)).exitCode).toBe(0);
    expect(readTree(cwd)).toEqual(before);
  });

  test("a session that was under way is not gone on with in the copy, and counts as cancelled there once it is settled", async () => {
    const { folder, options, marked, session_id, child } = await killWhileHeld(rig, "copied");
    const copy = copyProject(folder);
    const inCopy = { ...options, cwd: copy };
    for (const args of [["resume"], ["resume", session_id], ["resume", "--kill"], ["cancel", session_id]]) {
      const { exitCode, stderr } = await runCli(args, inCopy);
      expect([args, exitCode, stderr]).toEqual([
        args,
        3,
        expect.stringContaining(`session ${shortId(session_id)} began in`),
      ]);
    }
    expect(marked.list().length).toBeGreaterThan(0);
    const settled = await runJson<{ ended: string[] }>(["doctor", "--settle"], inCopy);
    expect(settled.value.ended).toEqual([session_id]);
    const { status, runs } = await showSession(inCopy);
    expect([status, runs.map((run) => run.status)]).toEqual(["cancelled", ["success", "cancelled", "cancelled"]]);
    expect((await runCli(["resume", session_id], inCopy)).exitCode).toBe(3);
    expect((await runCli(["verify", "--all"], inCopy)).exitCode).toBe(0);

    await child.tell({ do: "write", path: child.args[0], text: "made\n" });
    await child.tell({ do: "exit", code: 0 });
    expect((await runCli(["resume", session_id], options)).exitCode).toBe(0);
    expect(await marked.remaining(5_000)).toEqual([]);
  });

  test("a project that was moved on its file system goes on as before, also when something else is at its old place later", async () => {
    const { cwd, sessions } = await makeProject();
    const moved = `${cwd}-moved`;
    renameSync(cwd, moved);
    const ran = await runCli(["run", "workflow.json"], { cwd: moved });
    expect([ran.exitCode, ran.stderr]).toEqual([0, ""]);
    const { exitCode, value } = await runJson<{ goes: object[] }>(["gc", "--keep-last", "1", "--yes"], { cwd: moved });
    expect([exitCode, value.goes.length]).toEqual([0, 4]);
    expect((await say(moved, "doctor")).said).not.toContain("FAIL");
    // A copy takes the old place: what is on record of before lies there now, and is its own.
    cpSync(moved, cwd, { recursive: true });
    const place = join(placeOf(sessions[1]?.runs[0] as RunRecord), "..");
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, "it"), "the copy's\n");
    expect((await say(moved, "trash", "restore", sessions[1]?.runs[0]?.run_id ?? "")).exitCode).toBe(0);
    expect((await say(moved, "gc", "--older-than", "2099-01-01", "--yes")).exitCode).toBe(0);
    expect(readFileSync(join(place, "it"), "utf8")).toBe("the copy's\n");
    expect((await say(cwd, "runs")).said).toContain("registry-moved");
  });

  test("a project that is restored from a backup at its own place is no copy", async () => {
    const { cwd } = await makeProject();
    const backup = copyProject(cwd);
    rmSync(cwd, { recursive: true });
    cpSync(backup, cwd, { recursive: true });
    const ran = await runCli(["run", "workflow.json"], { cwd });
    expect([ran.exitCode, ran.stderr]).toEqual([0, ""]);
    expect((await say(cwd, "gc", "--keep-last", "1", "--yes")).exitCode).toBe(0);
  });
});
