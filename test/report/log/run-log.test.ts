import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { RunEvent } from "../../../src/core/event/event.ts";
import { appendLine, openLog } from "../../../src/processes/log-file.ts";
import { createRunLog } from "../../../src/report/log/run-log.ts";
import { CaptureStream } from "../capture-stream.ts";
import { eventsAt, raise, runIdOf, SESSION_ID } from "../make-events.ts";

let folder: string;
let stderr: CaptureStream;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "runweave-log-"));
  stderr = new CaptureStream();
});
afterEach(() => rmSync(folder, { recursive: true }));

const files = { open: openLog, append: appendLine };
const make = eventsAt(0);
const runId = runIdOf("train".length);
const startedAt = (log: string) => ({ ...make.started("train"), log }) as RunEvent;
const readLines = (path: string) => readFileSync(path, "utf8").trimEnd().split("\n");
const readLog = (path: string) => readLines(path).map((line): Record<string, unknown> => JSON.parse(line));
/** Of this test's alone: whoever runs it opens and closes files of its own meanwhile. */
const openFiles = () => readdirSync("/proc/self/fd").filter((fd) => targetOf(fd).startsWith(folder)).length;

function targetOf(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    // The one that the listing itself had.
    return "";
  }
}

test("an attempt's life is in its log, and each line tells whose it is", () => {
  const path = join(folder, "logs", "train.log");
  const log = createRunLog({ files, stderr });
  const pin = {
    dataset: "t",
    version: "v",
    rule: "consumed",
    from_run: "prep",
    from_dataset: "t",
    reason: "r",
  } as const;
  const exception = raise("ValueError", "bad\nvalue", { traceback: "Traceback ..." });
  for (const event of [
    make.declared("train"),
    { ...make.resolved("train"), pins: [pin] } as RunEvent,
    startedAt(path),
    make.pipeline("train", 2),
    make.nodeStarted("train", "fit"),
    make.nodeFinished("train", "fit"),
    make.loaded("train"),
    make.nodeFailed("train", "test"),
    make.failed("train", { exception }),
  ]) {
    log.onEvent(event);
  }
  const lines = readLog(path);
  expect(lines.map(({ level, event, msg }) => [level, event, msg])).toEqual([
    ["info", "run.resolved", "versions settled"],
    ["info", "run.started", "run started"],
    ["info", "pipeline.started", "pipeline started"],
    ["info", "node.started", "node fit started"],
    ["info", "node.finished", "node fit finished"],
    ["error", "node.failed", "node test failed"],
    ["error", "run.failed", "run failed: ValueError: bad\nvalue"],
  ]);
  for (const line of lines) {
    expect(line).toMatchObject({ session_id: SESSION_ID, run: "train", run_id: runId, attempt: 1 });
    expect(line.time).toBe("2026-11-23T21:04:54.000Z");
  }
  expect(lines[0]).toMatchObject({ pins: [pin] });
  expect(lines.at(-1)).toMatchObject({ exception, duration_ms: 1000 });
});

test("lines are added to what the run itself printed", () => {
  const path = join(folder, "train.log");
  writeFileSync(path, "printed by the run\n");
  const log = createRunLog({ files, stderr });
  log.onEvent(startedAt(path));
  writeFileSync(path, "printed meanwhile\n", { flag: "a" });
  log.onEvent(make.succeeded("train"));
  const lines = readLines(path);
  expect(lines).toHaveLength(4);
  expect([lines[0], lines[2]]).toEqual(["printed by the run", "printed meanwhile"]);
});

test("given a folder, a run that never starts has a log too", () => {
  const log = createRunLog({ files, stderr, logsFolder: folder });
  log.onEvent(make.resolved("train"));
  log.onEvent(make.failed("train"));
  expect(readLog(join(folder, `run_${runId}.log`)).map((line) => line.event)).toEqual(["run.resolved", "run.failed"]);
});

test("each attempt has a file, open only while the attempt goes on", () => {
  const log = createRunLog({ files, stderr, logsFolder: folder });
  for (let attempt = 1; attempt <= 50; attempt += 1) {
    log.onEvent(make.resolved("train", attempt));
    log.onEvent(make.failed("train", { attempt }));
  }
  expect(readdirSync(folder)).toHaveLength(50);
  expect(openFiles()).toBe(0);
});

test("a run that waits for its turn has no file yet, and closing leaves none open", () => {
  const log = createRunLog({ files, stderr, logsFolder: folder });
  log.onEvent(make.resolved("train"));
  expect(readdirSync(folder)).toEqual([]);
  log.onEvent(startedAt(join(folder, "train.log")));
  expect(openFiles()).toBe(1);
  log.close?.();
  log.close?.();
  expect(openFiles()).toBe(0);
});

test("runs that never began have no log", () => {
  const log = createRunLog({ files, stderr, logsFolder: folder });
  log.onEvent(make.cancelled("train"));
  log.onEvent(make.skipped("train", "prep"));
  expect(readdirSync(folder)).toEqual([]);
});

test.runIf(existsSync("/dev/full"))("a full disk costs one warning and nothing else", () => {
  const log = createRunLog({ files, stderr });
  log.onEvent(startedAt("/dev/full"));
  log.onEvent(make.nodeStarted("train", "fit"));
  log.onEvent(make.succeeded("train"));
  log.close?.();
  expect(stderr.lines).toHaveLength(1);
  expect(stderr.text).toContain("ENOSPC");
});

test("a link in the place of a log is not followed", () => {
  const victim = join(folder, "victim");
  writeFileSync(victim, "");
  symlinkSync(victim, join(folder, `run_${runId}.log`));
  const log = createRunLog({ files, stderr, logsFolder: folder });
  log.onEvent(make.resolved("train"));
  log.onEvent(make.failed("train"));
  expect(readFileSync(victim, "utf8")).toBe("");
  expect(stderr.lines).toHaveLength(1);
});

test("what a run printed without the end of a line does not run into a line of ours", () => {
  const path = join(folder, "train.log");
  const log = createRunLog({ files, stderr });
  log.onEvent(startedAt(path));
  appendFileSync(path, "the last words");
  log.onEvent(make.failed("train", { exception: raise("CommandFailed", "exit code 3") }));
  const [started = "", words, failed = ""] = readLines(path);
  expect([JSON.parse(started).event, words, JSON.parse(failed).event]).toEqual([
    "run.started",
    "the last words",
    "run.failed",
  ]);
});
