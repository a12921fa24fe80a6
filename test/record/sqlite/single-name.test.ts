import { copyFileSync, linkSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { openSqliteRegistry } from "../../../src/record/sqlite/registry.ts";
import { findLinked } from "../../../src/record/sqlite/single-name.ts";
import { logPath } from "../../../src/record/sqlite/write-lock.ts";
import { History } from "../../suites/history.ts";
import { makeScratchFolder } from "../scratch.ts";

const LINKED = expect.objectContaining({ code: "registry-linked" });

/** Path of a closed registry with one session. `look` is called while its log has content. */
function makeRegistry(look = (_path: string) => {}): string {
  const path = join(makeScratchFolder(), "registry.sqlite");
  const registry = openSqliteRegistry(path);
  new History((events) => registry.append(events)).startSession();
  look(path);
  registry.close();
  return path;
}

it("a registry with a second name is read, and neither written nor changed by an attempt to write", () => {
  const path = makeRegistry();
  const other = join(makeScratchFolder(), "registry.sqlite");
  linkSync(path, other);
  const before = readFileSync(path);
  for (const each of [path, other]) {
    expect(findLinked(each)?.message).toContain(`${each} has 2 names`);
    expect(() => openSqliteRegistry(each)).toThrow(LINKED);
    const reader = openSqliteRegistry(each, { readOnly: true });
    expect(reader.listSessions({})).toHaveLength(1);
    reader.close();
  }
  expect(readFileSync(path)).toEqual(before);
  copyFileSync(other, `${other}.new`);
  renameSync(`${other}.new`, other);
  for (const each of [path, other]) openSqliteRegistry(each).close();
});

it("so is one whose log has a second name, as a killed process leaves one", () => {
  const folder = makeScratchFolder();
  const killed = join(folder, "registry.sqlite");
  makeRegistry((path) => {
    copyFileSync(path, killed);
    copyFileSync(logPath(path), logPath(killed));
  });
  linkSync(logPath(killed), join(folder, "other"));
  expect(() => openSqliteRegistry(killed)).toThrow(LINKED);
  rmSync(join(folder, "other"));
  openSqliteRegistry(killed).close();
});

it("the draft of a registry whose maker was killed is no second name", () => {
  const path = makeRegistry();
  linkSync(path, `${path}.0f0f0f0f-1111-4222-8333-444444444444`);
  expect(findLinked(path)).toBeNull();
  openSqliteRegistry(path).close();
  linkSync(path, join(makeScratchFolder(), "another"));
  expect(findLinked(path)?.message).toContain("has 2 names");
});
