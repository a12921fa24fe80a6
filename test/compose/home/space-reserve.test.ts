import { execFileSync } from "node:child_process";
import { linkSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { keepReserve, withReserve } from "../../../src/compose/home/space-reserve.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";

const RESERVE_BYTES = 2 << 20;

function makeRoot() {
  const folder = makeTemporaryFolder();
  const root = join(folder, ".runweave");
  mkdirSync(root);
  return { folder, root, reserve: join(root, "space-reserve") };
}

test("the reserve is filled, cut for an act, and filled again", async () => {
  const { root, reserve } = makeRoot();
  keepReserve(root);
  expect(statSync(reserve)).toMatchObject({ size: RESERVE_BYTES });
  expect(await withReserve(root, "gc", async () => statSync(reserve).size)).toBe(RESERVE_BYTES / 2);
  expect(await withReserve(root, "trash empty", async () => statSync(reserve).size)).toBe(0);
  expect(statSync(reserve).size).toBe(RESERVE_BYTES);
});

test.each([
  ["a link", symlinkSync],
  ["a second name", linkSync],
])("a file of the user with %s in its place is neither filled nor cut", async (_, put) => {
  const { folder, root, reserve } = makeRoot();
  const own = join(folder, "mine");
  writeFileSync(own, "x".repeat(3_000_000));
  put(own, reserve);
  keepReserve(root);
  await withReserve(root, "gc", async () => {});
  expect(readFileSync(own, "utf8")).toBe("x".repeat(3_000_000));
});

test("a pipe in its place is not waited for", async () => {
  const { root, reserve } = makeRoot();
  execFileSync("mkfifo", [reserve]);
  keepReserve(root);
  expect(await withReserve(root, "trash empty", async () => "done")).toBe("done");
});
