import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runCli } from "../rig/cli.ts";
import { writeCommands } from "../rig/resumable.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";

/** A project whose workflow publishes what its runs write below `out`. */
function makeProject(runs: Record<string, object>, publish: string[]) {
  const cwd = makeTemporaryFolder();
  for (const folder of [".runweave", "out"]) mkdirSync(join(cwd, folder));
  const file = writeCommands(cwd, runs, { publish });
  const call = async (exitCode: number, ...words: string[]) => {
    const ended = await runCli(words, { cwd });
    expect(ended, words.join(" ")).toMatchObject({ exitCode });
    return `${ended.stdout}${ended.stderr}`;
  };
  const at = (path: string) => join(cwd, path);
  const read = (path: string) => readFileSync(at(path), "utf8").trim();
  /** Saves as editors do. */
  const save = (path: string, text: string) => {
    writeFileSync(at("edited"), text);
    renameSync(at("edited"), at(path));
  };
  return { file, at, read, save, call };
}

const run = (script: string, more: object = {}) => ({ command: ["sh", "-c", script], ...more });

describe("a plain path that a user writes to", () => {
  test("between a publication and `resume`, is the user's: left, said so, and not rolled back but by force", async () => {
    const script = "echo new >out/res; rm -f out/o; echo o >out/real; ln -s real out/o";
    const outputs = { res: "out/res", other: "out/o" };
    const { file, at, read, save, call } = makeProject({ a: run(script, { outputs }) }, ["res", "other"]);
    expect(await call(1, "run", file)).toContain("out/o is a symbolic link");
    save("out/res", "mine");
    rmSync(at("out/o"));
    expect(await call(0, "resume")).toContain(`${at("out/res")} is left as it is: it has changed since this session`);
    expect([read("out/res"), read("out/o")]).toEqual(["mine", "o"]);
    expect(await call(1, "rollback", "latest")).toContain("published-file-changed");
    const forced = await call(0, "rollback", "latest", "--force");
    expect(read("out/res")).toBe("new");
    const entry = /goes to the trash, as (rollback-\S+)/.exec(forced)?.[1] ?? "";
    expect(await call(2, "trash", "restore", entry)).toContain(`there is something at ${at("out/res")} now`);
    rmSync(at("out/res"));
    expect(await call(0, "trash", "restore", entry)).toContain(`restored ${at("out/res")}`);
    expect(read("out/res")).toBe("mine");
    expect(await call(0, "trash", "list")).not.toContain("rollback-");
  });

  test("with a file where the folder above was, is told by a rollback; by force, the file goes to the trash", async () => {
    const a = run("mkdir -p out/s; echo new >out/s/f", { outputs: { d: "out/s/f" } });
    const { file, at, read, call } = makeProject({ a, b: run("rm -rf out/s", { needs: ["a"] }) }, ["d"]);
    await call(0, "run", file);
    rmSync(at("out/s"), { recursive: true });
    writeFileSync(at("out/s"), "mine");
    expect(await call(1, "rollback", "latest")).toContain("error[published-file-changed]");
    expect(read("out/s")).toBe("mine");
    expect(await call(0, "rollback", "latest", "--force")).toContain(`what is at ${at("out/s")} goes to the trash`);
    expect(existsSync(at("out/s"))).toBe(false);
    // The run has no data in the trash; the words say what is there.
    const hint = /`runweave trash restore (rollback-\S+)`/.exec(await call(2, "trash", "restore", "a"))?.[1] ?? "";
    await call(0, "trash", "restore", hint);
    expect(read("out/s")).toBe("mine");
  });
});

test("a session that is resumed after a later one says what of that it replaces, and how to put it back", async () => {
  const a = run("cp in.txt out/res", { outputs: { res: "out/res" } });
  const { file, read, save, call } = makeProject({ a, b: run("test -e ready", { needs: ["a"] }) }, ["res"]);
  save("in.txt", "old");
  await call(1, "run", file);
  save("in.txt", "new");
  save("ready", "");
  await call(0, "run", file);
  expect(read("out/res")).toBe("new");
  const [newer = "", older = ""] = JSON.parse(await call(0, "sessions", "--json")).sessions.map(
    ({ session_id }: { session_id: string }) => session_id,
  );
  const told = await call(0, "resume", older);
  expect(read("out/res")).toBe("old");
  expect(told).toContain(`held what session ${newer.slice(-8)}, which started later, had published`);
  await call(0, "rollback", older);
  expect(read("out/res")).toBe("new");
});

test("folders are captured and published with their permissions, and go again if a rollback finds them empty", async () => {
  const fill = "mkdir -p out/d/empty out/d/keys; echo k >out/d/keys/id; chmod 700 out/d/keys out/d";
  const a = run(fill, { outputs: { d: "out/d" } });
  const { file, at, call } = makeProject({ a, b: run("rm -rf out", { needs: ["a"] }) }, ["d"]);
  await call(0, "run", file);
  const modes = ["out/d", "out/d/keys", "out/d/empty"].map((path) => (statSync(at(path)).mode & 0o777).toString(8));
  expect(modes.slice(0, 2)).toEqual(["700", "700"]);
  expect(existsSync(at("out/d/empty"))).toBe(true);
  await call(0, "rollback", "latest");
  expect(existsSync(at("out"))).toBe(false);
});

test("what an earlier session has published, and stands there still, is not published again: neither reused nor made anew", async () => {
  const a = run("cp in.txt out/res", { outputs: { res: "out/res" } });
  const { file, at, read, save, call } = makeProject({ a }, ["res"]);
  save("in.txt", "one");
  expect(await call(0, "run", file, "--cache", "on")).toContain("published res");
  const { ino } = statSync(at("out/res"));
  const entries = await call(0, "trash", "list");
  expect(await call(0, "run", file, "--cache", "on")).not.toContain("published");
  expect(statSync(at("out/res")).ino).toBe(ino);
  expect(await call(0, "run", file, "--fresh")).not.toContain("published");
  expect(await call(0, "trash", "list")).toBe(entries);
  save("in.txt", "two");
  expect(await call(0, "run", file, "--cache", "on")).toContain("published res");
  expect(read("out/res")).toBe("two");
});
