import fc from "fast-check";
import { expect, test } from "vitest";
import type { SessionId } from "../../../src/core/run-id.ts";
import { formatLocalTime } from "../../../src/core/text/local-time.ts";
import { renderSummary } from "../../../src/report/result/summary.ts";
import { renderRuns, renderSession, renderSessions } from "../../../src/report/result/tables.ts";
import { CONTROL, hostileText } from "../hostile-text.ts";
import { makeRecord, makeSession, raise, runIdOf, SESSION_ID } from "../make-events.ts";

const plain = { columns: null, color: false };

test("sessions are listed with the counts of their runs", () => {
  const { runs: _, ...session } = makeSession([], { status: "failed" });
  const started = formatLocalTime(session.start_time);
  const running = { ...session, status: "running", duration_ms: null, run_counts: { running: 1, pending: 2 } } as const;
  expect(renderSessions([running, { ...session, run_counts: { success: 7, failed: 1 } }], plain)).toEqual([
    "SESSION                                STARTED              WORKFLOW  STATE     TIME  RUNS",
    `${SESSION_ID}  ${started}  churn     running      -  1 running, 2 pending`,
    `${SESSION_ID}  ${started}  churn     failed   12.3s  7 success, 1 failed`,
  ]);
});

test("sessions that did not run a whole workflow say what they were", () => {
  const { runs: _, ...session } = makeSession([], {});
  const changes = ["--set train[alpha=10].params.alpha=100", "--fresh prep"];
  const about = [
    {},
    { replay_of: { session_id: SESSION_ID, changes } },
    { replay_of: { session_id: SESSION_ID, changes: [], heals: true as const } },
    { command_line: ["run", "w.yaml", "--only", "prep"] },
    { command_line: ["run", "--only=train[alpha=10]", "w.yaml"] },
  ];
  const lines = renderSessions(
    about.map((each) => ({ ...session, ...each, run_counts: { success: 1 } })),
    plain,
  );
  expect(lines.map((line) => line.split("1 success").at(-1)?.trim())).toEqual([
    expect.stringMatching(/RUNS +WHAT$/),
    "",
    `replay of ${SESSION_ID}: train[alpha=10] alpha=100, --fresh prep`,
    `healing of ${SESSION_ID}`,
    "only prep",
    "only train[alpha=10]",
  ]);
  // What fits no terminal is cut; the id stays whole.
  for (const line of renderSessions([{ ...session, ...about[1], run_counts: { success: 1 } }], {
    columns: 100,
    color: false,
  }))
    expect(line.length).toBeLessThanOrEqual(100);
});

test("runs are listed with their session where there is room for it", () => {
  const runs = [makeRecord("prep", { run_id: runIdOf(1), duration_ms: 1200 }), makeRecord("b", { status: "skipped" })];
  expect(renderRuns(runs, plain)).toEqual([
    "RUN ID                                 RUN   STATE    TIME  WORKFLOW  SESSION",
    `${runIdOf(1)}  prep  success  1.2s  churn     ${SESSION_ID}`,
    `-                                      b     skipped     -  churn     ${SESSION_ID}`,
  ]);
  expect(renderRuns(runs, { columns: 80, color: false })[1]).toBe(`${runIdOf(1)}  prep  success  1.2s  churn`);
});

test("what is long in a session is folded between words, with an indent", () => {
  const message = "'companies' was saved outside of its path, so that a later run may read another version of it";
  const runs = [makeRecord("prep", { run_id: runIdOf(1), warnings: [{ code: "w", message }] as never })];
  expect(renderSession(makeSession(runs), { columns: 80, color: false })).toEqual(
    expect.arrayContaining([
      "    warning 'companies' was saved outside of its path, so that a later run may",
      "        read another version of it",
    ]),
  );
});

test("empty lists say so", () => {
  expect(renderSessions([], plain)).toEqual(["no sessions"]);
  expect(renderRuns([], plain)).toEqual(["no runs"]);
});

