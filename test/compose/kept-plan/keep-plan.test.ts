import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { describe, expect, test } from "vitest";
import { keepPlan, keptPlanPath } from "../../../src/compose/kept-plan/keep-plan.ts";
import { readKeptPlan } from "../../../src/compose/kept-plan/read-kept-plan.ts";
import { inFolder } from "../../../src/compose/locate-state.ts";
import { systemClock } from "../../../src/core/port/clock.ts";
import type { SessionOrigin } from "../../../src/core/run.ts";
import { createIdSource, type SessionId } from "../../../src/core/run-id.ts";
import { endedPid, leaveTemporary } from "../../rig/left-temporaries.ts";
import { makeModule } from "../../rig/make-definition.ts";
import { plannedRun, planOf, versionOf } from "../../rig/plans.ts";
import { moduleTask } from "../../rig/resolved-run.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";

const session_id = createIdSource(systemClock).nextSessionId();
const plan = planOf([
  plannedRun("prep", {
    policy: { retries: null, allowFailure: true, runOn: "always", cleanup: "trash" },
    replay: { action: "compare", run_id: null, inputs: { a: "sha256:1" }, needs: {}, reason: "it may be linked" },
  }),
  plannedRun("train[seed=1]", {
    consumes: { "data@csv": { run: "prep", dataset: "table", as: "upstream" } },
    injects: {
      raw: {
        ...{
          rule: "file",
          source: "the file raw",
          reason: "given",
          from_run: null,
          from_dataset: "raw",
          as: "upstream",
        },
        version: versionOf("file-1"),
        frozen: { modifiedMs: 12.5 },
      },
      model: {
        ...{ rule: "alias", source: "m", reason: "given", from_run: "fit", from_dataset: "m", as: "upstream" },
        version: versionOf("1"),
        frozen: { modifiedMs: 1 },
      },
      knob: { rule: "value", source: "a value", reason: "given", version: "value-1", value: { deep: [1, null] } },
    },
  }),
]);
const calls = planOf([
  plannedRun("score", {
    task: moduleTask({ path: "/w/score.ts", params: { a: [1, null] } }, { cwd: "/w" }),
  }),
]);
const kept = { session_id, store: "/store", max_parallel: 3, variables: { TOKEN: "0a" }, plan };

test("a plan comes back as it was, from a file for its owner alone", async () => {
  const folders = inFolder(makeTemporaryFolder());
  await keepPlan(folders, kept);
  expect(readKeptPlan(folders, { session_id, origin: null })).toEqual(kept);
  await keepPlan(folders, { ...kept, plan: calls });
  expect(readKeptPlan(folders, { session_id, origin: null }).plan).toEqual(calls);
  expect(statSync(keptPlanPath(folders, session_id)).mode & 0o777).toBe(0o600);
});

test("a plan of the first format, with a map for each kind of read, comes back with reads", () => {
  const folders = inFolder(makeTemporaryFolder());
  const path = keptPlanPath(folders, session_id);
  const source = { source: "a value", reason: "given" };
  const note = { rule: "value", ...source, version: "value-1", value: 1 };
  const file = { path: "/w/a.csv", bytes: 3, modifiedMs: 1.5, hash: "sha256:00" };
  const { reads: _, ...run } = plannedRun("train", { needs: ["prep"] });
  const former = {
    ...run,
    consumes: {
      table: { run: "prep", dataset: "table", as: "upstream" },
      state: { run: "prep", dataset: "s", as: "downstream" },
    },
    injects: { note },
    writes: ["model", "state"],
    frozen: { lookup: "v1", kept: "v2" },
    held: ["kept"],
    files: { raw: file, lookup: { ...file, version: "v1" } },
    passedOver: { table: "v0", model: "v0", kept: "v3" },
  };
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, JSON.stringify({ format: 1, ...kept, plan: { ...plan, runs: [former] } }));
  const read = readKeptPlan(folders, { session_id, origin: null });
  expect(read.plan.runs).toEqual([
    {
      ...run,
      reads: {
        table: { rule: "consumed", run: "prep", dataset: "table", as: "upstream", passed_over: "v0" },
        state: { rule: "consumed", run: "prep", dataset: "s", as: "downstream" },
        note,
        model: { rule: "own", passed_over: "v0" },
        lookup: { rule: "frozen", version: "v1", file },
        kept: { rule: "frozen", version: "v2", held: true, passed_over: "v3" },
        raw: { rule: "plain", file },
      },
    },
  ]);
});

