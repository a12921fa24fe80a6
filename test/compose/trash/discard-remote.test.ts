import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { inFolder } from "../../../src/compose/locate-state.ts";
import { collect, planCollection } from "../../../src/compose/trash/collect-garbage.ts";
import { discardAttempt } from "../../../src/compose/trash/discard-attempt.ts";
import { emptyTrash } from "../../../src/compose/trash/empty-trash.ts";
import { restoreEntry } from "../../../src/compose/trash/restore-trash.ts";
import type { RunDiscarded } from "../../../src/core/event/disposal-event.ts";
import type { OpenRemoteStorage, RemoteStorage } from "../../../src/core/port/remote-storage.ts";
import { createMemoryRegistry } from "../../../src/record/memory/registry.ts";
import { KedroRunner } from "../../../src/runners/kedro/kedro-runner.ts";
import { findEntry, listTrash } from "../../../src/versions/trash/trash.ts";
import { memoryHolds } from "../../rig/memory-holds.ts";
import { openObjects, type RemoteObjects } from "../../rig/remote-objects.ts";
import { type S3Server, startS3Server, writeCredentials } from "../../rig/s3-server.ts";
import { makeSuiteFolder } from "../../rig/suite-folder.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";
import { findTestPython } from "../../rig/test-python.ts";
import { writeToyProject } from "../../rig/toy-project.ts";
import { History } from "../../suites/history.ts";

const suite = makeSuiteFolder();
const OTHERS = { "s3://bucket/data/model.json/2024-01-01T00.00.00.000Z/model.json": "{}", "s3://bucket/data/x": "x" };
const entry = {
  config: { type: "json.JSONDataset", filepath: "s3://bucket/x", credentials: "store" },
  versioned: false,
};
let server: S3Server;
let objects: RemoteObjects;
let kedro: KedroRunner;
let project: string;

beforeAll(async () => {
  server = await startS3Server("bucket");
  objects = openObjects(server);
  const files = { "conf/local/credentials.yml": writeCredentials(server) };
  const pipelines = `def register_pipelines():\n    return {"__default__": Pipeline([])}\n`;
  project = writeToyProject({
    folder: join(suite, "toy"),
    pipelines,
    files,
    catalog: JSON.stringify({ x: entry.config }),
  });
  kedro = new KedroRunner({
    holds: memoryHolds(),
    folders: inFolder(join(suite, ".runweave")),
    environment: process.env,
  });
  mkdirSync(join(suite, ".runweave/logs"), { recursive: true });
});
afterEach(() => objects.clear("s3://bucket"));
afterAll(async () => {
  objects.close();
  await kedro.close();
  await server.close();
});

const list = () => objects.list("s3://bucket");

/** A run that left three objects in two places of its own, among those of others. */
async function setUp(outcome: "failed" | "succeeded") {
  const folders = inFolder(join(makeTemporaryFolder(), ".runweave"));
  const registry = createMemoryRegistry();
  const history = new History((events) => registry.append(events));
  const session_id = history.startSession();
  history.declare(session_id, "train");
  const ref = history.resolve(session_id, "train", { attempt: 1 });
  history.start(ref);
  if (outcome === "failed") history.fail(ref);
  else history.succeed(ref, "model");
  history.finishSession(session_id, outcome === "failed" ? "failed" : "success");
  const { run_id } = ref;
  const [model, parts] = [`s3://bucket/data/model.json/${run_id}`, `s3://bucket/data/.runweave/parts-12/${run_id}`];
  const own = { [`${model}/model.json`]: "1", [`${parts}/parts/a`]: "22", [`${parts}/parts/b`]: "333" };
  for (const [path, text] of Object.entries({ ...own, ...OTHERS })) await objects.write(path, text);
  const settled = { model: { location: `${model}/model.json`, entry }, parts: { location: `${parts}/parts`, entry } };
  mkdirSync(join(folders.attempts, run_id), { recursive: true });
  writeFileSync(join(folders.attempts, run_id, "settled.json"), JSON.stringify(settled));
  const clock = { now: () => Date.UTC(2026, 10, 24), after: () => () => {} };
  const task = { project_path: project, python: findTestPython(), env: null, conf_source: null, runtime_params: {} };
  const remote: OpenRemoteStorage = () => kedro.reachObjects(async () => task, run_id);
  const context = {
    folders,
    registry,
    clock,
    remote,
    record: (event: RunDiscarded) => {
      registry.append([event]);
      return true;
    },
  };
  const attempt = { session_id, run: "train", run_id };
  return { context, attempt, own, all: { ...own, ...OTHERS } };
}

class CutOff extends Error {}

