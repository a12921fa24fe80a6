import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { SessionFinished } from "../../src/core/event/event.ts";
import type { RunRecord, SessionRecord } from "../../src/core/run.ts";
import { runCli, runEvents, runJson } from "../rig/cli.ts";
import { copyExample } from "../rig/example-project.ts";
import { MarkedProcesses } from "../rig/marked-processes.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";
import { hashFile, hashTree } from "../rig/tree-hashes.ts";

/** The example, copied, with the Python that it names where it names it. */
const folder = makeSuiteFolder();
const project = copyExample(folder);
const file = join(project, "workflow.yaml");
const at = ["--registry", join(folder, "state")];
const marked = new MarkedProcesses();
const TRAININGS = ["train_ridge", "train_forest", "train_boosting"];
let before: Record<string, string>;
let exitCodes: (number | null)[];
let sessions: SessionRecord[];

beforeAll(async () => {
  before = hashTree(project);
  const both = await Promise.all([1, 2].map(() => runEvents(file, { args: at, env: marked.environment })));
  exitCodes = both.map(({ exitCode }) => exitCode);
  const ids = both.map(({ events }) => (events.at(-1) as SessionFinished).session_id);
  const shown = await Promise.all(ids.map((id) => runJson<SessionRecord>(["show", id, ...at])));
  sessions = shown.map(({ value }) => value);
});

function runOf(session: SessionRecord, name: string): RunRecord {
  const run = session.runs.find((each) => each.run === name);
  if (run === undefined) throw new Error(`${session.session_id} has no ${name}`);
  return run;
}

const outputOf = (session: SessionRecord, run: string, dataset: string) => {
  const version = runOf(session, run).outputs[dataset];
  if (version === undefined) throw new Error(`${run} of ${session.session_id} has no ${dataset}`);
  return version;
};

test("the example has no warning of its own", async () => {
  const { exitCode, stdout, stderr } = await runCli(["validate", file, ...at]);
  expect({ exitCode, stdout, stderr }).toEqual({
    exitCode: 0,
    stdout: expect.stringContaining("is valid"),
    stderr: "",
  });
});

describe("two sessions of the example at the same time, in two processes, on one registry", () => {
  test("both succeed, and no process is left", async () => {
    expect(exitCodes).toEqual([0, 0]);
    for (const { runs } of sessions) expect(new Set(runs.map(({ status }) => status))).toEqual(new Set(["success"]));
    expect(await marked.remaining()).toEqual([]);
  });

  test("they ran at the same time, and share no run_id", () => {
    const [first, second] = sessions.map(({ start_time, end_time }) => [start_time, end_time ?? ""] as const);
    expect((first?.[0] ?? "") < (second?.[1] ?? "") && (second?.[0] ?? "") < (first?.[1] ?? "")).toBe(true);
    const ids = sessions.flatMap(({ runs }) => runs.map(({ run_id }) => run_id));
    expect(new Set(ids).size).toBe(ids.length);
  });

  test("every number that compare read was measured by its own session's trainings", () => {
    for (const session of sessions) {
      const compare = runOf(session, "compare");
      for (const training of TRAININGS) {
        const dataset = training.replace("train", "metrics");
        expect(compare.load_versions[dataset]).toBe(runOf(session, training).run_id);
        expect(outputOf(session, training, "metrics").version).toBe(runOf(session, training).run_id);
      }
      expect(compare.load_versions.split_summary).toBe(runOf(session, "prep").run_id);
    }
  });

  test("every training read its own session's preparation", () => {
    for (const session of sessions)
      for (const training of [...TRAININGS, "release"]) {
        const { load_versions } = runOf(session, training);
        const prep = runOf(session, "prep").run_id;
        expect(load_versions).toMatchObject({ train_set: prep, test_set: prep });
      }
  });

  test("everything on record is on disk, each version at a place of its own, with its size and hash", () => {
    const places: string[] = [];
    for (const { runs } of sessions)
      for (const { outputs } of runs)
        for (const { location, bytes, hash } of Object.values(outputs)) {
          places.push(location);
          expect(readFileSync(location).byteLength).toBe(bytes);
          expect(hash).toBe(`sha256:${hashFile(location)}`);
        }
    expect(new Set(places).size).toBe(places.length);
    expect(places.length).toBeGreaterThan(20);
  });

  test("the comparison has a row for each model, and the best one is named", () => {
    for (const session of sessions) {
      const rows = readFileSync(outputOf(session, "compare", "comparison").location, "utf8")
        .trim()
        .split("\n");
      expect(
        rows
          .slice(1)
          .map((row) => row.split(",")[0])
          .toSorted(),
      ).toEqual(["boosting", "forest", "ridge"]);
      const best = JSON.parse(readFileSync(outputOf(session, "compare", "best_model").location, "utf8"));
      expect(best.model).toBe(rows[1]?.split(",")[0]);
    }
  });

  test("besides new versions of what the project itself versions, only what is published has changed in it", () => {
    const published = ["comparison.csv", "best_model.json", "model_report.md"].map(
      (name) => `data/08_reporting/${name}`,
    );
    const after = hashTree(project);
    const changed = Object.keys(after).filter((path) => after[path] !== before[path]);
    const own = new Set(sessions.flatMap(({ runs }) => runs.map(({ run_id }) => run_id as string)));
    const isVersion = (path: string) => path.split("/").some((part) => own.has(part));
    expect(changed.filter((path) => !isVersion(path)).toSorted()).toEqual(published.toSorted());
    for (const path of changed.filter(isVersion)) expect(before).not.toHaveProperty([path]);
    const comparisons = sessions.map((session) => outputOf(session, "compare", "comparison").hash);
    expect(comparisons).toContain(`sha256:${after["data/08_reporting/comparison.csv"]}`);
  });

  test("release ran in its own environment, export read its model", () => {
    for (const session of sessions) {
      expect(runOf(session, "release")).toMatchObject({ env: "prod", runtime_params: { model: "ridge" } });
      expect(runOf(session, "export").load_versions).toMatchObject({ model: runOf(session, "release").run_id });
      expect(Object.keys(runOf(session, "prep").node_durations_ms).length).toBeGreaterThan(2);
    }
  });
});
