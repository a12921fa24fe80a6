import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { checkState } from "../../../src/compose/doctor/check-state.ts";
import { inFolder, makeStateFolders } from "../../../src/compose/locate-state.ts";
import { finish, makeState, NOW_MS } from "../../rig/checked-state.ts";
import { evaluateAsOrdinary, makeOrdinaryFolder, shellAsOrdinary } from "../../rig/ordinary-user.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";

const FOLDERS = ["attempts", "logs", "data", "data/.capturing", "trash", "sessions", "patches", "workers", "cache"];

const OTHER_THINGS: Record<string, (path: string) => void> = {
  "a file": (path) => writeFileSync(path, ""),
  "a pipe": (path) => void execFileSync("mkfifo", [path]),
  "a dangling link": (path) => symlinkSync("nowhere", path),
};

test.each(FOLDERS)("%s that is something else is told, as a run is refused for it", (name) => {
  const world = makeState();
  finish(world);
  const path = join(world.state.root, name);
  for (const put of Object.values(OTHER_THINGS)) {
    rmSync(path, { recursive: true, force: true });
    mkdirSync(dirname(path), { recursive: true });
    put(path);
    const level = "fail";
    const told = { what: "folders", level, detail: `${path} is no folder`, hint: expect.stringContaining("move it") };
    expect(world.check()).toContainEqual(told);
    expect(() => makeStateFolders(world.state)).toThrow(`${path} is no folder`);
  }
});

test("something else in the place of a folder is told without a registry too", () => {
  const state = inFolder(join(makeTemporaryFolder(), ".runweave"));
  mkdirSync(state.root);
  writeFileSync(state.trash, "");
  expect(checkState(state, NOW_MS)).toMatchObject([{ what: "folders", detail: `${state.trash} is no folder` }]);
});

test("each that is closed to this user is told, and no other", () => {
  const state = inFolder(join(makeOrdinaryFolder(), ".runweave"));
  const paths = FOLDERS.map((name) => join(state.root, name));
  shellAsOrdinary("/", `mkdir -p ${paths.map((path) => `'${path}'`).join(" ")}`);
  const expression = `{
    const { chmodSync } = await import("node:fs");
    return ${JSON.stringify(paths)}.flatMap((path) => [0, 0o500].map((mode) => {
      chmodSync(path, mode);
      const found = own.checkFolders(${JSON.stringify(state)});
      chmodSync(path, 0o700);
      return found;
    }));
  }`;
  const told = evaluateAsOrdinary("compose/doctor/check-folders.ts", expression);
  const closed = (path: string) => [
    {
      what: "folders",
      level: "fail",
      detail: `${path} can't be read and written by this user`,
      hint: expect.stringContaining("chmod u+rwx"),
    },
  ];
  expect(told).toMatchObject(paths.flatMap((path) => [closed(path), closed(path)]));
});

test("a key that is none is told; that there is none is no fault", () => {
  const world = makeState();
  finish(world);
  const findKey = () => world.check().filter(({ what }) => what === "key");
  expect(findKey()).toEqual([]);
  writeFileSync(join(world.state.root, "key"), "");
  expect(findKey()).toMatchObject([{ level: "warn", detail: expect.stringContaining("is no key of a state folder") }]);
});
