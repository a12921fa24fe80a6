import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { digestPlan, keepPlan, keptPlanPath } from "../../../src/compose/kept-plan/keep-plan.ts";
import { findStrangePlace } from "../../../src/compose/kept-plan/own-place.ts";
import { inFolder } from "../../../src/compose/locate-state.ts";
import type { PlannedSave } from "../../../src/core/port/runner.ts";
import type { SessionOrigin, VersionRecord } from "../../../src/core/run.ts";
import type { RunId, SessionId } from "../../../src/core/run-id.ts";
import { createMemoryRegistry } from "../../../src/record/memory/registry.ts";
import { plannedRun, planOf, versionOf } from "../../rig/plans.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";
import { History } from "../../suites/history.ts";

/** A project whose session, of a workflow with such saves or of a script, has run `fit`. */
async function makeWorld({ saves }: { saves?: Record<string, PlannedSave> } = {}) {
  const project = makeTemporaryFolder();
  const folders = inFolder(join(project, ".runweave"));
  mkdirSync(join(folders.root, "data"), { recursive: true });
  const registry = createMemoryRegistry();
  const history = new History((events) => registry.append(events));
  const session_id = history.nextId() as SessionId;
  const plan = saves === undefined ? null : planOf([plannedRun("fit", { saves })]);
  if (plan !== null)
    await keepPlan(folders, { session_id, store: folders.store, max_parallel: 1, variables: {}, plan });
  const path = keptPlanPath(folders, session_id);
  const digest = plan === null ? {} : { plan: digestPlan(readFileSync(path, "utf8")) };
  const started = { workflow: "w", workflow_file: null, project_path: null, command_line: [] };
  const git = { commit: null, dirty: null };
  const origin = { patch: null, ...digest } as SessionOrigin;
  history.add({ type: "session.started", time: history.time, session_id, ...started, git, origin });
  history.declare(session_id, "fit");
  const { run_id } = history.complete(session_id, "fit", { saves: [] });
  const find = (location: string, version: string = run_id, about: Partial<VersionRecord> = {}, writer = run_id) =>
    findStrangePlace({ o: versionOf(version, { location, ...about }) }, writer, { registry, folders });
  return { project, folders, registry, run_id, path, find };
}

const save = (plain_location: string, stays: boolean): PlannedSave => {
  return { plain_location, versioned: false, entry: null, declared: true, stays };
};

describe("a version is read where its run may have saved it:", () => {
  test("below its own id, in any store, in a folder of Kedro's versions and on remote storage", async () => {
    const { folders, run_id, find } = await makeWorld({ saves: {} });
    expect(find(join(folders.store, "o-1", run_id, "o"))).toBeNull();
    expect(find(join(makeTemporaryFolder(), "o-1", run_id, "o"))).toBeNull();
    expect(find(`/project/data/o.csv/${run_id}/o.csv`)).toBeNull();
    expect(find(`/project/data/o-${run_id}.csv`)).toBeNull();
    expect(find("s3://bucket/o.csv")).toBeNull();
    const adopted = "2026-11-23T21.04.54.666Z";
    expect(find(`/project/data/o.csv/${adopted}/o.csv`, adopted, {}, `${adopted}-0000d783fb92` as RunId)).toBeNull();
  });

  test("where its plan lets it stay", async () => {
    const { find } = await makeWorld({ saves: { other: save("/project/o.db", true) } });
    expect(find("/project/o.db")).toBeNull();
  });

  test("of a script, which has no plan, in the project of the state folder", async () => {
    const { project, find } = await makeWorld();
    expect(find(join(project, "data/o.db"))).toBeNull();
  });
});

describe("a version is not read", () => {
  test.each(["/etc/passwd", "/project/o.db", "/project/../etc/passwd"])("at any other place: %s", async (location) => {
    const { find, run_id } = await makeWorld({ saves: { o: save("/project/o.db", false) } });
    const reason = "which is neither below its own id nor its place in the plan";
    expect(find(location)).toBe(`"o" of run ${run_id} is recorded at ${location}, ${reason}`);
  });

  test("below a name that is no id, or another adopted version's", async () => {
    const { find, run_id } = await makeWorld({ saves: {} });
    expect(find("/etc/passwd", "passwd")).not.toBeNull();
    expect(find("/etc/passwd", "etc")).not.toBeNull();
    expect(find("/etc/passwd", "")).not.toBeNull();
    const year = run_id.slice(0, 4);
    expect(find(`/home/${year}/secret`, year)).not.toBeNull();
  });

  test("through a link of its own, or with a way up", async () => {
    const { folders, run_id, find } = await makeWorld({ saves: {} });
    const secret = makeTemporaryFolder();
    writeFileSync(join(secret, "o"), "secret");
    mkdirSync(join(folders.store, "o-1"));
    symlinkSync(secret, join(folders.store, "o-1", run_id));
    expect(find(join(folders.store, "o-1", run_id, "o"))).not.toBeNull();
    mkdirSync(join(folders.store, "o-2", run_id), { recursive: true });
    symlinkSync(join(secret, "o"), join(folders.store, "o-2", run_id, "o"));
    expect(find(join(folders.store, "o-2", run_id, "o"))).not.toBeNull();
    expect(find(`${folders.store}/o-2/${run_id}/../../../../secret`)).not.toBeNull();
    symlinkSync(join(folders.store, "round"), join(folders.store, "round"));
    expect(find(join(folders.store, "round", run_id, "o"))).not.toBeNull();
  });

  test("where a plan lets it stay that is not the one in the log, or is gone", async () => {
    const { find, path } = await makeWorld({ saves: { o: save("/project/o.db", true) } });
    writeFileSync(path, readFileSync(path, "utf8").replace("/project/o.db", "/etc/passwd"));
    expect(find("/etc/passwd")).not.toBeNull();
    expect(find("/project/o.db")).not.toBeNull();
  });

  test("of a script, outside the project of the state folder, or through a link out of it", async () => {
    const { project, find } = await makeWorld();
    symlinkSync("/etc/passwd", join(project, "o.db"));
    expect(find(join(project, "o.db"))).not.toBeNull();
    expect(find("/etc/passwd")).not.toBeNull();
  });
});
