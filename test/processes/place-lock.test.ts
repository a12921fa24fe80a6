import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { SharedPlace } from "../../src/core/place.ts";
import { identifyProcess } from "../../src/processes/identity.ts";
import { lockPlaces } from "../../src/processes/place-lock.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";

const write = (path: string, suffix: string | null = null): SharedPlace => ({ path, suffix, access: "write" });
const read = (path: string, suffix: string | null = null): SharedPlace => ({ path, suffix, access: "read" });

let attempts = 0;

interface Asked {
  folder: string;
  attempt?: string;
  signal?: AbortSignal;
  onWait?(holder: unknown): void;
}

function lock(places: SharedPlace[], { folder, attempt, ...more }: Asked): Promise<() => void> {
  attempts += 1;
  const own = attempt ?? join(folder, `attempt-${attempts}`);
  const { signal } = new AbortController();
  return lockPlaces({ folder, places, attempt: own, session_id: "s", run: `run-${attempts}`, signal, ...more });
}

/** Whether a request is granted at once. */
async function isFree(places: SharedPlace[], folder: string): Promise<boolean> {
  const waiting = new AbortController();
  const onWait = () => waiting.abort(new Error("it would have to wait"));
  const release = await lock(places, { folder, signal: waiting.signal, onWait }).catch(() => null);
  release?.();
  return release !== null;
}

describe("a place that is held", () => {
  test.each([
    ["the same file, read by both", read("/d/a.csv"), read("/d/a.csv"), true],
    ["the same file, written by one", read("/d/a.csv"), write("/d/a.csv"), false],
    ["the same file, written by both", write("/d/a.csv"), write("/d/a.csv"), false],
    ["a file in a folder that is written", write("/d"), read("/d/sub/a.csv"), false],
    ["the folder of a file that is written", write("/d/sub/a.csv"), read("/d"), false],
    ["a file in a folder of other partitions", write("/d/a.txt"), read("/d", ".csv"), true],
    ["a partition of a folder", write("/d/a.csv"), read("/d", ".csv"), false],
    ["a name that begins alike", write("/d/a"), write("/d/a.csv"), true],
  ])("%s", async (_, held, wanted, expected) => {
    const folder = makeTemporaryFolder();
    const release = await lock([held], { folder });
    expect(await isFree([wanted], folder)).toBe(expected);
    release();
    expect(await isFree([wanted], folder)).toBe(true);
  });

  test("is told to whom has to wait for it, once, with who has it", async () => {
    const folder = makeTemporaryFolder();
    const release = await lock([write("/d")], { folder });
    const told: unknown[] = [];
    const second = lock([read("/d/a"), read("/e")], { folder, onWait: (holder) => told.push(holder) });
    await new Promise((done) => setTimeout(done, 200));
    release();
    (await second)();
    expect(told).toEqual([{ session_id: "s", run: expect.stringMatching(/^run-/), place: write("/d") }]);
  });
});

test("who asked first has it first: readers who come later do not keep a writer waiting for ever", async () => {
  const folder = makeTemporaryFolder();
  const order: string[] = [];
  const first = await lock([read("/x")], { folder });
  const ask = async (name: string, place: SharedPlace) => {
    const release = await lock([place], { folder });
    order.push(name);
    release();
  };
  const writer = ask("writer", write("/x"));
  await new Promise((done) => setTimeout(done, 100));
  const reader = ask("reader", read("/x"));
  expect(await isFree([read("/y")], folder)).toBe(true);
  first();
  await Promise.all([writer, reader]);
  expect(order).toEqual(["writer", "reader"]);
});

test("overlapping sets of places never wait for each other in a circle", async () => {
  const folder = makeTemporaryFolder();
  const sets = [
    [write("/a"), read("/b")],
    [write("/b"), read("/a/c")],
    [write("/b"), write("/c")],
    [read("/c"), write("/a"), write("/a")],
  ];
  await Promise.all(sets.map(async (places) => (await lock(places, { folder }))()));
});

test("what a process that died has had is void, unless the process of its attempt lives", async () => {
  const folder = makeTemporaryFolder();
  const attempt = join(folder, "attempt");
  mkdirSync(attempt);
  await lock([write("/x")], { folder, attempt });
  const [ticket = ""] = readdirSync(join(folder, "places")).map((name) => join(folder, "places", name));
  const gone = { ...identifyProcess(process.pid), start_time: 1 };
  writeFileSync(ticket, JSON.stringify({ ...JSON.parse(readFileSync(ticket, "utf8")), owner: gone }));
  const worker = spawn("cat");
  writeFileSync(join(attempt, "claim"), JSON.stringify(identifyProcess(worker.pid ?? 0)));
  expect(await isFree([write("/x")], folder)).toBe(false);
  // Whoever goes on with the attempt has it already.
  (await lock([write("/x")], { folder, attempt }))();
  await lock([write("/x")], { folder, attempt });
  worker.stdin.end();
  await once(worker, "exit");
  const [left = ""] = readdirSync(join(folder, "places")).map((name) => join(folder, "places", name));
  writeFileSync(left, JSON.stringify({ ...JSON.parse(readFileSync(left, "utf8")), owner: gone }));
  expect(await isFree([write("/x")], folder)).toBe(true);
  expect(readdirSync(join(folder, "places"))).toEqual([]);
});

const CONTENDER = `
  const { lockPlaces } = await import(process.argv[1]);
  const { openSync, closeSync, rmSync } = await import("node:fs");
  const { signal } = new AbortController();
  const places = [{ path: process.argv[4], suffix: null, access: "write" }];
  for (let turn = 0; turn < 20; turn++) {
    const attempt = "/attempt-" + process.pid + "-" + turn;
    const release = await lockPlaces({ folder: process.argv[2], places, attempt, session_id: "s", run: "r", signal });
    closeSync(openSync(process.argv[3], "wx"));
    await new Promise(setImmediate);
    rmSync(process.argv[3]);
    release();
  }`;

test("processes that contend for a folder and what is in it never hold both together", async () => {
  const folder = makeTemporaryFolder();
  const module = new URL("../../src/processes/place-lock.ts", import.meta.url).href;
  const args = ["--input-type=module", "-e", CONTENDER, module, join(folder, "locks"), join(folder, "held")];
  const places = ["/x", "/x/a", "/x"];
  const contenders = places.map((place) => spawn(process.execPath, [...args, place], { stdio: "inherit" }));
  expect(await Promise.all(contenders.map(async (child) => (await once(child, "exit"))[0]))).toEqual([0, 0, 0]);
});
