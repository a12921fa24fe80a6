import { appendFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AttemptSignal } from "../../../src/core/event/attempt-event.ts";
import { writeClaim } from "../../../src/processes/claim.ts";
import { identifyProcess } from "../../../src/processes/identity.ts";
import { EventTail } from "../../../src/runners/kedro/attempt/tail-events.ts";
import { createRecovery } from "../../../src/runners/recovery.ts";
import { attemptFolder } from "../../../src/versions/layout.ts";
import { memoryHolds } from "../../rig/memory-holds.ts";
import { kedroTask, makeRun, makeStateFolders } from "../../rig/resolved-run.ts";
import { drawFrom, type TrialKind } from "../trial.ts";
import { type Violation, violate } from "../violation.ts";

const TIME = "2026-11-24T00:00:00.000Z";
const LINES = [
  { type: "pipeline.started", time: TIME, total_nodes: 2 },
  { type: "node.started", time: TIME, node: "naïve – größer" },
  {
    type: "dataset.loaded",
    time: TIME,
    dataset: "a@b",
    version: null,
    location: "/data/ü",
    node: "naïve – größer",
    bytes: null,
    hash: null,
  },
  { type: "node.finished", time: TIME, node: "naïve – größer", duration_ms: 1.5 },
  { type: "node.started", time: TIME, node: "日本" },
  { type: "dataset.saved", time: TIME, dataset: "c", version: "v", location: null, node: "日本" },
  { type: "node.failed", time: TIME, node: "日本", duration_ms: 2 },
] as AttemptSignal[];
const BYTES = Buffer.from(LINES.map((line) => `${JSON.stringify(line)}\n`).join(""));

/** One trial for each byte, from the first to the last. */
export const eventsCut: TrialKind = {
  name: "events-cut",
  what: `an attempt's events file of ${BYTES.length} bytes cut at every byte: read and written to its end; and taken up by a resumer`,
  hasProcesses: false,
  share: BYTES.length + 1,
  async run(seed, { folder }) {
    const cut = seed % (BYTES.length + 1);
    const place = join(folder, `events-${seed}`);
    mkdirSync(place);
    try {
      return [...readInSteps(place, cut), ...(await takeUp(place, { cut, seed }))];
    } finally {
      rmSync(place, { recursive: true });
    }
  },
};

/** What is there after the cut is read, and what is not there yet when it is. */
function readInSteps(place: string, cut: number): Violation[] {
  const file = join(place, "events");
  const seen: AttemptSignal[] = [];
  const tail = new EventTail(place, (signal) => seen.push(signal));
  try {
    tail.read();
    writeFileSync(file, BYTES.subarray(0, cut));
    tail.read();
    const violations = compare(seen, wholeLines(cut), `cut at ${cut}`);
    for (const [from, to] of [
      [cut, cut + 3],
      [cut + 3, BYTES.length],
    ]) {
      appendFileSync(file, BYTES.subarray(from, to));
      tail.read();
    }
    tail.read();
    return [...violations, ...compare(seen, LINES, `cut at ${cut}, then whole`)];
  } finally {
    tail.close();
  }
}

/** Run and orchestrator died at the cut: who resumes tells of the lines that are not on record, and that it was cut off. */
async function takeUp(place: string, { cut, seed }: { cut: number; seed: number }): Promise<Violation[]> {
  const folders = makeStateFolders(place);
  const run = makeRun({ task: kedroTask({ project_path: place }) });
  const folder = attemptFolder(folders, run.run_id);
  mkdirSync(folder, { recursive: true });
  writeClaim(folder, { ...identifyProcess(process.pid), start_time: 1 });
  writeFileSync(join(folder, "events"), BYTES.subarray(0, cut));
  const whole = wholeLines(cut);
  const events = Math.floor(drawFrom(String(seed), "told")() * (whole.length + 1));
  const seen: AttemptSignal[] = [];
  const recovery = createRecovery({
    holds: memoryHolds(),
    folders,
    told: new Map([[run.run_id, { events, metrics: false }]]),
  });
  const handlers = { onStarted: () => {}, onSignal: (signal: AttemptSignal) => seen.push(signal) };
  const { status, cutOff } = await recovery.adopt(run, handlers).result;
  const isCutOff = status === "failed" && cutOff === true;
  const judged = isCutOff ? [] : [violate("nothing-but-a-known-error", `cut at ${cut}: it is ${status}`)];
  return [...judged, ...compare(seen, whole.slice(events), `cut at ${cut}, with ${events} on record`)];
}

function wholeLines(cut: number): AttemptSignal[] {
  return LINES.slice(0, BYTES.subarray(0, cut).filter((byte) => byte === 10).length);
}

function compare(seen: readonly AttemptSignal[], wanted: readonly AttemptSignal[], when: string): Violation[] {
  if (JSON.stringify(seen) === JSON.stringify(wanted)) return [];
  return [violate("log-lines-complete", `${when}: read ${JSON.stringify(seen)}`)];
}
