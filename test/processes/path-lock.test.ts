import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { identifyProcess } from "../../src/processes/identity.ts";
import { lockPaths } from "../../src/processes/path-lock.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";

const { signal } = new AbortController();

test("holders of one path take turns, in the order in which they asked", async () => {
  const folder = makeTemporaryFolder();
  const order: string[] = [];
  let holders = 0;
  const hold = async (name: string) => {
    const release = await lockPaths({ folder, paths: ["/x"], signal });
    expect(++holders).toBe(1);
    order.push(name);
    await Promise.resolve();
    holders -= 1;
    release();
  };
  await Promise.all(["a", "b", "c", "d"].map(hold));
  expect(order).toEqual(["a", "b", "c", "d"]);
});

test("overlapping sets of paths never wait for each other in a circle", async () => {
  const folder = makeTemporaryFolder();
  const sets = [
    ["/a", "/b"],
    ["/b", "/a"],
    ["/b", "/c"],
    ["/c", "/a", "/a"],
  ];
  await Promise.all(sets.map(async (paths) => (await lockPaths({ folder, paths, signal }))()));
});

test("who waits can give up, and those behind it go on", async () => {
  const folder = makeTemporaryFolder();
  const release = await lockPaths({ folder, paths: ["/x"], signal });
  const impatient = new AbortController();
  const second = lockPaths({ folder, paths: ["/x"], signal: impatient.signal });
  const third = lockPaths({ folder, paths: ["/x"], signal });
  impatient.abort(new Error("enough"));
  await expect(second).rejects.toThrow("enough");
  release();
  (await third)();
});

test("the lock of another process that lives is respected until it is given back", async () => {
  const folder = makeTemporaryFolder();
  (await lockPaths({ folder, paths: ["/x"], signal }))();
  const [lock = ""] = readdirSync(folder);
  const other = spawn("cat");
  const file = join(folder, lock, "2");
  writeFileSync(file, JSON.stringify(identifyProcess(other.pid ?? 0)));
  const waiting = new AbortController();
  setTimeout(() => waiting.abort(), 150);
  await expect(lockPaths({ folder, paths: ["/x"], signal: waiting.signal })).rejects.toThrow("aborted");
  writeFileSync(file, "released\n");
  (await lockPaths({ folder, paths: ["/x"], signal }))();
  other.stdin.end();
  await once(other, "exit");
});

test("the lock of a process that died is void, and the files do not pile up", async () => {
  const folder = makeTemporaryFolder();
  (await lockPaths({ folder, paths: ["/x"], signal }))();
  const [lock = ""] = readdirSync(folder);
  writeFileSync(join(folder, lock, "2"), JSON.stringify({ ...identifyProcess(process.pid), start_time: 1 }));
  (await lockPaths({ folder, paths: ["/x"], signal }))();
  expect(readdirSync(join(folder, lock))).not.toContain("2");
});

const CONTENDER = `
  const { lockPaths } = await import(process.argv[1]);
  const { openSync, closeSync, rmSync } = await import("node:fs");
  const { signal } = new AbortController();
  for (let turn = 0; turn < 20; turn++) {
    const release = await lockPaths({ folder: process.argv[2], paths: ["/x"], signal });
    closeSync(openSync(process.argv[3], "wx"));
    await new Promise(setImmediate);
    rmSync(process.argv[3]);
    release();
  }`;

test("processes that contend for a path never hold it together", async () => {
  const folder = makeTemporaryFolder();
  const module = new URL("../../src/processes/path-lock.ts", import.meta.url).href;
  const args = ["--input-type=module", "-e", CONTENDER, module, join(folder, "locks"), join(folder, "held")];
  const contenders = [1, 2, 3].map(() => spawn(process.execPath, args, { stdio: "inherit" }));
  expect(await Promise.all(contenders.map(async (child) => (await once(child, "exit"))[0]))).toEqual([0, 0, 0]);
});
