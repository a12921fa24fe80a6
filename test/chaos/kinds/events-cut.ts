import { appendFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AttemptSignal } from "../../../src/core/event.ts";
import { EventTail } from "../../../src/runners/kedro/tail-events.ts";
import type { TrialKind } from "../trial.ts";
import { type Violation, violate } from "../violation.ts";

const TIME = "2026-11-24T00:00:00.000Z";
const LINES = [
  { type: "pipeline.started", time: TIME, total_nodes: 2 },
  { type: "node.started", time: TIME, node: "naïve – größer" },
  { type: "dataset.loaded", time: TIME, dataset: "a@b", version: null, location: "/data/ü", node: "naïve – größer" },
  { type: "node.finished", time: TIME, node: "naïve – größer", duration_ms: 1.5 },
  { type: "node.started", time: TIME, node: "日本" },
  { type: "dataset.saved", time: TIME, dataset: "c", version: "v", location: null, node: "日本" },
  { type: "node.failed", time: TIME, node: "日本", duration_ms: 2 },
] as AttemptSignal[];
const BYTES = Buffer.from(LINES.map((line) => `${JSON.stringify(line)}\n`).join(""));

/** One trial for each byte, from the first to the last. */
export const eventsCut: TrialKind = {
  name: "events-cut",
  what: `an attempt's events file of ${BYTES.length} bytes cut at every byte, read, and written to its end in two more steps`,
  hasProcesses: false,
  share: BYTES.length + 1,
  async run(seed, { folder }) {
    const cut = seed % (BYTES.length + 1);
    const attempt = join(folder, `events-${seed}`);
    mkdirSync(attempt);
    const file = join(attempt, "events");
    const seen: AttemptSignal[] = [];
    const tail = new EventTail(attempt, (signal) => seen.push(signal));
    try {
      tail.read();
      writeFileSync(file, BYTES.subarray(0, cut));
      tail.read();
      const whole = BYTES.subarray(0, cut).filter((byte) => byte === 10).length;
      const violations = compare(seen, LINES.slice(0, whole), `cut at ${cut}`);
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
      rmSync(attempt, { recursive: true });
    }
  },
};

function compare(seen: readonly AttemptSignal[], wanted: readonly AttemptSignal[], when: string): Violation[] {
  if (JSON.stringify(seen) === JSON.stringify(wanted)) return [];
  return [violate("log-lines-complete", `${when}: read ${JSON.stringify(seen)}`)];
}
