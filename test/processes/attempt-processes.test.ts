import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../src/core/port/clock.ts";
import { createIdSource } from "../../src/core/run-id.ts";
import { closeAttempt, findAttemptProcess } from "../../src/processes/attempt-processes.ts";
import { claimPath, giveUpAttempt, readClaim, writeClaim } from "../../src/processes/claim.ts";
import { identifyProcess, isAlive, type ProcessIdentity } from "../../src/processes/identity.ts";
import { markRun } from "../../src/processes/run-mark.ts";
import { signalGroup, signalProcess } from "../../src/processes/signals.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";
import { waitFor } from "../rig/wait-for.ts";

const ids = createIdSource(systemClock);

/** An attempt that no process has begun. */
const makeAttempt = () => ({ folder: makeTemporaryFolder(), runId: ids.nextRunId() });

/** A shell in a group of its own that does this, and the process whose pid it prints. */
async function start(script: string, environment: NodeJS.ProcessEnv = {}) {
  const env = { PATH: process.env.PATH, ...environment };
  const child = spawn("/bin/sh", ["-c", script], { detached: true, env, stdio: ["ignore", "pipe", "ignore"] });
  const leader = identifyProcess(child.pid ?? 0);
  const [line] = await once(createInterface({ input: child.stdout }), "line");
  const printed = identifyProcess(Number(line));
  onTestFinished(() => {
    signalProcess(printed, "SIGKILL");
    signalGroup(leader, "SIGKILL");
  });
  const end = async () => {
    const gone = once(child, "exit");
    signalProcess(leader, "SIGKILL");
    await gone;
  };
  return { leader, printed, end };
}

/** Resolves when a process that is no child of this one has ended. */
async function untilGone(identity: ProcessIdentity): Promise<void> {
  await waitFor(() => !isAlive(identity));
}

/** A process that has ended. */
const gone = () => ({ ...identifyProcess(process.pid), start_time: 1 });

test("an attempt that no process has begun, or that was given up, has none", () => {
  const attempt = makeAttempt();
  expect(findAttemptProcess(attempt)).toBeNull();
  expect(findAttemptProcess({ ...attempt, folder: join(attempt.folder, "missing") })).toBeNull();
  giveUpAttempt(attempt.folder);
  expect(readClaim(attempt.folder)?.owner?.pid).toBe(process.pid);
  expect(findAttemptProcess(attempt)).toBeNull();
});

test("the claim's owner is found, then what is left of its group, then nothing", async () => {
  const attempt = makeAttempt();
  const { leader, printed, end } = await start("sleep 600 & echo $!; wait", markRun({}, attempt.runId));
  writeClaim(attempt.folder, leader);
  expect(findAttemptProcess(attempt)).toEqual(leader);
  await end();
  expect(findAttemptProcess(attempt)).toEqual(printed);
  signalProcess(printed, "SIGKILL");
  await untilGone(printed);
  expect(findAttemptProcess(attempt)).toBeNull();
});

test("one that left the group is found by the mark, also below a runweave that set its own", async () => {
  const attempt = makeAttempt();
  const inner = markRun(markRun({}, attempt.runId), ids.nextRunId());
  const { leader, printed, end } = await start("setsid sh -c 'echo $$; exec sleep 600' & wait", inner);
  writeClaim(attempt.folder, leader);
  await end();
  expect(findAttemptProcess(attempt)).toEqual(printed);
  expect(findAttemptProcess(makeAttempt())).toBeNull();
  signalProcess(printed, "SIGKILL");
  await untilGone(printed);
  expect(findAttemptProcess(attempt)).toBeNull();
});

const SPOILT: Readonly<Record<string, (path: string) => void>> = {
  missing: () => {},
  empty: (path) => writeFileSync(path, ""),
  cut: (path) => writeFileSync(path, '{"pid":12'),
  "a claim of a process that the system would know": (path) => writeFileSync(path, `{"pid":${process.pid}}`),
  "a claim from before a reboot": (path) => writeFileSync(path, JSON.stringify({ ...gone(), boot_id: "other" })),
  "a folder": (path) => mkdirSync(path),
  "a pipe": (path) => void spawnSync("mkfifo", [path]),
  "a link to a claim": (path) => {
    writeFileSync(`${path}-of-another`, JSON.stringify(identifyProcess(process.pid)));
    symlinkSync(`${path}-of-another`, path);
  },
  "a link to endless bytes": (path) => symlinkSync("/dev/zero", path),
  "that of one who gave the attempt up": (path) => void giveUpAttempt(dirname(path)),
};

test.each(Object.entries(SPOILT))("a claim that is %s says nothing: the mark alone counts", async (_, spoil) => {
  const attempt = makeAttempt();
  spoil(claimPath(attempt.folder));
  expect(findAttemptProcess(attempt)).toBeNull();
  const { leader, printed } = await start("sleep 600 & echo $!; wait", markRun({}, attempt.runId));
  const found = findAttemptProcess(attempt);
  expect([leader, printed]).toContainEqual(found);
});

test("a file where the attempt's folder was says nothing either", () => {
  const attempt = makeAttempt();
  const folder = join(attempt.folder, "file");
  writeFileSync(folder, "");
  expect(findAttemptProcess({ ...attempt, folder })).toBeNull();
});

test("an attempt that is closed is begun by no process; one that was begun is left to it", async () => {
  const attempt = { ...makeAttempt(), folder: join(makeTemporaryFolder(), "attempts", "of-a-run") };
  expect(closeAttempt(attempt)).toBeNull();
  expect(writeClaim(attempt.folder, identifyProcess(process.pid))).toBe(false);
  expect(closeAttempt(attempt)).toBeNull();
  const begun = makeAttempt();
  const { leader } = await start("echo $$; exec sleep 600", markRun({}, begun.runId));
  writeClaim(begun.folder, leader);
  expect(closeAttempt(begun)).toEqual(leader);
});
