import { expect, test } from "vitest";
import type { RunRecord } from "../../../src/core/run.ts";
import { renderSummary } from "../../../src/report/result/summary.ts";
import { createShortIds } from "../../../src/report/text/short-ids.ts";
import { makeRecord, makeSession, raise, runIdOf, SESSION_ID } from "../make-events.ts";

const plain = { columns: null, color: false };

test("tells of each run what went into it, what failed, what was skipped, and where to look next", () => {
  const runs = [
    makeRecord("prep", { run_id: runIdOf(1), duration_ms: 1200, peak_memory_bytes: 120_000_000 }),
    makeRecord("train", {
      run_id: runIdOf(2, 2),
      attempt: 2,
      status: "failed",
      duration_ms: 400,
      load_versions: { raw: "2026-01-01T00.00.00.000Z", table: runIdOf(1), model: runIdOf(2, 2) },
      exception: raise("ValueError", "bad value\nindeed", { node: "fit_model", cause: raise("KeyError", "'x'") }),
    }),
    makeRecord("report", { status: "skipped", attempt: 0, reason: "train failed" }),
    makeRecord("export", { status: "skipped", attempt: 0, reason: "train failed" }),
    makeRecord("mail", { status: "cancelled", attempt: 0, reason: "interrupted" }),
  ];
  expect(renderSummary(makeSession(runs, { status: "failed", workflow_file: "/w/churn.yaml" }), plain)).toEqual([
    `Session ${SESSION_ID} of churn  failed 12.3s: 1 success, 1 failed, 2 skipped, 1 cancelled`,
    "",
    "RUN     STATE       TIME    PEAK  TRY  RUN ID",
    `prep    success     1.2s  120 MB       ${runIdOf(1)}`,
    `train   failed     400ms            2  ${runIdOf(2, 2)}`,
    `    table <- ${runIdOf(1)} (prep)`,
    "    raw <- 2026-01-01T00.00.00.000Z",
    "report  skipped        -",
    "export  skipped        -",
    "mail    cancelled      -",
    "",
    "Failed",
    "  train  ValueError: bad value indeed",
    "    tries 2",
    "    node  fit_model",
    "    cause KeyError: 'x'",
    `    log   .runweave/logs/run_${runIdOf(2, 2)}.log`,
    "",
    "Skipped",
    "  report, export  train failed",
    "",
    "Cancelled",
    "  mail  interrupted",
    "",
    "Next",
    `  runweave resume ${SESSION_ID}`,
    `  runweave show ${SESSION_ID}`,
    `  runweave logs ${runIdOf(2, 2)}`,
  ]);
});

test("the log that is proposed is of the run that was stopped, not of one that succeeded", () => {
  const runs = [
    makeRecord("prep", { run_id: runIdOf(1) }),
    makeRecord("slow", { run_id: runIdOf(2), status: "cancelled" }),
  ];
  const lines = renderSummary(makeSession(runs, { status: "cancelled" }), plain);
  expect(lines.at(-1)).toBe(`  runweave logs ${runIdOf(2)}`);
});

test("a version of another session is shown with its run and that session", () => {
  const other = "2026-01-01T00-00-00.000Z-bbbbbbbb" as never;
  const read = { load_versions: { scores: runIdOf(7), raw: "2026-01-01T00.00.00.000Z" } };
  const session = makeSession([makeRecord("report", { run_id: runIdOf(1), status: "reused", ...read })]);
  const writers = [{ run: "train[seed=1]", run_id: runIdOf(7), session_id: other } as never];
  const lines = renderSummary(session, { ...plain, writers });
  expect(lines).toContain(`    scores <- ${runIdOf(7)} (train[seed=1] of session ${other})`);
  expect(lines).toContain("    raw <- 2026-01-01T00.00.00.000Z");
});

test("on a terminal, the session's line is not wrapped within a word, and commands take short ids", () => {
  const runs = [makeRecord("prep", { run_id: runIdOf(1) }), makeRecord("train", { status: "skipped", attempt: 0 })];
  const look = { columns: 70, color: false, ids: createShortIds() };
  const [first] = renderSummary(makeSession(runs), look);
  expect(first).toBe("Session aaaaaaaa of churn  success 12.3s: 1 success, 1 skipped");
  const lines = renderSummary(makeSession(runs, { workflow: "churn_of_all_customers_of_ours" }), look);
  expect(lines.slice(0, 2)).toEqual([
    "Session aaaaaaaa of churn_of_all_customers_of_ours  success 12.3s:",
    "  1 success, 1 skipped",
  ]);
  expect(lines.slice(-3)).toEqual([
    "  runweave show aaaaaaaa",
    "  runweave logs 00000001",
    "  runweave lineage 00000001",
  ]);
});

