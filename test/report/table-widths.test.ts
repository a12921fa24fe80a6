import fc from "fast-check";
import { expect, test } from "vitest";
import type { RunForecast } from "../../src/core/answer/simulation.ts";
import type { RunId, SessionId } from "../../src/core/run-id.ts";
import { renderLoads } from "../../src/report/result/load-table.ts";
import { renderReplayedRuns } from "../../src/report/result/replayed-runs.ts";
import { renderRunPage } from "../../src/report/result/run-page.ts";
import { renderRunTable } from "../../src/report/result/run-table.ts";
import { renderSimulation } from "../../src/report/result/simulation.ts";
import { renderRuns, renderSessions } from "../../src/report/result/tables.ts";
import { renderTrash } from "../../src/report/result/trash-table.ts";
import { displayWidth } from "../../src/report/text/display-width.ts";
import { createShortIds } from "../../src/report/text/short-ids.ts";
import { makeRecord, makeSession } from "./make-events.ts";

const COLUMNS = 100;
const look = () => ({ columns: COLUMNS, color: false, ids: createShortIds() });

const word = fc.constantFrom("train", "features", "data_processing", "model_input_table", "node_of_a_pipeline", "x");
const name = fc.array(word, { minLength: 1, maxLength: 2 }).map((words) => words.join("_"));
const run = fc.oneof(
  name,
  fc.tuple(name, fc.constantFrom(0.01, 3, 10_000)).map(([of, value]) => `${of}[alpha=${value}]`),
);
const digits = fc.stringMatching(/^[0-9a-f]{8}$/);
const id = fc.tuple(fc.integer({ min: 1_700_000_000_000, max: 1_900_000_000_000 }), digits).map(([ms, end]) => {
  return `${new Date(ms).toISOString().replaceAll(":", ".")}-0000${end}`;
});
const runId = id.map((text) => text as RunId);
const sessionId = id.map((text) => text as SessionId);
const duration = fc.option(fc.integer({ min: 0, max: 90_000_000 }));
const bytes = fc.option(fc.integer({ min: 0, max: 9_000_000_000_000 }));
const status = fc.constantFrom("success" as const, "failed" as const, "cancelled" as const, "reused" as const);
const sentence = fc.array(name, { minLength: 1, maxLength: 12 }).map((words) => words.join(" "));
const time = id.map(
  (text) =>
    `${text.slice(0, 11)}${text
      .slice(11, 23)
      .replaceAll(".", ":")
      .replace(/:(\d+)$/, ".$1")}Z`,
);
const hash = fc.stringMatching(/^[0-9a-f]{64}$/).map((hex) => `sha256:${hex}`);

const record = fc
  .record({
    run,
    run_id: runId,
    session_id: sessionId,
    workflow: name,
    status,
    duration_ms: duration,
    peak_memory_bytes: bytes,
    attempt: fc.integer({ min: 1, max: 12 }),
    load_versions: fc.dictionary(name, id, { maxKeys: 3 }),
    metrics: fc.dictionary(name, fc.double({ noNaN: true }), { maxKeys: 3 }),
    runtime_params: fc.dictionary(name, fc.oneof(sentence, fc.integer()), { maxKeys: 3 }),
  })
  .map(({ run, ...fields }) => makeRecord(run, fields));

const saved = fc.record({ dataset: name, bytes, location: id }).map(({ dataset, bytes, location }) => {
  const path = `.runweave/data/x-0/${location}/x`;
  return { [dataset]: { version: location, location: path, bytes, hash: null, entry: null, plain_location: null } };
});

function forecast(of: { run: string; status: "success" | "failed"; ms: number }): RunForecast {
  const spread = { p5: of.ms, p50: of.ms, p95: of.ms };
  return {
    ...{ run: of.run, duration_from: "assumed", statuses: { [of.status]: 3, skipped: 1, cancelled: 1 } },
    ...{ attempts: { mean: 1.5, most: 3 }, busy_ms: spread, end_ms: spread, critical: 0.865, reasons: [] },
  };
}

function simulate(runs: RunForecast[]): string[] {
  const spread = { p5: 1, p50: 60_000, p95: 90_000_000 };
  const sessions = { success: 11, failed: 7, hung: 3 };
  const policy = { on_failure: "finish-running", retries: 3, declared: true, sessions, makespan_ms: spread } as const;
  const declared = { ...policy, succeeded_runs: 2.5 } as never;
  const about = { workflow: "churn", seed: "1", trials: 21, max_parallel: 4, faults: [], utilisation: 0.5 };
  const simulation = { ...about, forecast: declared, runs, policies: [declared] };
  return renderSimulation(simulation, { ...look(), assumedMs: 60_000 });
}

const page = { logsFolder: ".runweave/logs", showPath: (path: string) => path };

const TABLES: Record<string, fc.Arbitrary<string[]>> = {
  sessions: fc
    .array(
      fc
        .record({
          session_id: sessionId,
          of: sessionId,
          workflow: name,
          start_time: time,
          duration_ms: duration,
          what: sentence,
        })
        .map(({ of, what, ...fields }) => {
          const { runs: _, ...session } = makeSession([], {
            ...fields,
            replay_of: { session_id: of, changes: [what] },
          });
          return { ...session, run_counts: { success: 1234, reused: 17, failed: 3, skipped: 1 } };
        }),
    )
    .map((sessions) => renderSessions(sessions, look())),
  runs: fc.array(record).map((runs) => renderRuns(runs, look())),
  "runs of a session": fc.array(record).map((runs) => renderRunTable(runs, { ...look(), details: () => [] })),
  "one run": fc
    .tuple(record, saved)
    .map(([run, outputs]) => renderRunPage(makeSession([run]), { ...run, outputs }, { ...look(), ...page })),
  loads: fc
    .array(
      fc.record({
        run_id: runId,
        dataset: name,
        version: fc.option(id),
        location: fc.option(name),
        node: fc.option(sentence),
        time,
        bytes,
        hash: fc.option(hash),
      }),
    )
    .map((loads) => renderLoads(loads, look())),
  replay: fc
    .array(
      fc.record({
        run,
        action: fc.constantFrom("link", "compare", "run"),
        run_id: fc.option(runId),
        reason: sentence,
        duration_ms: duration,
      }),
    )
    .map((runs) => renderReplayedRuns(runs, { duration: "TAKES", attempt: "INSTEAD OF" }, look())),
  trash: fc
    .array(
      fc.record({
        id: fc.tuple(id, digits).map(([of, end]) => `published-over-${of}-${end}`),
        run,
        time,
        reason: sentence,
        bytes,
      }),
    )
    .map((entries) => renderTrash(entries, look())),
  simulation: fc
    .array(
      fc.record({ run, status: fc.constantFrom("success", "failed"), ms: fc.integer({ min: 0, max: 90_000_000 }) }),
      { maxLength: 5 },
    )
    .map((runs) => simulate(runs.map(forecast))),
};

test.each(Object.keys(TABLES))("%s: no line is wider than 100 columns, and no id is whole", (table) => {
  fc.assert(
    fc.property(TABLES[table] as fc.Arbitrary<string[]>, (lines) => {
      for (const line of lines) {
        expect(displayWidth(line), line).toBeLessThanOrEqual(COLUMNS);
        if (!line.includes(".runweave/")) expect(line).not.toMatch(/\d{4}-\d\d-\d\dT\d\d\./);
      }
    }),
    { numRuns: 60 },
  );
});