test("a module that an older runweave kept as a command without words comes back as a module", async () => {
  const folders = inFolder(makeTemporaryFolder());
  const definition = makeModule("score", { path: "/w/score.ts", params: { a: [1, null] } });
  const [score] = calls.runs;
  const plan = { ...calls, runs: score === undefined ? [] : [{ ...score, definition }] };
  await keepPlan(folders, { ...kept, plan });
  const path = keptPlanPath(folders, session_id);
  const older = readFileSync(path, "utf8").replaceAll('"kind":"module"', '"kind":"command","argv":[],"shell":false');
  expect(older.split('"kind":"command"')).toHaveLength(3);
  writeFileSync(path, older);
  expect(readKeptPlan(folders, { session_id, origin: null }).plan).toEqual(plan);
});

test("what a process that was killed while it kept a plan has left goes, and a living one's stays", async () => {
  const folders = inFolder(makeTemporaryFolder());
  const sessions = dirname(dirname(keptPlanPath(folders, session_id)));
  const [gone, living] = [leaveTemporary(sessions, endedPid()), leaveTemporary(sessions, process.ppid)];
  await keepPlan(folders, kept);
  expect([existsSync(gone), existsSync(living)]).toEqual([false, true]);
  expect(readdirSync(sessions).sort()).toEqual([basename(living), session_id].sort());
});

describe("refuses", () => {
  const spoil = async (change: (text: string) => string) => {
    const folders = inFolder(makeTemporaryFolder());
    await keepPlan(folders, kept);
    const path = keptPlanPath(folders, session_id);
    writeFileSync(path, change(readFileSync(path, "utf8")));
    return () => readKeptPlan(folders, { session_id, origin: null });
  };

  test.each([
    ["half a file", (text: string) => text.slice(0, -20), /plan\.json:1:\d+: the file ends too early/],
    ["another form", (text: string) => text.replace('"format":2', '"format":3'), /is not a plan: format/],
    [
      "a run without its task",
      (text: string) => text.replace('"task":{"kind":"command"', '"task":{"kind":"magic"'),
      /plan\.runs\.0\./,
    ],
    ["another session's", (text: string) => text.replace(session_id, `${session_id}00`), /is of 2/],
  ])("%s", async (_, change, message) => {
    expect(await spoil(change)).toThrow(message);
  });

  test("another plan than the one whose digest is on record, and none where there was one", async () => {
    const folders = inFolder(makeTemporaryFolder());
    const origin = { plan: await keepPlan(folders, kept) } as SessionOrigin;
    const read = () => readKeptPlan(folders, { session_id, origin });
    expect(read()).toEqual(kept);
    const path = keptPlanPath(folders, session_id);
    writeFileSync(path, `${readFileSync(path, "utf8")} `);
    expect(read).toThrow(/is not the plan that the session was started with/);
    rmSync(path);
    expect(read).toThrow(expect.objectContaining({ missing: false }));
  });

  test("a session that kept none", () => {
    const folders = inFolder(makeTemporaryFolder());
    expect(() => readKeptPlan(folders, { session_id, origin: null })).toThrow(
      expect.objectContaining({ missing: true }),
    );
  });

  test("a name that would lead elsewhere", () => {
    expect(() => keptPlanPath(inFolder("/x"), "../../etc" as SessionId)).toThrow(/is not a session_id/);
  });
});
