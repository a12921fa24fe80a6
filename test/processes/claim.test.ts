import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../src/core/port/clock.ts";
import { createIdSource } from "../../src/core/run-id.ts";
import { claimPath, giveUpAttempt, readClaim, readOwner, writeClaim } from "../../src/processes/claim.ts";
import { checkProcess, identifyProcess } from "../../src/processes/identity.ts";
import { markRun } from "../../src/processes/run-mark.ts";
import { listGroup, signalGroup } from "../../src/processes/signals.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";
import { waitFor } from "../rig/wait-for.ts";

const me = identifyProcess(process.pid);
const RUN_ID = createIdSource(systemClock).nextRunId();
const ownerOf = (folder: string) => readOwner({ folder, runId: RUN_ID });

/** A process in a group of its own, gone with the test. */
async function start(argv: string[], environment: NodeJS.ProcessEnv, log: number | "ignore" = "ignore") {
  const [program = "", ...args] = argv;
  const env = { PATH: process.env.PATH, ...environment };
  const child = spawn(program, args, { detached: true, env, stdio: ["ignore", log, log] });
  await once(child, "spawn");
  const identity = identifyProcess(child.pid ?? 0);
  onTestFinished(() => void signalGroup(identity, "SIGKILL"));
  return identity;
}

/** Processes that no record makes to be of the attempt. */
const BYSTANDERS: Readonly<Record<string, NodeJS.ProcessEnv>> = {
  "without any mark": {},
  "of another attempt": markRun({}, createIdSource(systemClock).nextRunId()),
  "that has its id in another variable": { OTHER: RUN_ID },
};

test.each(Object.entries(BYSTANDERS))("a claim that names a process %s names nobody", async (_, environment) => {
  const folder = makeTemporaryFolder();
  writeClaim(folder, await start(["sleep", "600"], environment));
  expect(ownerOf(folder)).toBeNull();
});

test("a claim that names a group whose leader is gone names nobody, unless one of the group is of the attempt", async () => {
  for (const [environment, isOwner] of [[{}, false] as const, [markRun({}, RUN_ID), true] as const]) {
    const folder = makeTemporaryFolder();
    const leader = await start(["sh", "-c", "sleep 600 & exec sleep 0.01"], environment);
    writeClaim(folder, leader);
    await waitFor(() => checkProcess(leader) === "gone");
    expect(listGroup(leader)).toHaveLength(1);
    expect(ownerOf(folder)).toEqual(isOwner ? leader : null);
  }
});

test("a process that has written over its mark is known by its log", async () => {
  const folder = makeTemporaryFolder();
  const log = openSync(join(folder, `run_${RUN_ID}.log`), "w");
  const owner = await start(["sleep", "600"], {}, log);
  closeSync(log);
  writeClaim(folder, owner);
  expect(ownerOf(folder)).toEqual(owner);
});

test("the first to claim has it, and stays the owner", () => {
  const folder = makeTemporaryFolder();
  expect(writeClaim(folder, me)).toBe(true);
  expect(writeClaim(folder, { ...me, pid: 4 })).toBe(false);
  expect(readClaim(folder)).toEqual({ owner: me, isGivenUp: false });
  expect(readdirSync(folder)).toEqual(["claim"]);
});

test("nobody has claimed an empty folder", () => {
  expect(readClaim(makeTemporaryFolder())).toBeNull();
  expect(ownerOf(makeTemporaryFolder())).toBeNull();
});

test("the owner is who began the attempt: not who gave it up, nor a pid that any process may have", async () => {
  const [begun, givenUp, foreign] = [makeTemporaryFolder(), makeTemporaryFolder(), makeTemporaryFolder()];
  const owner = await start(["sleep", "600"], markRun({}, RUN_ID));
  writeClaim(begun, owner);
  expect(ownerOf(begun)).toEqual(owner);
  expect(giveUpAttempt(givenUp)).toBe(true);
  expect(readClaim(givenUp)).toEqual({ owner: me, isGivenUp: true });
  expect(ownerOf(givenUp)).toBeNull();
  writeFileSync(claimPath(foreign), JSON.stringify({ pid: process.pid }));
  expect(ownerOf(foreign)).toBeNull();
});

test("an attempt is given up though its folder is gone, or a file stands there", () => {
  const folder = makeTemporaryFolder();
  writeFileSync(join(folder, "file"), "");
  for (const name of ["missing", "file"]) {
    expect(giveUpAttempt(join(folder, name))).toBe(true);
    expect(giveUpAttempt(join(folder, name))).toBe(false);
  }
});

test.each(["", "{", '{"pid":1}', "[]"])("a claim that reads %j is a claim by someone unknown", (content) => {
  const folder = makeTemporaryFolder();
  writeFileSync(claimPath(folder), content);
  expect(readClaim(folder)).toEqual({ owner: null, isGivenUp: false });
  expect(writeClaim(folder, me)).toBe(false);
});
