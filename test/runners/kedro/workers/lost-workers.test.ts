import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, onTestFinished, test } from "vitest";
import { formatTime } from "../../../../src/core/port/clock.ts";
import type { StateFolders } from "../../../../src/core/port/runner.ts";
import { identifyProcess, identifySelf, isAlive, type ProcessIdentity } from "../../../../src/processes/identity.ts";
import { markWorker } from "../../../../src/processes/run-mark.ts";
import { endLost, findLost } from "../../../../src/runners/kedro/workers/lost-workers.ts";
import {
  listWaiting,
  nameSocket,
  noteWaiting,
  recordWorker,
  workerRecords,
} from "../../../../src/runners/kedro/workers/worker-records.ts";
import { makeStateFolders } from "../../../rig/resolved-run.ts";
import { makeTemporaryFolder } from "../../../rig/temporary-folder.ts";
import { findTestPython } from "../../../rig/test-python.ts";

/** A program that waits at the socket which its input names, as a kept worker does. */
const WAIT = `
import socket, sys
path = sys.stdin.readline().strip()
if path:
    made = socket.socket(socket.AF_UNIX)
    made.bind(path)
    made.listen()
print("ready", file=sys.stderr, flush=True)
sys.stdin.read()
`;

interface Stage {
  folders: StateFolders;
  records: string;
}

function makeStage(): Stage {
  const folders = makeStateFolders(makeTemporaryFolder());
  mkdirSync(folders.logs, { recursive: true });
  return { folders, records: workerRecords(folders) };
}

interface Started {
  worker: ProcessIdentity;
  /** Path of its record. */
  record: string;
}

/** A process with the mark and the log of a worker, and with the record of one that waits; `isBusy` without a socket and that record. */
async function startWorker({ folders, records }: Stage, { isBusy = false, log = folders.logs } = {}): Promise<Started> {
  const output = openSync(join(log, "worker_1.log"), "a");
  const options = { detached: true, env: { ...process.env, ...markWorker({}) } };
  const child = spawn(findTestPython(), ["-c", WAIT], { ...options, stdio: ["pipe", output, "pipe"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const worker = identifyProcess(child.pid ?? 0);
  const socket = nameSocket(records, worker.pid);
  child.stdin?.write(`${isBusy ? "" : socket}\n`);
  await once(createInterface({ input: child.stderr as NodeJS.ReadableStream }), "line");
  recordWorker(records, worker);
  if (isBusy) return { worker, record: join(records, String(worker.pid)) };
  const until = formatTime(Date.now() + 600_000);
  const { record } = noteWaiting(records, worker, { project: '["/p"]', sources: "s", socket, until });
  expect(listWaiting(records).map((waiting) => waiting.worker)).toEqual([worker]);
  return { worker, record };
}

/** Things that happen to the record of a worker that waits. */
const DAMAGES: Readonly<Record<string, (record: string, records: string) => void>> = {
  "is cut": (record) => writeFileSync(record, readFileSync(record, "utf8").slice(0, 40)),
  "is empty": (record) => writeFileSync(record, ""),
  "is foreign JSON": (record) => writeFileSync(record, '{"worker": { "pid": 1 }, "kept": []}'),
  "no longer says where it waits": (record) => {
    const { worker, orchestrator } = JSON.parse(readFileSync(record, "utf8"));
    writeFileSync(record, JSON.stringify({ worker, orchestrator }));
  },
  "names another process": (record) => {
    writeFileSync(record, JSON.stringify({ ...JSON.parse(readFileSync(record, "utf8")), worker: identifySelf() }));
  },
  "names another socket": (record) => {
    writeFileSync(record, readFileSync(record, "utf8").replace(".worker.", ".walker."));
  },
  "is a link": (record) => {
    rmSync(record);
    symlinkSync("/dev/zero", record);
  },
  "is a pipe": (record) => {
    rmSync(record);
    execFileSync("mkfifo", [record]);
  },
  "is a folder": (record) => {
    rmSync(record);
    mkdirSync(record);
  },
  "is gone": (record) => rmSync(record),
  "is gone with its socket": (_, records) => {
    for (const name of readdirSync(records)) rmSync(join(records, name));
  },
};

test.each(Object.entries(DAMAGES))("a worker that waits is found and ended though its record %s", async (_, damage) => {
  const stage = makeStage();
  const { worker, record } = await startWorker(stage);
  expect(findLost(stage.folders)).toEqual({ workers: [], damaged: [] });
  damage(record, stage.records);
  expect(findLost(stage.folders)).toEqual({ workers: [{ ...worker, record }], damaged: [] });
  expect(await endLost(stage.folders)).toBe(1);
  expect(isAlive(worker)).toBe(false);
  expect(existsSync(record)).toBe(damage === DAMAGES["is a folder"]);
});

test("a busy worker whose record is damaged goes on, as does one of another state folder; the damaged record goes", async () => {
  const [stage, other] = [makeStage(), makeStage()];
  const busy = await startWorker(stage, { isBusy: true });
  const foreign = await startWorker(other);
  writeFileSync(busy.record, "");
  rmSync(foreign.record);
  expect(findLost(stage.folders)).toEqual({ workers: [], damaged: [busy.record] });
  expect(await endLost(stage.folders)).toBe(0);
  expect([busy, foreign].map(({ worker }) => isAlive(worker))).toEqual([true, true]);
  expect(existsSync(busy.record)).toBe(false);
});

test("a state folder without workers has none that are lost", async () => {
  const { folders } = makeStage();
  expect(findLost(folders)).toEqual({ workers: [], damaged: [] });
  expect(await endLost(folders)).toBe(0);
});
