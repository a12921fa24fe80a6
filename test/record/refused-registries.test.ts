import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, it, vi } from "vitest";
import { openSqliteRegistry } from "../../src/record/sqlite/registry.ts";
import { makeScratchFolder } from "./scratch.ts";

const NFS = 0x6969;
const place = vi.hoisted(() => ({ type: null as number | null }));

/** As on a machine whose folder is elsewhere: everything but the kind of its file system is real. */
vi.mock("node:fs", async (importReal) => {
  const real = await importReal<typeof import("node:fs")>();
  const statfsSync = (path: string) => (place.type === null ? real.statfsSync(path) : { type: place.type });
  return { ...real, statfsSync };
});

it.each([false, true])("a registry on a network file system is refused, to readers too: readOnly %s", (readOnly) => {
  const path = join(makeScratchFolder(), "registry.sqlite");
  openSqliteRegistry(path).close();
  place.type = NFS;
  try {
    const why = { code: "registry-unusable", message: expect.stringContaining("network file system (NFS)") };
    expect(() => openSqliteRegistry(path, { readOnly })).toThrow(expect.objectContaining(why));
  } finally {
    place.type = null;
  }
});

it.each([false, true])("a SQLite that can lose data is refused before it writes anything: readOnly %s", (readOnly) => {
  const path = join(makeScratchFolder(), "registry.sqlite");
  if (readOnly) openSqliteRegistry(path).close();
  const prepare = DatabaseSync.prototype.prepare;
  const old = vi.spyOn(DatabaseSync.prototype, "prepare").mockImplementation(function told(this: DatabaseSync, sql) {
    return prepare.call(this, sql.replace("sqlite_version()", "'3.51.2'"));
  });
  try {
    const why = { code: "sqlite-too-old", message: expect.stringContaining("3.51.2") };
    expect(() => openSqliteRegistry(path, { readOnly })).toThrow(expect.objectContaining(why));
  } finally {
    old.mockRestore();
  }
  expect(existsSync(path)).toBe(readOnly);
});

it.each([false, true])("a pipe in the place of a registry is refused, and not waited for: readOnly %s", (readOnly) => {
  const path = join(makeScratchFolder(), "registry.sqlite");
  execFileSync("mkfifo", [path]);
  const why = { code: "registry-unusable", message: `${path} is not a file` };
  expect(() => openSqliteRegistry(path, { readOnly })).toThrow(expect.objectContaining(why));
});
