import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { RegistryError, type RegistryErrorCode } from "../../../src/core/error/registry-error.ts";
import { openSqliteRegistry } from "../../../src/record/sqlite/registry.ts";
import { History } from "../../suites/history.ts";
import { makeScratchFolder } from "../scratch.ts";

const NOBODY = 65534;
const PAGE_BYTES = 4096;
const LISTER = fileURLToPath(new URL("../list-registry.ts", import.meta.url));

/** A registry with one run, closed. */
function makeRegistry(folder = makeScratchFolder()): string {
  const path = join(folder, "registry.db");
  const registry = openSqliteRegistry(path);
  const history = new History((events) => registry.append(events));
  const session = history.startSession();
  history.declare(session, "prep");
  history.complete(session, "prep", { saves: ["table"] });
  registry.close();
  return path;
}

/** Reads and writes the registry as somebody whom permissions hold off: root is another user then. */
function listAsUser(path: string): unknown {
  const isRoot = process.getuid?.() === 0;
  const child = spawnSync(process.execPath, [LISTER, path], {
    encoding: "utf8",
    ...(isRoot ? { uid: NOBODY, gid: NOBODY } : {}),
  });
  expect(child.stderr).toBe("");
  return JSON.parse(child.stdout);
}

function giveAway(...paths: string[]): void {
  if (process.getuid?.() === 0) for (const path of paths) chownSync(path, NOBODY, NOBODY);
}

function codeOf(work: () => unknown): RegistryErrorCode {
  try {
    work();
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    expect(error.hint).not.toBe("");
    return error.code;
  }
  throw new Error("nothing was thrown");
}

function pragma(path: string, name: string): unknown {
  const database = new DatabaseSync(path);
  const value = database.prepare(`PRAGMA ${name}`).get()?.[name];
  database.close();
  return value;
}

it("a new registry is private, in WAL mode, and leaves nothing beside it", () => {
  const folder = join(makeScratchFolder(), "a", "b");
  const path = makeRegistry(folder);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(pragma(path, "journal_mode")).toBe("wal");
  expect(readdirSync(folder)).toEqual(["registry.db"]);
});

it("what one process of a registry stored, the next one reads", () => {
  const path = makeRegistry();
  const registry = openSqliteRegistry(path);
  expect(registry.listRuns()).toMatchObject([{ run: "prep", status: "success" }]);
  registry.close();
  registry.close();
});

it("the log of events can't be changed or shortened", () => {
  const database = new DatabaseSync(makeRegistry());
  expect(() => database.exec("UPDATE events SET body = '{}'")).toThrow(/append-only/);
  expect(() => database.exec("DELETE FROM events")).toThrow(/append-only/);
  database.close();
});

it("a file without permission to write is read, and refused to writers", () => {
  const path = makeRegistry();
  giveAway(dirname(path), path);
  chmodSync(path, 0o400);
  expect(listAsUser(path)).toEqual({ read: ["prep"], write: "registry-read-only" });
});

it("a folder without permission to write is read, and refused to writers", () => {
  const path = makeRegistry();
  giveAway(dirname(path), path);
  chmodSync(path, 0o400);
  chmodSync(dirname(path), 0o500);
  expect(listAsUser(path)).toEqual({ read: ["prep"], write: "registry-read-only" });
  chmodSync(dirname(path), 0o700);
});

it("a folder that can't be written gets no registry", () => {
  const folder = makeScratchFolder();
  giveAway(folder);
  chmodSync(folder, 0o500);
  expect(listAsUser(join(folder, "registry.db"))).toEqual({ read: "registry-unusable", write: "registry-read-only" });
  chmodSync(folder, 0o700);
});

it("a reader refuses to write", () => {
  const registry = openSqliteRegistry(makeRegistry(), { readOnly: true });
  expect(codeOf(() => new History((events) => registry.append(events), 1000).startSession())).toBe(
    "registry-read-only",
  );
  registry.close();
});

