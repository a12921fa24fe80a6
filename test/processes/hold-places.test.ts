import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import type { HoldQueue } from "../../src/core/hold.ts";
import type { SharedPlace } from "../../src/core/place.ts";
import type { RunId } from "../../src/core/run-id.ts";
import { giveUpAttempt } from "../../src/processes/claim.ts";
import { type HeldPlaces, holdPlaces } from "../../src/processes/hold-places.ts";
import { identifyProcess } from "../../src/processes/identity.ts";
import { markRun } from "../../src/processes/run-mark.ts";
import { openSqliteRegistry } from "../../src/record/sqlite/registry.ts";
import { memoryHolds } from "../rig/memory-holds.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";

const write = (path: string, suffix: string | null = null): SharedPlace => ({ path, suffix, access: "write" });
const read = (path: string, suffix: string | null = null): SharedPlace => ({ path, suffix, access: "read" });

let attempts = 0;

interface Asked {
  holds: HoldQueue;
  runId?: RunId;
  attempts?: string;
  signal?: AbortSignal;
  onWait?(): void;
}

function hold(places: SharedPlace[], { holds, runId, attempts: folder = "/", ...more }: Asked): Promise<HeldPlaces> {
  attempts += 1;
  const about = { act: "run", session_id: null, run: `run-${attempts}`, run_id: runId ?? null, epoch: null } as const;
  const request = { holder: runId ?? `holder-${attempts}`, places, ...about };
  const { signal } = new AbortController();
  return holdPlaces({ holds, attempts: folder, request, signal, ...more });
}

/** Whether a request is granted at once. */
async function isFree(places: SharedPlace[], asked: Pick<Asked, "holds" | "attempts">): Promise<boolean> {
  const waiting = new AbortController();
  const onWait = () => waiting.abort(new Error("it would have to wait"));
  const held = await hold(places, { ...asked, signal: waiting.signal, onWait }).catch(() => null);
  held?.release();
  return held !== null;
}

/** The queue of a registry on disk, and what changes the process that asked for everything in it to one that has ended. */
function openFile() {
  const path = join(makeTemporaryFolder(), "registry.sqlite");
  const registry = openSqliteRegistry(path);
  const change = (sql: string) => {
    const database = new DatabaseSync(path);
    database.exec(sql);
    database.close();
  };
  return { path, holds: registry.holds, change, endOwners: () => change("UPDATE holds SET owner_start_time = 1") };
}

const RUN_ID = "2026-11-23T21.04.54.666Z-0000d783fb92" as RunId;

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
    ["an object below a remote folder", write("s3://b/d"), read("s3://b/d/a.csv"), false],
  ])("%s", async (_, held, wanted, expected) => {
    const holds = memoryHolds();
    const first = await hold([held], { holds });
    expect(await isFree([wanted], { holds })).toBe(expected);
    first.release();
    expect(await isFree([wanted], { holds })).toBe(true);
    expect(holds.list()).toEqual([]);
  });
});

test("who asked first has it first: readers who come later do not keep a writer waiting for ever", async () => {
  const holds = memoryHolds();
  const order: string[] = [];
  const first = await hold([read("/x")], { holds });
  const ask = async (name: string, place: SharedPlace, onWait: () => void) => {
    const held = await hold([place], { holds, onWait });
    order.push(name);
    held.release();
  };
  const [writerWaits, readerWaits] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const writer = ask("writer", write("/x"), writerWaits.resolve);
  await writerWaits.promise;
  const reader = ask("reader", read("/x"), readerWaits.resolve);
  await readerWaits.promise;
  expect(await isFree([read("/y")], { holds })).toBe(true);
  first.release();
  await Promise.all([writer, reader]);
  expect(order).toEqual(["writer", "reader"]);
});

test("overlapping sets of places never wait for each other in a circle", async () => {
  const holds = memoryHolds();
  const sets = [
    [write("/a"), read("/b")],
    [write("/b"), read("/a/c")],
    [write("/b"), write("/c")],
    [read("/c"), write("/a"), write("/a")],
  ];
  await Promise.all(sets.map(async (places) => (await hold(places, { holds })).release()));
  expect(holds.list()).toEqual([]);
});

test("who gives up waiting leaves the queue", async () => {
  const holds = memoryHolds();
  const first = await hold([write("/x")], { holds });
  expect(await isFree([write("/x")], { holds })).toBe(false);
  expect(holds.list()).toHaveLength(1);
  first.release();
});

