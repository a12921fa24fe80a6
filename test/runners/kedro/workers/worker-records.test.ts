import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";
import { expect, onTestFinished, test } from "vitest";
import { formatTime, systemClock } from "../../../../src/core/port/clock.ts";
import { createIdSource } from "../../../../src/core/run-id.ts";
import { makerOfTemporary } from "../../../../src/core/text/temporary-name.ts";
import { identifyProcess, identifySelf, isAlive, type ProcessIdentity } from "../../../../src/processes/identity.ts";
import { markWorker } from "../../../../src/processes/run-mark.ts";
import { listGroup } from "../../../../src/processes/signals.ts";
import { endWaiting } from "../../../../src/runners/kedro/workers/kept-workers.ts";
import {
  endHungWorkers,
  forgetGone,
  nameSocket,
  recordWorker,
  workerRecords,
} from "../../../../src/runners/kedro/workers/worker-records.ts";
import { endedPid, leaveTemporary } from "../../../rig/left-temporaries.ts";
import { makeStateFolders } from "../../../rig/resolved-run.ts";
import { makeTemporaryFolder } from "../../../rig/temporary-folder.ts";
import { waitFor } from "../../../rig/wait-for.ts";

/** A shell that does this once it has said so. */
async function start(script: string, environment: NodeJS.ProcessEnv = {}): Promise<ProcessIdentity> {
  const env = { PATH: process.env.PATH, ...environment };
  const child = spawn("/bin/sh", ["-c", script], { detached: true, env, stdio: ["ignore", "pipe", "ignore"] });
  onTestFinished(() => {
    // Its group may outlive it, and keeps its number until then.
    try {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    } catch {}
  });
  await once(createInterface({ input: child.stdout }), "line");
  return identifyProcess(child.pid ?? 0);
}

/** What a worker has in its environment: this process is its orchestrator. */
const MARK = markWorker({});
/** The same of an orchestrator that has ended since. */
const GONE = { ...identifySelf(), start_time: 1 };
const MARK_OF_GONE = { ...MARK, RUNWEAVE_ORCHESTRATOR: `${GONE.pid}:1:${GONE.boot_id}` };

/** As an orchestrator that has ended since would have left it. */
function abandon(folder: string, worker: ProcessIdentity, orchestrator = GONE): void {
  writeFileSync(join(folder, String(worker.pid)), JSON.stringify({ worker, orchestrator }));
}

test("of what is left of dead orchestrators only a worker that hangs without a run is ended", async () => {
  const folder = makeTemporaryFolder();
  // A shell that is stopped, as hung as can be; one that has a child; one whose orchestrator lives.
  const hung = await start("echo ready; kill -STOP $$; :", MARK_OF_GONE);
  const busy = await start("sleep 60 & echo ready; wait", MARK_OF_GONE);
  const ours = await start("echo ready; kill -STOP $$; :", MARK);
  abandon(folder, hung);
  abandon(folder, busy);
  recordWorker(folder, ours);
  writeFileSync(join(folder, "1"), "garbage");
  leaveTemporary(folder, endedPid(), "2");
  await endHungWorkers(folder);
  expect([hung, busy, ours].map(isAlive)).toEqual([false, true, true]);
  expect(readdirSync(folder).sort()).toEqual(["1", String(busy.pid), String(ours.pid)].sort());
});

test("of workers that are gone with their orchestrators no record is left; one with a living run keeps its record", async () => {
  const folder = makeTemporaryFolder();
  const gone = { ...identifyProcess(endedPid()), start_time: 1 };
  const leader = await start("sleep 60 & echo ready; wait", MARK_OF_GONE);
  process.kill(leader.pid, "SIGKILL");
  await waitFor(() => !isAlive(leader));
  const ours = await start("echo ready; kill -STOP $$; :", MARK);
  abandon(folder, gone);
  abandon(folder, leader);
  recordWorker(folder, ours);
  forgetGone(folder);
  expect(readdirSync(folder).sort()).toEqual([String(leader.pid), String(ours.pid)].sort());
});

/** Processes that a record can't make to be hung workers of an orchestrator that is gone. */
const BYSTANDERS: Readonly<Record<string, NodeJS.ProcessEnv>> = {
  "that is no worker": {},
  "that is a worker of a living orchestrator": MARK,
  "that is the run of a worker": { ...MARK_OF_GONE, RUNWEAVE_ANCESTORS: createIdSource(systemClock).nextRunId() },
};

test.each(Object.entries(BYSTANDERS))("a record that names a process %s ends nothing", async (_, environment) => {
  const folder = makeTemporaryFolder();
  const bystander = await start("echo ready; exec sleep 600", environment);
  abandon(folder, bystander);
  // Its leader is gone: what is left of its group is as little ours.
  const leader = await start("sleep 600 & echo ready; exec sleep 0.01", environment);
  await waitFor(() => !isAlive(leader));
  abandon(folder, leader);
  await endHungWorkers(folder);
  expect(isAlive(bystander)).toBe(true);
  expect(listGroup(leader)).toHaveLength(1);
});

test("a forged record that a busy worker of a living session waits ends nothing", async () => {
  const folders = makeStateFolders(makeTemporaryFolder());
  const folder = workerRecords(folders);
  const busy = await start("echo ready; exec sleep 600", MARK);
  recordWorker(folder, busy);
  const kept = { project: "p", sources: "s", socket: nameSocket(folder), until: formatTime(Date.now() + 60_000) };
  const record = { worker: busy, orchestrator: identifySelf(), starter: identifySelf(), kept };
  writeFileSync(join(folder, `${busy.pid}-waiting`), JSON.stringify(record));
  expect(await endWaiting(folders)).toBe(0);
  expect(isAlive(busy)).toBe(true);
  expect(readdirSync(folder)).toContain(String(busy.pid));
});

test("a record is gone when it is taken back, and a folder that is not there holds none", async () => {
  const folder = join(makeTemporaryFolder(), "workers");
  await endHungWorkers(folder);
  const forget = recordWorker(folder, identifyProcess(process.pid));
  expect(readdirSync(folder)).toEqual([String(process.pid)]);
  forget();
  expect(readdirSync(folder)).toEqual([]);
});

test("a socket that a killed orchestrator has left is swept with its other temporary files", () => {
  const folder = join(makeTemporaryFolder(), "workers");
  const path = nameSocket(folder);
  expect(makerOfTemporary(basename(path))).toBe(process.pid);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(nameSocket(folder)).not.toBe(path);
});