it.each<[string, (path: string) => void, RegistryErrorCode]>([
  [
    "text",
    (path) =>
      writeFileSync(path, "no database, but text that is long enough to be taken for a header of one".repeat(20)),
    "registry-corrupt",
  ],
  [
    "a database of something else",
    (path) => new DatabaseSync(path).exec("CREATE TABLE other (a)"),
    "registry-unusable",
  ],
  ["a folder", (path) => mkdirSync(path), "registry-unusable"],
  ["a registry with tables of the future", (path) => makeNewer(path), "registry-newer"],
])("%s is refused, to readers too", (_, make, code) => {
  const path = join(makeScratchFolder(), "registry.db");
  make(path);
  expect(codeOf(() => openSqliteRegistry(path))).toBe(code);
  expect(codeOf(() => openSqliteRegistry(path, { readOnly: true }))).toBe(code);
});

function makeNewer(path: string): void {
  makeRegistry(dirname(path));
  const database = new DatabaseSync(path);
  database.exec("PRAGMA user_version = 999");
  database.close();
}

it("a reader refuses an empty file and a missing one, and makes neither", () => {
  const path = join(makeScratchFolder(), "registry.db");
  expect(codeOf(() => openSqliteRegistry(path, { readOnly: true }))).toBe("registry-unusable");
  expect(readdirSync(dirname(path))).toEqual([]);
  writeFileSync(path, "");
  const message = `the registry ${path} is empty: it has no tables`;
  const told = { code: "registry-unusable", message, hint: expect.stringMatching(/backup.*or remove it/) };
  expect(() => openSqliteRegistry(path, { readOnly: true })).toThrow(expect.objectContaining(told));
});

it.each(["nowhere", "registry.db"])("a link to %s in the registry's place is named, and left", (target) => {
  const path = join(makeScratchFolder(), "registry.db");
  symlinkSync(target, path);
  for (const readOnly of [true, false]) {
    const message = `the registry ${path} is a link to ${target}, which leads to no file`;
    const told = { code: "registry-unusable", message, hint: expect.stringContaining("remove the link") };
    expect(() => openSqliteRegistry(path, { readOnly })).toThrow(expect.objectContaining(told));
  }
  expect(readdirSync(dirname(path))).toEqual(["registry.db"]);
});

it("a path through a file is refused", () => {
  const path = makeRegistry();
  expect(codeOf(() => openSqliteRegistry(join(path, "below", "registry.db")))).toBe("registry-unusable");
});

it("pages that were scribbled over are reported as damage", () => {
  const path = makeRegistry();
  scribbleOver(path, "runs");
  scribbleOver(path, "events");
  const registry = openSqliteRegistry(path);
  expect(codeOf(() => registry.listRuns())).toBe("registry-corrupt");
  expect(codeOf(() => [...registry.events()])).toBe("registry-corrupt");
  registry.close();
});

function scribbleOver(path: string, table: string): void {
  const database = new DatabaseSync(path);
  const root = database.prepare("SELECT rootpage FROM sqlite_schema WHERE name = ?").get(table)?.rootpage;
  database.close();
  const descriptor = openSync(path, "r+");
  writeSync(descriptor, Buffer.alloc(PAGE_BYTES, 0xa5), 0, PAGE_BYTES, (Number(root) - 1) * PAGE_BYTES);
  closeSync(descriptor);
}

it.each([
  ["moved with its folder", (path: string) => renameSync(dirname(path), `${dirname(path)}-moved`)],
  ["deleted", (path: string) => rmSync(path)],
  [
    "replaced by another one",
    (path: string) => {
      rmSync(path);
      makeRegistry(dirname(path));
    },
  ],
])("nothing is written any more to a registry that was %s while it was open", (_, sabotage) => {
  const path = join(makeScratchFolder(), "state", "registry.db");
  const registry = openSqliteRegistry(path);
  const history = new History((events) => registry.append(events));
  sabotage(path);
  expect(codeOf(() => history.startSession())).toBe("registry-unusable");
  registry.close();
});

it("a registry that was put back is written to again", () => {
  const path = join(makeScratchFolder(), "registry.db");
  const registry = openSqliteRegistry(path);
  const history = new History((events) => registry.append(events));
  renameSync(dirname(path), `${dirname(path)}-moved`);
  expect(() => history.startSession()).toThrow("was moved");
  renameSync(`${dirname(path)}-moved`, dirname(path));
  expect(registry.findSession(history.startSession())?.status).toBe("running");
  registry.close();
});