test("the time is what people waited, where that is known", () => {
  const session = makeSession([makeRecord("prep", { run_id: runIdOf(1) })]);
  expect(renderSummary(session, { ...plain, tookMs: 15_100 })[0]).toContain("success 15.1s:");
  expect(renderSummary({ ...session, duration_ms: null }, plain)[0]).toContain("success:");
});

test.each(["failed", "cancelled"] as const)(
  "a session that is %s is resumed first, unless a script decided on it",
  (status) => {
    const session = makeSession([makeRecord("prep", { run_id: runIdOf(1) })], {
      status,
      workflow_file: "/w/churn.yaml",
    });
    const nextOf = (record: typeof session) => renderSummary(record, plain).join("\n").split("Next\n  runweave ")[1];
    expect(nextOf(session)).toMatch(/^resume /);
    expect(nextOf({ ...session, workflow_file: null })).toMatch(/^show /);
  },
);

test("a session that failed though no run did has not published all of it", () => {
  const [head] = renderSummary(makeSession([makeRecord("prep")], { status: "failed" }), plain);
  expect(head).toBe(`Session ${SESSION_ID} of churn  failed 12.3s: 1 success, not all of it published`);
});

test("a session of success has nothing but its runs and where to look", () => {
  const text = renderSummary(makeSession([makeRecord("prep", { run_id: runIdOf(1) })]), plain).join("\n");
  expect(text).not.toMatch(/Failed|Skipped|Cancelled/);
  expect(text).toContain(`runweave lineage ${runIdOf(1)}`);
});

test("a process that failed outside of any node shows the last lines that it printed", () => {
  const exception = { ...raise("CommandFailed", "exit code 7"), traceback: "1\n2\n3\n\n4" };
  const runs = [makeRecord("pack", { run_id: runIdOf(1), status: "failed", exception })];
  const lines = renderSummary(makeSession(runs, { status: "failed" }), plain);
  expect(lines.filter((line) => line.startsWith("    said"))).toEqual(["    said  2", "    said  3", "    said  4"]);
});

test("a run that failed before its first attempt says why, and names no log", () => {
  const runs = [makeRecord("prep", { status: "failed", attempt: 0, reason: "its input is gone" })];
  const lines = renderSummary(makeSession(runs, { status: "failed" }), plain);
  expect(lines).toContain("  prep  its input is gone");
  expect(lines.join("\n")).not.toMatch(/log|lineage/);
});

test("logs are where the caller says", () => {
  const runs = [makeRecord("a", { run_id: runIdOf(1), status: "failed", exception: raise("E", "") })];
  const lines = renderSummary(makeSession(runs), { ...plain, logsFolder: "../state/logs" });
  expect(lines).toContain(`    log   ../state/logs/run_${runIdOf(1)}.log`);
});

function makeMany(count: number, failedEvery: number): RunRecord[] {
  return Array.from({ length: count }, (_, at) => {
    const isFailed = at % failedEvery === 0;
    const reason = { status: "failed", exception: raise("ValueError", `bad ${at}`) } as const;
    return makeRecord(`run_${at}`, { run_id: runIdOf(at), ...(isFailed ? reason : {}) });
  });
}

test("of thousands of runs, the failed and the last ones are shown and the others counted", () => {
  const lines = renderSummary(makeSession(makeMany(5000, 2000)), plain);
  const shown = lines.filter((line) => /^run_/.test(line)).map((line) => line.split(" ")[0]);
  const last = Array.from({ length: 10 }, (_, at) => `run_${4990 + at}`);
  expect(shown).toEqual(["run_0", "run_2000", "run_4000", ...last]);
  expect(lines).toContain(`… and 4987 more runs: runweave show ${SESSION_ID}`);
});

test("of thousands of failures, skips and inputs, a page is shown and the others counted", () => {
  const load_versions = Object.fromEntries(Array.from({ length: 900 }, (_, at) => [`d${at}`, `v${at}`]));
  const skipped = Array.from({ length: 2000 }, (_, at) =>
    makeRecord(`skip_${at}`, { status: "skipped", reason: `reason ${at % 30}` }),
  );
  const runs = [...makeMany(2000, 1), ...skipped, makeRecord("last", { load_versions })];
  const lines = renderSummary(makeSession(runs), plain);
  expect(lines.length).toBeLessThan(150);
  expect(lines).toContain("  and 1980 more");
  expect(lines).toContain("    and 895 more");
  expect(lines).toContain("  and for 20 more reasons");
  expect(lines.join("\n")).toContain("skip_0, skip_30, skip_60, skip_90, skip_120 and 62 more  reason 0");
});
