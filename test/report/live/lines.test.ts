import { expect, test } from "vitest";
import type { RunEvent } from "../../../src/core/event/event.ts";
import { createReporter } from "../../../src/report/live/reporters.ts";
import { CaptureStream } from "../capture-stream.ts";
import { eventsAt, makeRecord, makeSession, raise, SESSION_ID } from "../make-events.ts";

const make = eventsAt(1000);
const names = Array.from({ length: 10 }, (_, at) => `run_${at}`);

function report(events: RunEvent[], options: { verbose?: boolean; color?: boolean } = {}): string[] {
  const stdout = new CaptureStream({ columns: 20 });
  const reporter = createReporter("lines", { stdout, stderr: new CaptureStream(), ...options });
  for (const event of events) reporter.onEvent(event);
  return stdout.lines;
}

test("the start and the end of the session are told", () => {
  const outcomes = { a: "success", b: "success", c: "failed", d: "reused" } as const;
  expect(report([eventsAt(0).sessionStarted(), { ...eventsAt(12_300).finished(outcomes), status: "failed" }])).toEqual([
    `21:04:54 session ${SESSION_ID} of churn started`,
    `21:05:06 session ${SESSION_ID}  failed: 2 success, 1 reused, 1 failed`,
  ]);
});

test.each([
  [{ session_id: SESSION_ID, changes: [] }, "a replay of"],
  [{ session_id: SESSION_ID, changes: [], heals: true as const }, "a healing of"],
])("a session says what it was started for: %o", (replay_of, what) => {
  const started = { ...eventsAt(0).sessionStarted(), replay_of } as RunEvent;
  expect(report([started])[0]).toContain(`started, ${what} ${SESSION_ID}`);
});

const ENDS = new Set<RunEvent["type"]>(["run.succeeded", "run.failed", "run.skipped", "run.cancelled"]);
const isEnd = ({ type }: RunEvent) => ENDS.has(type);

test.each<[string, RunEvent, string | undefined]>([
  ["a start", make.started("run_2"), "started"],
  ["a second attempt", make.started("run_2", 2), "started (attempt 2)"],
  ["a success", make.succeeded("run_2"), "succeeded 1.2s"],
  ["a failure", make.failed("run_2"), "failed ValueError: bad value"],
  [
    "a failure in a node, in a second attempt",
    make.failed("run_2", { attempt: 2, exception: raise("OSError", "no\nspace", { node: "save" }) }),
    "failed (attempt 2) OSError: no space (node save)",
  ],
  ["an exception without a message", make.failed("run_2", { exception: raise("KeyError", "") }), "failed KeyError"],
  ["a skip", make.skipped("run_2", "prep"), "skipped because prep failed"],
  ["a chain of skips", make.skipped("run_2", "mid", "prep"), "skipped because prep failed (via mid)"],
  [
    "a long chain of skips",
    make.skipped("run_2", "e", "d", "c", "b", "a"),
    "skipped because a failed (via e, d, c and 1 more)",
  ],
  ["a condition that did not hold", { ...make.skipped("run_2"), reason: "rows > 5" } as RunEvent, "skipped: rows > 5"],
  ["a cancellation", make.cancelled("run_2"), "cancelled: interrupted"],
  ["a failed node", make.nodeFailed("run_2", "fit"), "node fit failed 1.0s"],
  ["a publication", make.published("run_2", "table", "/data/t.csv"), "published table to /data/t.csv"],
  ["a node's start", make.nodeStarted("run_2", "fit"), undefined],
  ["a node's end", make.nodeFinished("run_2", "fit"), undefined],
  ["a loaded dataset", make.loaded("run_2"), undefined],
])("%s is told in its own words", (_, event, text) => {
  const lines = report([make.declared(...names), event]);
  expect(lines).toEqual(text === undefined ? [] : [`21:04:55 [ ${isEnd(event) ? 1 : 0}/10] run_2  ${text}`]);
});

