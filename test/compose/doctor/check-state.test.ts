import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, linkSync, mkdirSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, expect, it, onTestFinished, test } from "vitest";
import { checkState } from "../../../src/compose/doctor/check-state.ts";
import { inFolder } from "../../../src/compose/locate-state.ts";
import { awaitStop, finish, makeState, NOW_MS, STRANGE } from "../../rig/checked-state.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";

const UUID = "01234567-89ab-4def-8123-456789abcdef";

it("finds nothing where there is nothing, and where all is well", () => {
  expect(checkState(inFolder(join(makeTemporaryFolder(), ".runweave")), NOW_MS)).toEqual([]);
  const world = makeState();
  finish(world);
  expect(world.check()).toEqual([]);
});

test("attempts that the registry does not know are counted, however many it knows", () => {
  const world = makeState();
  finish(world);
  for (const name of [STRANGE, "no-attempt"]) mkdirSync(join(world.state.attempts, name));
  writeFileSync(join(world.state.attempts, STRANGE.replace("d783", "d784")), "a file");
  expect(world.check()).toMatchObject([
    {
      what: "attempts",
      level: "warn",
      detail: expect.stringMatching(new RegExp(`^1 in .* does not know: ${STRANGE}$`)),
    },
  ]);
});

test("files of killed processes are told of once nobody can be at them any more", () => {
  const world = makeState();
  finish(world);
  const { root, attempts } = world.state;
  const attempt = join(attempts, world.attempt.run_id);
  const left = [
    join(root, `.plan.json.${UUID}.tmp`),
    join(root, `registry.sqlite.${UUID}`),
    join(attempt, "claim.12.34.5"),
  ];
  for (const path of left) writeFileSync(path, "");
  for (const path of left) utimesSync(path, NOW_MS / 1000 - 60, NOW_MS / 1000 - 60);
  expect(world.check()).toEqual([]);
  for (const path of left) utimesSync(path, 0, 0);
  const detail = expect.stringMatching(/^3 below .* are of killed processes: /);
  expect(world.check()).toMatchObject([{ what: "temporary files", level: "warn", detail }]);
});

describe("a registry", () => {
  test("that a stopped process keeps from being written: who that is, though readers get through", async () => {
    const world = makeState();
    finish(world);
    const pid = await holdWriteLock(world.state.registry);
    expect(world.check()).toEqual([
      {
        what: "registry-locked",
        level: "fail",
        detail: expect.stringMatching(new RegExp(`the lock is held by process ${pid}, which is stopped \\(.*node`)),
        hint: expect.stringContaining("kill -CONT PID"),
      },
    ]);
  });

  test("that is gone while its data are there, is a folder, or has a second name", () => {
    const { state, registry, check } = makeState();
    registry.close();
    for (const name of readdirSync(state.root)) if (name.startsWith("registry.sqlite-")) rmSync(join(state.root, name));
    linkSync(state.registry, join(state.root, "other"));
    expect(check()[0]).toMatchObject({ level: "fail", detail: expect.stringContaining("has 2 names") });
    rmSync(state.registry);
    expect(check()).toMatchObject([{ what: "registry-missing", level: "warn" }]);
    mkdirSync(state.registry);
    expect(check()).toMatchObject([{ what: "registry", level: "fail", detail: `${state.registry} is not a file` }]);
  });

  test.each(["nowhere", "registry.sqlite"])("that is a link to %s: which link that is", (target) => {
    const state = inFolder(makeTemporaryFolder());
    symlinkSync(target, state.registry);
    const detail = `the registry ${state.registry} is a link to ${target}, which leads to no file`;
    expect(checkState(state, NOW_MS)).toMatchObject([{ what: "registry-unusable", level: "fail", detail }]);
  });

  test("that is no registry", () => {
    const state = inFolder(makeTemporaryFolder());
    writeFileSync(state.registry, "something else\n".repeat(100));
    expect(checkState(state, NOW_MS)).toMatchObject([{ what: "registry-corrupt", level: "fail" }]);
    expect(existsSync(`${state.registry}-shm`)).toBe(false);
  });
});

/** A process that is stopped while it has a registry's write lock. */
async function holdWriteLock(path: string): Promise<number> {
  const program = `
    const { DatabaseSync } = require("node:sqlite");
    const database = new DatabaseSync(process.argv[1]);
    database.exec("BEGIN IMMEDIATE");
    console.log("held");
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["-e", program, path], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(createInterface({ input: child.stdout }), "line");
  child.kill("SIGSTOP");
  await awaitStop(child.pid ?? 0);
  return child.pid ?? 0;
}
