import { chmodSync, cpSync, existsSync, mkdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { keysFolder } from "../../../src/compose/consent/keys-folder.ts";
import { isOwnPlan, makePlanMark } from "../../../src/compose/consent/own-plans.ts";
import { planMarkPath } from "../../../src/compose/kept-plan/keep-plan.ts";
import { inFolder } from "../../../src/compose/locate-state.ts";
import type { SessionId } from "../../../src/core/run-id.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";

const session_id = "2026-11-29T16.24.25.671Z-00006f50956c" as SessionId;
const mark = { session_id, digest: "sha256:01" };

function prepare() {
  const root = makeTemporaryFolder();
  const folders = inFolder(join(root, "state"));
  mkdirSync(join(folders.root, "sessions", session_id), { recursive: true });
  const environment = { RUNWEAVE_KEYS: join(root, "keys") };
  const made = makePlanMark(folders, mark, environment);
  writeFileSync(planMarkPath(folders, session_id), made ?? "");
  return { root, folders, environment, keys: environment.RUNWEAVE_KEYS };
}

it("a plan that this user made is known, in a copy of the state folder too", () => {
  const { root, folders, environment, keys } = prepare();
  expect(isOwnPlan(folders, mark, environment)).toBe(true);
  cpSync(folders.root, join(root, "copy"), { recursive: true });
  expect(isOwnPlan(inFolder(join(root, "copy")), mark, environment)).toBe(true);
  expect([statSync(keys).mode & 0o777, statSync(join(keys, "key")).mode & 0o777]).toEqual([0o700, 0o600]);
});

it("another plan, another session, another key and no mark are not", () => {
  const { root, folders, environment, keys } = prepare();
  const other = "2026-11-29T16.24.25.671Z-00006f50956d" as SessionId;
  cpSync(join(folders.root, "sessions", session_id), join(folders.root, "sessions", other), { recursive: true });
  expect(isOwnPlan(folders, { session_id: other, digest: mark.digest }, environment)).toBe(false);
  expect(isOwnPlan(folders, { session_id, digest: "sha256:02" }, environment)).toBe(false);
  expect(isOwnPlan(folders, mark, { RUNWEAVE_KEYS: join(root, "none") })).toBe(false);
  expect(existsSync(join(root, "none"))).toBe(false);
  writeFileSync(join(keys, "key"), "another key that has 32 bytes...");
  expect(isOwnPlan(folders, mark, environment)).toBe(false);
  rmSync(join(folders.root, "sessions", session_id, "made-by"));
  expect(isOwnPlan(folders, mark, environment)).toBe(false);
});

it("keys that others may write, that are links, or that lie in the state folder count for nothing", () => {
  const { root, folders, environment, keys } = prepare();
  chmodSync(keys, 0o770);
  expect(isOwnPlan(folders, mark, environment)).toBe(false);
  chmodSync(keys, 0o700);
  symlinkSync(keys, join(root, "link"));
  expect(isOwnPlan(folders, mark, { RUNWEAVE_KEYS: join(root, "link") })).toBe(false);
  const inside = { RUNWEAVE_KEYS: join(folders.root, "keys") };
  expect(makePlanMark(folders, mark, inside)).toBeNull();
  expect(existsSync(inside.RUNWEAVE_KEYS)).toBe(false);
  cpSync(keys, inside.RUNWEAVE_KEYS, { recursive: true });
  expect(isOwnPlan(folders, mark, inside)).toBe(false);
});

it("where no key can be kept there is no mark", () => {
  const { root, folders } = prepare();
  writeFileSync(join(root, "file"), "");
  const environment = { RUNWEAVE_KEYS: join(root, "file", "keys") };
  rmSync(join(folders.root, "sessions", session_id, "made-by"));
  expect(makePlanMark(folders, mark, environment)).toBeNull();
  expect(isOwnPlan(folders, mark, environment)).toBe(false);
});

it.each([
  [{ RUNWEAVE_KEYS: "/keys", HOME: "/home/ann" }, "/keys"],
  [{ XDG_CONFIG_HOME: "/config", HOME: "/home/ann" }, "/config/runweave"],
  [{ HOME: "/home/ann" }, "/home/ann/.config/runweave"],
])("keys of %j lie in %s", (environment, folder) => {
  expect(keysFolder(environment)).toBe(folder);
});