/** The same storage, until its Nth operation: that is the last one, or not even begun. */
function cutOffAt(open: OpenRemoteStorage, nth: number, when: "before" | "after"): OpenRemoteStorage {
  let count = 0;
  const cut = <Given extends unknown[], Found>(work: (...given: Given) => Promise<Found>) => {
    return async (...given: Given): Promise<Found> => {
      count += 1;
      if (count === nth && when === "before") throw new CutOff();
      const found = await work(...given);
      if (count === nth) throw new CutOff();
      return found;
    };
  };
  return (owner): RemoteStorage => {
    const real = open(owner);
    return { look: cut(real.look), move: cut(real.move), remove: cut(real.remove) };
  };
}

const POINTS = [1, 2, 3, 4].flatMap((nth) => [
  { nth, when: "before" as const },
  { nth, when: "after" as const },
]);

/** Does it, cut off at each of its operations; then again, to its end. */
async function cutOffEverywhere(act: (remote: OpenRemoteStorage) => Promise<unknown>, remote: OpenRemoteStorage) {
  for (const { nth, when } of POINTS) {
    await act(cutOffAt(remote, nth, when)).catch((error) => {
      if (!(error instanceof CutOff)) throw error;
    });
    // Whatever has happened, what is not the run's own is as it was.
    expect(await list()).toMatchObject(OTHERS);
  }
  await act(remote);
}

describe("what is on object storage, cut off at any operation and then called again", { timeout: 180_000 }, () => {
  test("is deleted after a failure, with nothing else", async () => {
    const { context, attempt } = await setUp("failed");
    const order = { attempt, cause: "cleanup", how: "delete", reason: "it failed" } as const;
    await cutOffEverywhere((remote) => discardAttempt({ ...context, remote }, order), context.remote);
    expect(await list()).toEqual(OTHERS);
    expect(context.registry.discardsOf([attempt.run_id])).toMatchObject([{ state: "deleted", bytes: 6 }]);
    expect(listTrash(context.folders.trash).entries).toEqual([]);
  });

  test("goes to the trash, comes back as it was, and is deleted there", async () => {
    const { context, attempt, own, all } = await setUp("failed");
    const order = { attempt, cause: "cleanup", how: "trash", reason: "it failed" } as const;
    const id = `cleanup-${attempt.run_id}`;
    const discard = (remote: OpenRemoteStorage) => discardAttempt({ ...context, remote }, order);
    await cutOffEverywhere(discard, context.remote);
    const there = await list();
    expect(Object.keys(own).filter((path) => path in there)).toEqual([]);
    expect(Object.values(there).sort()).toEqual(Object.values(all).sort());
    const restore = async (remote: OpenRemoteStorage) => {
      if (findEntry(context.folders.trash, id) !== null) await restoreEntry({ ...context, remote }, id);
    };
    await cutOffEverywhere(restore, context.remote);
    expect(await list()).toEqual(all);
    await discard(context.remote);
    const empty = async (remote: OpenRemoteStorage) =>
      await emptyTrash({ ...context, remote }, listTrash(context.folders.trash).entries);
    await cutOffEverywhere(empty, context.remote);
    expect(await list()).toEqual(OTHERS);
    expect(context.registry.discardsOf([attempt.run_id])).toMatchObject([{ state: "deleted" }]);
  });

  test("is emptied from the trash though it had not all come there", async () => {
    const { context, attempt } = await setUp("failed");
    const order = { attempt, cause: "cleanup", how: "trash", reason: "it failed" } as const;
    const remote = cutOffAt(context.remote, 4, "before");
    await expect(discardAttempt({ ...context, remote }, order)).rejects.toThrow(CutOff);
    await emptyTrash(context, listTrash(context.folders.trash).entries);
    expect(await list()).toEqual(OTHERS);
  });

  test("is collected as garbage", async () => {
    const { context, own } = await setUp("succeeded");
    const retention = { keepLast: null, since: "2099-01-01T00:00:00.000Z" };
    const { goes } = await planCollection(context, retention);
    expect(goes).toMatchObject([{ bytes: 6, places: [expect.any(String), expect.any(String)] }]);
    await cutOffEverywhere((remote) => collect({ ...context, remote }, { goes, retention }), context.remote);
    const there = await list();
    expect(Object.keys(own).filter((path) => path in there)).toEqual([]);
    expect(listTrash(context.folders.trash).entries).toMatchObject([{ held: ["0", "1"] }]);
  });

  test("is not collected where it could not be put back with its checksum", async () => {
    const { context, attempt, own } = await setUp("succeeded");
    await objects.writeInParts(Object.keys(own)[2] ?? "");
    const before = await list();
    const retention = { keepLast: null, since: "2099-01-01T00:00:00.000Z" };
    const { goes } = await planCollection(context, retention);
    const message = expect.stringContaining("its storage gives a copy another checksum");
    expect((await collect(context, { goes, retention })).unreachable).toEqual([{ run_id: attempt.run_id, message }]);
    expect(await list()).toEqual(before);
    expect(context.registry.discardsOf([attempt.run_id])).toEqual([]);
    expect(listTrash(context.folders.trash).entries).toEqual([]);
  });
});