test("a session is shown with what each run was given, saved and ended with", () => {
  const version = { version: runIdOf(2), location: "/d", bytes: 1, hash: null, entry: null, plain_location: null };
  const runs = [
    makeRecord("prep", { run_id: runIdOf(1), git_commit: "abc123", git_dirty: true }),
    makeRecord("train", {
      run_id: runIdOf(2),
      env: "prod",
      pipeline_names: ["data_science"],
      runtime_params: { seed: 1 },
      load_versions: { table: runIdOf(1) },
      outputs: { model: version, metrics: version },
      status: "failed",
      exception: raise("ValueError", "bad"),
    }),
  ];
  const session = makeSession(runs, { workflow_file: "/w/churn.yaml", end_time: "2026-11-23T21:05:06.300Z" });
  expect(renderSession(session, plain)).toEqual([
    `Session ${SESSION_ID} of churn  success 12.3s: 1 success, 1 failed`,
    "  file     /w/churn.yaml",
    "  commit   abc123 with changes",
    "  started  2026-11-23 21:04:54",
    "  ended    2026-11-23 21:05:06",
    "",
    "RUN    STATE    TIME  RUN ID",
    `prep   success     -  ${runIdOf(1)}`,
    `train  failed      -  ${runIdOf(2)}`,
    "    pipelines data_science",
    "    env prod",
    '    params {"seed":1}',
    "    saved model, metrics",
    `    table <- ${runIdOf(1)} (prep)`,
    "",
    "Failed",
    "  train  ValueError: bad",
    `    log   .runweave/logs/run_${runIdOf(2)}.log`,
  ]);
});

test("a session is shown with who ran it, where, on which code and in which Python", () => {
  const origin = {
    ...{
      host: "box",
      user: "ada",
      platform: "linux x64 6.1.0",
      node: "24.1.0",
      runweave: "0.1.0",
      working_folder: "/w",
    },
    patch: { digest: "sha256:ab", bytes: 2_000, truncated: false },
  };
  const facts = {
    python: "3.11.9",
    kedro: "1.7.0",
    platform: "linux x86_64 6.1.0",
    packages: { kedro: "1.7.0", numpy: "2" },
  };
  const session = makeSession([makeRecord("prep", { git_commit: "abc", git_dirty: true })], {
    origin,
    command_line: ["run", "churn.yaml"],
  });
  const lines = renderSession(session, { ...plain, environments: { "sha256:cd": facts, "sha256:ef": null } });
  expect(lines.slice(1, 7)).toEqual([
    "  commit   abc with changes",
    "  changes  sha256:ab (2.0 kB)",
    "  command  run churn.yaml",
    "  by       ada@box in /w",
    "  on       linux x64 6.1.0, node 24.1.0, runweave 0.1.0",
    "  python   3.11.9 on linux x86_64 6.1.0, kedro 1.7.0, 2 packages",
  ]);
});

test("no text of a record reaches the terminal as a control sequence", () => {
  const record = fc.record({ name: hostileText, other: hostileText, status: fc.constantFrom("failed", "skipped") });
  fc.assert(
    fc.property(fc.array(record, { maxLength: 4 }), hostileText, (records, workflow) => {
      const runs = records.map(({ name, other, status }) =>
        makeRecord(name, {
          status: status as "failed" | "skipped",
          run_id: runIdOf(name.length),
          env: other,
          reason: other,
          pipeline_names: [other],
          runtime_params: { [other]: name },
          load_versions: { [name]: other },
          exception: raise(other, name, { node: other, cause: raise(name, other) }),
        }),
      );
      const session = makeSession(runs, { workflow, workflow_file: workflow, session_id: workflow as SessionId });
      const lines = [...renderSummary(session, plain), ...renderSession(session, plain), ...renderRuns(runs, plain)];
      for (const line of lines) expect(line).not.toMatch(CONTROL);
    }),
  );
});
