import { expect, test } from "vitest";
import { createReporter } from "../../../src/report/live/reporters.ts";
import { CaptureStream } from "../capture-stream.ts";
import { eventsAt } from "../make-events.ts";
import { ManualTime } from "../manual-time.ts";
import { Terminal } from "../terminal.ts";

function openLive(columns = 60, rows = 10, verbose = false) {
  const time = new ManualTime();
  const terminal = new Terminal(columns, rows);
  const stdout = new CaptureStream({ columns, rows });
  stdout.onText = (text) => terminal.write(text);
  const options = { stdout, stderr: new CaptureStream(), clock: time, verbose };
  return { time, terminal, stdout, reporter: createReporter("live", options) };
}

const make = eventsAt(0);

test("shows what goes on below what has ended, and leaves only the latter", () => {
  const { time, terminal, reporter } = openLive();
  for (const event of [make.sessionStarted(), make.declared("prep", "train", "report"), make.started("prep")]) {
    reporter.onEvent(event);
  }
  reporter.onEvent(make.succeeded("prep", { duration_ms: 10_000 }));
  reporter.onEvent(eventsAt(1000).started("train"));
  time.advance(4100);
  expect(terminal.text).toEqual([
    "[1/3] prep  succeeded 10.0s",
    "1 done, 1 running, 1 pending of 3 · elapsed 0:04 · ETA 0:16",
    "  train    0:03",
  ]);
  reporter.onEvent(make.failed("train"));
  reporter.onEvent(make.skipped("report", "train"));
  reporter.onEvent(make.finished({ prep: "success", train: "failed", report: "skipped" }));
  expect(terminal.text).toEqual([
    "[1/3] prep  succeeded 10.0s",
    "[2/3] train  failed ValueError: bad value",
    "[3/3] report  skipped because train failed",
  ]);
  expect(terminal.isCursorVisible).toBe(true);
});

test("keeps a line for each node if that is wanted", () => {
  const show = (verbose: boolean) => {
    const { terminal, reporter } = openLive(60, 10, verbose);
    for (const event of [make.declared("prep"), make.started("prep"), make.nodeStarted("prep", "load")])
      reporter.onEvent(event);
    for (const event of [make.nodeFinished("prep", "load"), make.nodeFailed("prep", "fit"), make.failed("prep")])
      reporter.onEvent(event);
    reporter.close?.();
    return terminal.text;
  };
  expect(show(false)).toEqual(["[1/1] prep  failed ValueError: bad value"]);
  expect(show(true)).toEqual([
    "[0/1] prep  node load started",
    "[0/1] prep  node load finished 1.0s",
    "[0/1] prep  node fit failed 1.0s",
    "[1/1] prep  failed ValueError: bad value",
  ]);
});

test("gives the terminal back when it is closed before the session ended", () => {
  const { time, terminal, reporter } = openLive();
  reporter.onEvent(make.declared("a"));
  reporter.onEvent(make.started("a"));
  reporter.close?.();
  expect(terminal.isCursorVisible).toBe(true);
  expect(terminal.text).toEqual([]);
  reporter.onEvent(make.succeeded("a"));
  expect(terminal.text).toEqual([]);
  expect(time.waiting).toBe(0);
});

test("counts the estimate down between two looks at the runs", () => {
  const { time, terminal, reporter } = openLive();
  const names = Array.from({ length: 3000 }, (_, at) => `r${at}`);
  for (const event of [make.declared(...names), make.succeeded("r0", { duration_ms: 1000 })]) reporter.onEvent(event);
  time.advance(1100);
  const header = () => terminal.text.find((line) => line.includes(" pending of "));
  expect(header()).toContain("ETA 49:59");
  time.advance(2000);
  expect(header()).toContain("ETA 49:57");
});

test("keeps one row of the terminal for what stays", () => {
  const { time, terminal, reporter } = openLive(60, 4);
  const names = ["a", "b", "c", "d", "e", "f"];
  reporter.onEvent(make.declared(...names));
  for (const name of names) reporter.onEvent(make.started(name));
  time.advance(100);
  expect(terminal.text).toEqual(["6 running of 6", "  a    0:00", "  5 more running"]);
});

test("a notice stays above what goes on", () => {
  const { time, terminal, reporter } = openLive();
  for (const event of [make.sessionStarted(), make.declared("prep"), make.started("prep")]) reporter.onEvent(event);
  reporter.onNotice?.("Interrupted");
  time.advance(100);
  expect(terminal.text[0]).toBe("Interrupted");
  expect(terminal.text).toContainEqual(expect.stringContaining("prep"));
});