describe("a hold whose process has ended is void", () => {
  test("at once, if it is of no attempt", async () => {
    const { holds, endOwners } = openFile();
    await hold([write("/x")], { holds });
    expect(await isFree([write("/x")], { holds })).toBe(false);
    endOwners();
    expect(await isFree([write("/x")], { holds })).toBe(true);
  });

  test.each([
    ["claimed its attempt", (folder: string, pid: number) => writeClaim(folder, pid), markRun({}, RUN_ID)],
    ["carries the mark of its attempt, and claimed nothing", () => {}, markRun({}, RUN_ID)],
    ["is of a runweave within its attempt", () => {}, { RUNWEAVE_RUN_ID: "x", RUNWEAVE_ANCESTORS: `${RUN_ID}:x` }],
    ["carries its mark, where the claim was cut", (folder: string) => writeClaim(folder, null), markRun({}, RUN_ID)],
  ])("once no process is left that %s", async (_, claim, environment) => {
    const { holds, endOwners } = openFile();
    const attempts = makeTemporaryFolder();
    await hold([write("/x")], { holds, attempts, runId: RUN_ID });
    const worker = spawn("cat", { env: { ...process.env, ...environment } });
    await once(worker, "spawn");
    claim(join(attempts, RUN_ID), worker.pid ?? 0);
    endOwners();
    expect(await isFree([write("/x")], { holds, attempts })).toBe(false);
    worker.stdin.end();
    await once(worker, "exit");
    expect(await isFree([write("/x")], { holds, attempts })).toBe(true);
  });

  test("though the process is only stopped, if its attempt was given up", async () => {
    const { holds } = openFile();
    const attempts = makeTemporaryFolder();
    await hold([write("/x")], { holds, attempts, runId: RUN_ID });
    mkdirSync(join(attempts, RUN_ID));
    giveUpAttempt(join(attempts, RUN_ID));
    expect(await isFree([write("/x")], { holds, attempts })).toBe(true);
  });

  test("if nobody can read it", async () => {
    const { holds, change } = openFile();
    await hold([write("/x")], { holds });
    for (const places of ["", "null", "[1]", '[{"path":1}]', "{"]) {
      change(`UPDATE holds SET places = '${places}'`);
      expect(await isFree([write("/x")], { holds })).toBe(true);
    }
  });
});

test("what this process could not release is no hold of it any more", async () => {
  const { holds, change } = openFile();
  change("CREATE TRIGGER full BEFORE DELETE ON holds WHEN OLD.holder = 'holder' BEGIN SELECT RAISE(ABORT, 'no'); END");
  const about = { session_id: null, run: null, run_id: null, epoch: null };
  const request = { holder: "holder", act: "gc" as const, places: [write("/x")], ...about };
  const { signal } = new AbortController();
  (await holdPlaces({ holds, attempts: "/", request, signal })).release();
  expect(holds.list()).toHaveLength(1);
  change("DROP TRIGGER full");
  expect(await isFree([write("/x")], { holds })).toBe(true);
  expect(holds.list()).toEqual([]);
});

const CONTENDER = `
  const { holdPlaces } = await import(process.argv[1]);
  const { openSqliteRegistry } = await import(process.argv[2]);
  const { openSync, closeSync, rmSync } = await import("node:fs");
  const { signal } = new AbortController();
  const { holds } = openSqliteRegistry(process.argv[3]);
  const places = [{ path: process.argv[5], suffix: null, access: "write" }];
  for (let turn = 0; turn < 20; turn++) {
    const request = { holder: process.pid + "-" + turn, act: "gc", places, session_id: null, run: null, run_id: null, epoch: null };
    const held = await holdPlaces({ holds, attempts: "/", request, signal });
    closeSync(openSync(process.argv[4], "wx"));
    await new Promise(setImmediate);
    rmSync(process.argv[4]);
    held.release();
  }`;

test("processes that contend for a folder and what is in it never hold both together", async () => {
  const { path } = openFile();
  const modules = ["processes/hold-places.ts", "record/sqlite/registry.ts"];
  const urls = modules.map((module) => new URL(`../../src/${module}`, import.meta.url).href);
  const args = ["--input-type=module", "-e", CONTENDER, ...urls, path, join(makeTemporaryFolder(), "held")];
  const places = ["/x", "/x/a", "/x"];
  const contenders = places.map((place) => spawn(process.execPath, [...args, place], { stdio: "inherit" }));
  expect(await Promise.all(contenders.map(async (child) => (await once(child, "exit"))[0]))).toEqual([0, 0, 0]);
});

function writeClaim(folder: string, pid: number | null): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "claim"), pid === null ? "{" : JSON.stringify(identifyProcess(pid)));
}