test("an attempt that never had a process was no try: it is queued again, and the next one is the first", () => {
  const exception = raise("OrchestratorDied", "the orchestrator was killed before run_2 had started");
  const lost = make.failed("run_2", { exception, max_attempts: 2, retryInMs: 0 });
  const events = [{ ...lost, duration_ms: null } as RunEvent, make.started("run_2", 2)];
  const failed = make.failed("run_2", { attempt: 2, max_attempts: 2 });
  const more = [make.failed("run_2", { attempt: 2, max_attempts: 3, retryInMs: 5000 }), make.started("run_2", 3)];
  const tell = (...told: RunEvent[]) =>
    report([make.declared(...names), ...events, ...told]).map((line) => line.slice(24));
  expect(tell(failed)).toEqual(["was not started; queued again", "started", "failed ValueError: bad value"]);
  expect(tell(...more)).toEqual([
    "was not started; queued again",
    "started",
    "failed (attempt 1 of 2), again in 5.0s: ValueError: bad value",
    "started (attempt 2)",
  ]);
});

test("attempts that never had a process before the session was resumed count for nobody either", () => {
  const stdout = new CaptureStream({ columns: 80 });
  const reporter = createReporter("lines", { stdout, stderr: new CaptureStream() });
  const skipped = makeRecord("run_2", { status: "skipped", attempt: 0, unstarted_attempts: 1 });
  reporter.onRestored?.(makeSession([skipped], { status: "failed" }));
  reporter.onEvent(make.started("run_2", 2));
  expect(stdout.lines.map((line) => line.slice(9))).toEqual(["[0/1] run_2  started"]);
});

test("each line begins with how many of all runs have ended", () => {
  const events = [make.started("run_7"), make.started("run_2"), make.succeeded("run_7"), make.skipped("run_9", "x")];
  expect(report([make.declared(...names), ...events]).map((line) => line.slice(9, 22))).toEqual([
    "[ 0/10] run_7",
    "[ 0/10] run_2",
    "[ 1/10] run_7",
    "[ 2/10] run_9",
  ]);
});

test("nodes are told if asked for", () => {
  const nodes = [make.nodeStarted("a", "fit"), make.nodeFinished("a", "fit")];
  expect(report([make.declared("a"), ...nodes], { verbose: true })).toEqual([
    "21:04:55 [0/1] a  node fit started",
    "21:04:55 [0/1] a  node fit finished 1.0s",
  ]);
});

test("a failure tells which attempt it was, and when the next one is due or why there is none", () => {
  const attempts = [
    make.failed("a", { max_attempts: 3, retryInMs: 5000 }),
    make.failed("a", { max_attempts: 3, attempt: 2, reason: "not tried again: b failed" }),
  ];
  expect(report([make.declared("a"), ...attempts])).toEqual([
    "21:04:55 [0/1] a  failed (attempt 1 of 3), again in 5.0s: ValueError: bad value",
    "21:04:55 [1/1] a  failed (attempt 2 of 3) ValueError: bad value; not tried again: b failed",
  ]);
});

test("a message of megabytes takes one short line", () => {
  const exception = raise("E", "x\n".repeat(1_000_000));
  const lines = report([make.declared("a"), make.failed("a", { exception })]);
  expect(lines).toHaveLength(1);
  expect(lines[0]?.length).toBeLessThan(600);
});

test("colours only if asked to", () => {
  const events = [make.declared("a"), make.succeeded("a")];
  expect(report(events, { color: true })[0]).toContain("\u001b[32msucceeded\u001b[39m");
  expect(report(events)[0]).not.toContain("\u001b");
});

test("a notice is a line of its own", () => {
  const stdout = new CaptureStream();
  createReporter("lines", { stdout, stderr: new CaptureStream() }).onNotice?.("Interrupted");
  expect(stdout.lines).toEqual(["Interrupted"]);
});
