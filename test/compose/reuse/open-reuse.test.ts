import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { inFolder } from "../../../src/compose/locate-state.ts";
import { openReuse } from "../../../src/compose/reuse/open-reuse.ts";
import type { Fingerprint } from "../../../src/core/fingerprint.ts";
import type { RunId } from "../../../src/core/run-id.ts";
import { createMemoryRegistry } from "../../../src/record/memory/registry.ts";
import { plannedRun } from "../../rig/plans.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";
import { History, ownershipAt, versionOf } from "../../suites/history.ts";

const DIGEST = "sha256:w";
const PARTS = { task: {}, environment: {}, code: {}, parameters: {}, catalog: {}, inputs: {} };
const FINGERPRINT: Fingerprint = { digest: DIGEST, parts: PARTS };

/** One attempt that saved a file, and how often the registry is asked for it. */
function makeWorld() {
  const project = makeTemporaryFolder();
  const [location, folders] = [join(project, "o"), inFolder(join(project, ".runweave"))];
  writeFileSync(location, "1");
  const registry = createMemoryRegistry();
  const history = new History((events) => registry.append(events));
  const session = history.startSession();
  const complete = (run: string) => {
    history.declare(session, run);
    const ref = { session_id: session, run, run_id: history.nextId() as RunId, attempt: 1 };
    const cache = { fingerprint: FINGERPRINT, reason: "new" };
    history.add({ type: "run.resolved", time: history.time, ...ref, pins: [], cache });
    history.start(ref);
    const o = { ...versionOf(ref.run_id, "o"), location, bytes: 1, hash: null, entry: null };
    const end = { duration_ms: 1, outputs: { o }, outputs_location: null, peak_memory_bytes: null };
    history.add({ type: "run.succeeded", time: history.time, ...ref, ...end });
    return ref;
  };
  const first = complete("a");
  const asked: string[] = [];
  const watched = {
    ...registry,
    findRun: (id: string) => {
      asked.push(id);
      return registry.findRun(id);
    },
  };
  const reuse = openReuse({ registry: watched, folders, workflow: { workflow: "churn", workflow_file: null } });
  const find = () => reuse.find(plannedRun("b"), FINGERPRINT)?.run_id ?? null;
  return { location, history, first, asked, find, complete };
}

test("runs that are alike are looked up once, but what the earlier one saved is looked at for each", () => {
  const { location, first, asked, find } = makeWorld();
  expect([find(), find()]).toEqual([first.run_id, first.run_id]);
  const saved = readFileSync(location);
  rmSync(location);
  expect(find()).toBeNull();
  writeFileSync(location, saved);
  expect(find()).toBe(first.run_id);
  writeFileSync(location, "longer");
  expect(find()).toBeNull();
  expect(asked).toEqual([first.run_id]);
});

test("what this process records meanwhile counts at once", () => {
  const { history, first, find, complete } = makeWorld();
  expect(find()).toBe(first.run_id);
  const second = complete("b");
  expect(find()).toBe(second.run_id);
  const { session_id, run, run_id } = second;
  const by = { user: "u", host: "h", pid: 1 };
  const taint = { dataset: "o", reason: "wrong units", by, only_this: true as const };
  history.add({ type: "version.tainted", time: history.time, session_id, run, run_id, ...taint });
  expect(find()).toBe(first.run_id);
});

test("what a session that is rolled back meanwhile made is not reused", () => {
  const { history, first, find } = makeWorld();
  expect(find()).toBe(first.run_id);
  history.finishSession(first.session_id);
  const about = { claim: ownershipAt(2), command_line: ["runweave", "rollback"], force: false };
  history.add({ type: "rollback.started", time: history.time, session_id: first.session_id, ...about });
  expect(find()).toBeNull();
});
