import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { forgetLostSessions, listLostSessions, notingSessions } from "../../../src/compose/home/newest-session.ts";
import { inFolder } from "../../../src/compose/locate-state.ts";
import { createMemoryRegistry } from "../../../src/record/memory/registry.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";
import { History } from "../../suites/history.ts";

/** A registry in the place of whatever was there before, and what starts sessions in it. */
function open(state: ReturnType<typeof inFolder>, firstTick: number) {
  const registry = notingSessions(createMemoryRegistry(), state);
  const history = new History((events) => registry.append(events), firstTick);
  return { registry, start: () => history.startSession(), lost: () => listLostSessions(registry, state) };
}

test("sessions that a registry does not know stay noted while others start, until somebody says that it counts", () => {
  const state = inFolder(makeTemporaryFolder());
  const newer = open(state, 0);
  newer.start();
  const last = newer.start();
  expect(newer.lost()).toEqual([]);
  const older = open(state, 100);
  expect(older.lost()).toEqual([last]);
  const own = older.start();
  older.start();
  expect(older.lost()).toEqual([last]);
  expect(newer.lost()).not.toContain(last);
  expect(forgetLostSessions(older.registry, state)).toBe(1);
  expect([older.lost(), forgetLostSessions(older.registry, state)]).toEqual([[], 0]);
  expect(own).not.toBe(last);
  expect(readdirSync(state.root)).toEqual(["newest-session.registry.sqlite.json"]);
});

test("two registries in one folder have a note each", () => {
  const state = inFolder(makeTemporaryFolder());
  open(state, 0).start();
  expect(open({ ...state, registry: join(state.root, "other.db") }, 100).lost()).toEqual([]);
});

test.each<[thing: string, put: (path: string) => void]>([
  ["an empty file", (path) => writeFileSync(path, "")],
  ["a note that is cut", (path) => writeFileSync(path, '{"newest":"2026-')],
  ["a note of something else", (path) => writeFileSync(path, '{"newest":"../../x","lost":[1,"/etc"]}')],
  ["a file that is too large", (path) => writeFileSync(path, " ".repeat(1 << 20))],
  ["a folder", (path) => mkdirSync(path)],
  ["a pipe", (path) => execFileSync("mkfifo", [path])],
  ["a link to a device", (path) => symlinkSync("/dev/zero", path)],
  ["a link to itself", (path) => symlinkSync(path, path)],
])("%s in the note's place says nothing, and keeps no session from starting", (_, put) => {
  const state = inFolder(makeTemporaryFolder());
  const path = join(state.root, "newest-session.registry.sqlite.json");
  put(path);
  const { start, lost } = open(state, 0);
  expect(lost()).toEqual([]);
  start();
  expect(lost()).toEqual([]);
  rmSync(path, { recursive: true, force: true });
});
