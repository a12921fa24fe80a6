import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";
import { expect, onTestFinished, test } from "vitest";
import { makerOfTemporary } from "../../../src/core/temporary-name.ts";
import { identifyProcess, isAlive, type ProcessIdentity } from "../../../src/processes/identity.ts";
import { endHungWorkers, nameSocket, recordWorker } from "../../../src/runners/kedro/worker-records.ts";
import { endedPid, leaveTemporary } from "../../rig/left-temporaries.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";

/** A shell that does this once it has said so. */
async function start(script: string): Promise<ProcessIdentity> {
  const child = spawn("/bin/sh", ["-c", script], { detached: true, stdio: ["ignore", "pipe", "ignore"] });
  onTestFinished(() => {
    const hasEnded = child.exitCode !== null || child.signalCode !== null;
    if (child.pid !== undefined && !hasEnded) process.kill(-child.pid, "SIGKILL");
  });
  await once(createInterface({ input: child.stdout }), "line");
  return identifyProcess(child.pid ?? 0);
}

/** As an orchestrator that has ended since would have left it. */
function abandon(folder: string, worker: ProcessIdentity): void {
  const orchestrator = { ...worker, start_time: (worker.start_time ?? 0) + 1 };
  writeFileSync(join(folder, String(worker.pid)), JSON.stringify({ worker, orchestrator }));
}

test("of what is left of dead orchestrators only a worker that hangs without a run is ended", async () => {
  const folder = makeTemporaryFolder();
  // A shell that is stopped, as hung as can be; one that has a child; one whose orchestrator lives.
  const hung = await start("echo ready; kill -STOP $$; :");
  const busy = await start("sleep 60 & echo ready; wait");
  const ours = await start("echo ready; kill -STOP $$; :");
  abandon(folder, hung);
  abandon(folder, busy);
  recordWorker(folder, ours);
  writeFileSync(join(folder, "1"), "garbage");
  leaveTemporary(folder, endedPid(), "2");
  await endHungWorkers(folder);
  expect([hung, busy, ours].map(isAlive)).toEqual([false, true, true]);
  expect(readdirSync(folder).sort()).toEqual(["1", String(busy.pid), String(ours.pid)].sort());
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
