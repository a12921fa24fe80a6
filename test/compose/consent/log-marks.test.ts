import { chmodSync, cpSync, existsSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import { keysFolder } from "../../../src/compose/consent/keys-folder.ts";
import { isOwnLog, openLogMarks } from "../../../src/compose/consent/log-marks.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";

const hashes = ["01", "02", "03"];

function prepare() {
  const folder = makeTemporaryFolder();
  const folders = { root: join(folder, "state") };
  const environment = { RUNWEAVE_KEYS: join(folder, "keys") };
  return { folder, folders, environment, keys: environment.RUNWEAVE_KEYS, mark: markAll(folders, environment, hashes) };
}

function markAll(folders: { root: string }, environment: { RUNWEAVE_KEYS: string }, all: readonly string[]) {
  const markLog = openLogMarks(folders, environment);
  return all.reduce<string | null>((before, hash) => (before === null ? null : markLog(before, hash)), "");
}

it("a log that this user wrote is known, with a copy of the state folder too", () => {
  const { folder, folders, environment, keys, mark } = prepare();
  expect(isOwnLog({ mark, hashes }, folders, environment)).toBe(true);
  expect(isOwnLog({ mark, hashes }, { root: join(folder, "copy") }, environment)).toBe(true);
  expect([statSync(keys).mode & 0o777, statSync(join(keys, "key")).mode & 0o777]).toEqual([0o700, 0o600]);
});

it("another log, another key and no mark are not", () => {
  const { folder, folders, environment, keys, mark } = prepare();
  for (const other of [
    ["01", "02"],
    ["01", "03", "02"],
    ["01", "02", "03", "04"],
    ["02", "03"],
    ["01", null, "03"],
    [],
  ])
    expect(isOwnLog({ mark, hashes: other }, folders, environment), other.join()).toBe(false);
  expect(isOwnLog({ mark: null, hashes }, folders, environment)).toBe(false);
  expect(isOwnLog({ mark: "", hashes: [] }, folders, environment)).toBe(false);
  expect(isOwnLog({ mark, hashes }, folders, { RUNWEAVE_KEYS: join(folder, "none") })).toBe(false);
  expect(existsSync(join(folder, "none"))).toBe(false);
  writeFileSync(join(keys, "key"), "another key that has 32 bytes...");
  expect(isOwnLog({ mark, hashes }, folders, environment)).toBe(false);
});

it("no two logs have the same mark", () => {
  const { folders, environment } = prepare();
  const log = fc.array(fc.nat(20).map(String), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(log, log, (one, two) => {
      const mark = markAll(folders, environment, one);
      expect(isOwnLog({ mark, hashes: two }, folders, environment)).toBe(one.join() === two.join());
    }),
  );
});

it("keys that others may write, that are links, or that lie in the state folder count for nothing", () => {
  const { folder, folders, environment, keys, mark } = prepare();
  const log = { mark, hashes };
  chmodSync(keys, 0o770);
  expect(isOwnLog(log, folders, environment)).toBe(false);
  expect(markAll(folders, environment, hashes)).toBeNull();
  chmodSync(keys, 0o700);
  symlinkSync(keys, join(folder, "link"));
  expect(isOwnLog(log, folders, { RUNWEAVE_KEYS: join(folder, "link") })).toBe(false);
  const inside = { RUNWEAVE_KEYS: join(folders.root, "keys") };
  expect(markAll(folders, inside, hashes)).toBeNull();
  expect(existsSync(inside.RUNWEAVE_KEYS)).toBe(false);
  cpSync(keys, inside.RUNWEAVE_KEYS, { recursive: true });
  expect(isOwnLog(log, folders, inside)).toBe(false);
});

it("where no key can be kept there is no mark", () => {
  const { folder, folders } = prepare();
  writeFileSync(join(folder, "file"), "");
  const environment = { RUNWEAVE_KEYS: join(folder, "file", "keys") };
  expect(markAll(folders, environment, hashes)).toBeNull();
  expect(isOwnLog({ mark: null, hashes }, folders, environment)).toBe(false);
});

it.each([
  [{ RUNWEAVE_KEYS: "/keys", HOME: "/home/ann" }, "/keys"],
  [{ XDG_CONFIG_HOME: "/config", HOME: "/home/ann" }, "/config/runweave"],
  [{ HOME: "/home/ann" }, "/home/ann/.config/runweave"],
])("keys of %j lie in %s", (environment, folder) => {
  expect(keysFolder(environment)).toBe(folder);
});
