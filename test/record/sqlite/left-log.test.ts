import { copyFileSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { RegistryError } from "../../../src/core/error/registry-error.ts";
import { findDamage } from "../../../src/record/sqlite/left-log.ts";
import { openSqliteRegistry } from "../../../src/record/sqlite/registry.ts";
import { indexPath, logPath } from "../../../src/record/sqlite/write-lock.ts";
import { History } from "../../suites/history.ts";
import { makeScratchFolder } from "../scratch.ts";

/** Adds sessions; `look` is called while the log holds what was added, as a killed process leaves it. */
function addSessions(path: string, numbers: readonly number[], look = () => {}): void {
  const registry = openSqliteRegistry(path);
  for (const number of numbers) {
    const history = new History((events) => registry.append(events), 1_000_000 * number);
    const session = history.startSession();
    for (let index = 0; index < 5; index++) {
      history.declare(session, `run${index}`);
      history.complete(session, `run${index}`, { saves: ["table"] });
    }
  }
  look();
  registry.close();
}

const FIRST = [0, 1, 2];
const BETWEEN = [3, 4, 5];
const LATER = [6, 7, 8, 9];

/** A registry of three sessions, its backup, and what a process leaves that is killed after some more. */
function makeKilled() {
  const folder = makeScratchFolder();
  const [path, backup, file, log] = ["registry.db", "backup", "file", "log"].map((name) => join(folder, name));
  if (!path || !backup || !file || !log) throw new Error("no path");
  addSessions(path, FIRST);
  copyFileSync(path, backup);
  // Closing takes these into the file, so that the log of the last ones does not hold them.
  addSessions(path, BETWEEN);
  addSessions(path, LATER, () => {
    copyFileSync(path, file);
    copyFileSync(logPath(path), log);
  });
  rmSync(path);
  return { path, backup, file, log };
}

function countSessions(path: string): number {
  const registry = openSqliteRegistry(path, { readOnly: true });
  try {
    return registry.listSessions({}).length;
  } finally {
    registry.close();
  }
}

it("a registry that was put back beside the log of a newer one is refused, and not changed", () => {
  const { path, backup, log } = makeKilled();
  const before = readFileSync(backup);
  copyFileSync(log, logPath(path));
  copyFileSync(backup, path);
  for (const readOnly of [true, false]) {
    const error = expect.objectContaining({ code: "registry-corrupt", hint: expect.stringContaining(logPath(path)) });
    expect(() => openSqliteRegistry(path, { readOnly })).toThrow(error);
    expect(() => openSqliteRegistry(path, { readOnly })).toThrow(RegistryError);
    const unclaimed = expect.objectContaining({ hint: expect.stringContaining("`runweave doctor` then says if") });
    expect(() => openSqliteRegistry(path, { readOnly })).toThrow(unclaimed);
  }
  expect(readFileSync(path)).toEqual(before);
  rmSync(logPath(path));
  rmSync(indexPath(path), { force: true });
  expect(countSessions(path)).toBe(FIRST.length);
});

it("what a killed process has left is taken up, also if file and log were moved or copied, in either order", () => {
  for (const order of ["file", "log"] as const) {
    const { path, file, log } = makeKilled();
    const put = { file: () => renameSync(file, path), log: () => renameSync(log, logPath(path)) };
    put[order]();
    put[order === "file" ? "log" : "file"]();
    expect(countSessions(path)).toBe(FIRST.length + BETWEEN.length + LATER.length);
  }
});

it("the damage of a file is told in the words of SQLite", () => {
  const { path, file } = makeKilled();
  renameSync(file, path);
  expect(findDamage(path)).toBeNull();
  const bytes = readFileSync(path);
  bytes.fill(0xff, 4096 * 3, 4096 * 5);
  writeFileSync(path, bytes);
  expect(findDamage(path)).toMatch(/./);
});

it.each([
  ["another registry, with fewer events than this one", [20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31]],
  ["another registry, with more events than this one", [20]],
  ["an earlier time of this registry", [...FIRST, ...BETWEEN, ...LATER, 20, 21]],
])("the log of %s that was copied there is refused, and nothing is changed", (_, numbers) => {
  const { log } = makeKilled();
  const path = join(makeScratchFolder(), "registry.db");
  addSessions(path, numbers);
  copyFileSync(log, logPath(path));
  // The log is the newer of the two, as after `cp`.
  const time = new Date(Date.now() + 10_000);
  utimesSync(logPath(path), time, time);
  const before = readFileSync(path);
  for (const readOnly of [true, false]) {
    const error = expect.objectContaining({ code: "registry-corrupt", hint: expect.stringContaining(logPath(path)) });
    expect(() => openSqliteRegistry(path, { readOnly })).toThrow(error);
  }
  expect(readFileSync(path)).toEqual(before);
});
