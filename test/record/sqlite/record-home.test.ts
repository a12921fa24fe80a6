import { cpSync, mkdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import type { Home } from "../../../src/core/home.ts";
import { openSqliteRegistry } from "../../../src/record/sqlite/registry.ts";
import { History } from "../../suites/history.ts";
import { makeScratchFolder } from "../scratch.ts";

const FILE = "registry.sqlite";

/** Opens the registry of a folder for writing, adds a session, and tells the places that it has on record. */
function visit(folder: string, tick = 0): Home[] {
  const registry = openSqliteRegistry(join(folder, FILE));
  new History((events) => registry.append(events), tick).startSession();
  const homes = registry.homes();
  registry.close();
  return homes;
}

function tell(homes: readonly Home[]): string[] {
  return homes.map(({ path, cause, after_seq, settled_time }) => {
    return `${path.split("/").at(-1)} ${cause} ${after_seq} ${settled_time === null ? "open" : "settled"}`;
  });
}

test("a registry keeps its place from the first time that it is opened for writing", () => {
  const folder = join(makeScratchFolder(), "a");
  const [home] = visit(folder);
  expect(home).toMatchObject({ path: folder, cause: "made", after_seq: 0 });
  const linked = `${folder}-link`;
  symlinkSync(folder, linked);
  expect(visit(linked, 10)).toEqual([home]);
});

test("one of an older runweave gets it then, with all its sessions", () => {
  const folder = join(makeScratchFolder(), "a");
  visit(folder);
  const database = new DatabaseSync(join(folder, FILE));
  database.exec("DELETE FROM homes");
  database.close();
  expect(tell(visit(folder, 10))).toEqual(["a made 1 settled"]);
});

test("a copy begins a line of its own, open until it is settled; a rename goes on with one, however often it comes", () => {
  const root = makeScratchFolder();
  const [a, b, c] = ["a", "b", "c"].map((name) => join(root, name));
  if (a === undefined || b === undefined || c === undefined) throw new Error("there are three");
  visit(a);
  cpSync(a, b, { recursive: true });
  expect(tell(visit(b, 10))).toEqual(["a made 0 settled", "b copied 1 open"]);
  renameSync(b, c);
  expect(tell(visit(c, 20))).toEqual(["a made 0 settled", "b copied 1 open", "c renamed 2 open"]);
  const registry = openSqliteRegistry(join(c, FILE));
  registry.settleHome("2026-11-24T00:00:00.000Z");
  registry.close();
  for (let tick = 30; tick < 60; tick += 20) {
    renameSync(c, b);
    visit(b, tick);
    renameSync(b, c);
    visit(c, tick + 10);
  }
  const homes = tell(visit(c, 100));
  expect(homes).toEqual(["a made 0 settled", "b copied 1 settled", "b renamed 5 settled", "c renamed 6 settled"]);
  expect(tell(visit(a, 200))).toEqual(["a made 0 settled"]);
});

test("a folder that was restored at its path is known by its new number, and its rename is one", () => {
  const root = makeScratchFolder();
  const [a, backup, moved] = [join(root, "a"), join(root, "backup"), join(root, "moved")];
  visit(a);
  cpSync(a, backup, { recursive: true });
  rmSync(a, { recursive: true });
  mkdirSync(join(root, "in between"));
  cpSync(backup, a, { recursive: true });
  expect(tell(visit(a, 10))).toEqual(["a made 0 settled"]);
  renameSync(a, moved);
  expect(tell(visit(moved, 20))).toEqual(["a made 0 settled", "moved renamed 2 settled"]);
});
