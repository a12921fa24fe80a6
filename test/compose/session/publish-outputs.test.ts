import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { inFolder } from "../../../src/compose/locate-state.ts";
import { publishOutputs } from "../../../src/compose/session/publish-outputs.ts";
import { SessionLostError } from "../../../src/core/error/registry-error.ts";
import type { RunEvent } from "../../../src/core/event/event.ts";
import { systemClock } from "../../../src/core/port/clock.ts";
import type { PlainStorage } from "../../../src/core/port/plain-storage.ts";
import type { Registry } from "../../../src/core/port/registry.ts";
import type { StateFolders } from "../../../src/core/port/runner.ts";
import type { VersionRecord } from "../../../src/core/run.ts";
import { createMemoryRegistry } from "../../../src/record/memory/registry.ts";
import { listTrash } from "../../../src/versions/trash/trash.ts";
import { eventsAt, runIdOf, SESSION_ID } from "../../report/make-events.ts";
import { versionOf } from "../../rig/plans.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";
import { waitFor } from "../../rig/wait-for.ts";
import { History } from "../../suites/history.ts";

const make = eventsAt(0);
const RUN_ID = runIdOf("a".length);

const refuse = () => Promise.reject(new Error("access denied"));
const refusing: PlainStorage = { look: refuse, keep: refuse, copy: refuse, judge: refuse, undo: refuse };

/** Publishes `table` of a run `a` that saved these outputs. */
async function publish(
  outputs: Record<string, VersionRecord>,
  onEvent: (event: RunEvent) => void = () => {},
  storage = refusing,
  trash = makeTemporaryFolder(),
) {
  const registry = createMemoryRegistry();
  const succeeded = { ...make.succeeded("a"), outputs } as RunEvent;
  registry.append([make.sessionStarted(), make.declared("a"), make.resolved("a"), make.started("a"), succeeded]);
  const told: RunEvent[] = [];
  const faults = await publishOutputs({
    targets: [{ run: "a", dataset: "table" }],
    // From before sessions had owners.
    session: { session_id: SESSION_ID, epoch: 0 },
    registry,
    clock: systemClock,
    folders: { ...inFolder(makeTemporaryFolder()), trash },
    openPlain: () => storage,
    emit: (events) => {
      told.push(...events);
      events.forEach(onEvent);
    },
  });
  return { told, faults: faults.map(({ message }) => message) };
}

test("a version is copied to its plain path, over what was there, and that is told", async () => {
  const folder = makeTemporaryFolder();
  const [location, plain_location] = [join(folder, "version"), join(folder, "data/table.csv")];
  writeFileSync(location, "new");
  mkdirSync(join(folder, "data"));
  writeFileSync(plain_location, "old");
  const { told, faults } = await publish({ table: versionOf("v", { location, plain_location }) });
  expect(faults).toEqual([]);
  expect(readFileSync(plain_location, "utf8")).toBe("new");
  const about = { run: "a", dataset: "table", location: plain_location };
  // What stood there is on record before it is replaced.
  expect(told).toMatchObject([
    { type: "publication.prepared", ...about },
    { type: "dataset.published", ...about },
  ]);
});

test("what its class wrote beside a version goes with it, by the plain path's name", async () => {
  const folder = makeTemporaryFolder();
  const own = join(folder, "store/my_model.json-0a", RUN_ID);
  const [location, plain_location] = [join(own, "my_model.json"), join(folder, "data/my model.json")];
  mkdirSync(own, { recursive: true });
  mkdirSync(join(own, "my_model.parts"));
  for (const name of ["my_model.json", "my_model.json.meta", "my_model.dbf", "index", "my_model.parts/a"])
    writeFileSync(join(own, name), `new ${name}`);
  mkdirSync(join(folder, "data"));
  for (const name of ["my model.json", "my model.json.meta", "other"]) writeFileSync(join(folder, "data", name), "old");
  const trash = join(folder, "trash");
  const { told, faults } = await publish(
    { table: versionOf(RUN_ID, { location, plain_location }) },
    () => {},
    refusing,
    trash,
  );
  expect(faults).toEqual([]);
  const read = (name: string) => readFileSync(join(folder, "data", name), "utf8");
  expect(readdirSync(join(folder, "data")).sort()).toEqual(
    ["index", "my model.dbf", "my model.json", "my model.json.meta", "my model.parts", "other"].sort(),
  );
  expect(read("my model.json")).toBe("new my_model.json");
  expect(read("my model.json.meta")).toBe("new my_model.json.meta");
  expect(read("my model.parts/a")).toBe("new my_model.parts/a");
  expect(read("other")).toBe("old");
  // One entry of the trash has all that stood there, so that a rollback takes back all of it or nothing.
  expect(told.filter(({ type }) => type === "publication.prepared")).toHaveLength(1);
  const [entry] = listTrash(trash).entries;
  expect(entry?.manifest.items.map(({ original }) => basename(original)).sort()).toEqual([
    "my model.json",
    "my model.json.meta",
  ]);
  expect(entry?.manifest.published).toHaveLength(5);
});

test("it goes with a version, too, that the run took over from an earlier attempt", async () => {
  const folder = makeTemporaryFolder();
  const earlier = runIdOf(7);
  const own = join(folder, "store/model.json-0a", earlier);
  mkdirSync(own, { recursive: true });
  for (const name of ["model.json", "model.json.meta"]) writeFileSync(join(own, name), "new");
  const [location, plain_location] = [join(own, "model.json"), join(folder, "data/model.json")];
  await publish({ table: versionOf(earlier, { location, plain_location }) });
  expect(readdirSync(join(folder, "data")).sort()).toEqual(["model.json", "model.json.meta"]);
});

test.each<[string, Record<string, VersionRecord>, RegExp]>([
  ["what was not saved", {}, /did not save table/],
  ["what no catalog gives a path", { table: versionOf("v") }, /no catalog/],
  [
    "what its storage refuses",
    { table: versionOf("v", { location: `s3://b/store/${RUN_ID}/p`, plain_location: "s3://b/p" }) },
    /denied/,
  ],
  [
    "what would leave its storage",
    { table: versionOf(RUN_ID, { location: `/k/${RUN_ID}/p`, plain_location: "s3://b/p" }) },
    /than its path in the catalog/,
  ],
  [
    "what is gone",
    { table: versionOf(RUN_ID, { location: `/nowhere/${RUN_ID}/x`, plain_location: "/nowhere/y" }) },
    /ENOENT/,
  ],
  [
    "what no run saves where it is recorded",
    { table: versionOf(RUN_ID, { location: "/etc/hostname", plain_location: "/nowhere/y" }) },
    /"table" of run .* is recorded at \/etc\/hostname, which is neither below its own id/,
  ],
])("%s is a fault, and nothing is told", async (_, outputs, message) => {
  const { told, faults } = await publish(outputs);
  expect(faults).toEqual([expect.stringMatching(message)]);
  expect(told).toEqual([]);
});

test("of a remote version, what stands there is kept and on record before it is replaced", async () => {
  const calls: unknown[] = [];
  const storage: PlainStorage = {
    ...refusing,
    look: async (target) => [
      { path: `${target}/a`, hash: "s3:new", former: "s3:old" },
      { path: `${target}/b`, hash: "s3:new", former: null },
    ],
    keep: async (files) => void calls.push(["keep", files]),
    copy: async (target) => void calls.push(["copy", target]),
    judge: async (files) => {
      calls.push("judge");
      return files.map(() => "as-before" as const);
    },
  };
  const version = versionOf("v", { location: `s3://b/store/${RUN_ID}/p`, plain_location: "s3://b/p" });
  const { told, faults } = await publish({ table: version }, (event) => calls.push(event.type), storage);
  expect(faults).toEqual([]);
  const kept = `s3://b/store/${RUN_ID}/before-${SESSION_ID}/0`;
  expect(calls).toEqual([
    ["keep", [{ path: "s3://b/p/a", former: "s3:old", kept }]],
    // An object that has changed since the look would not be kept.
    "judge",
    "publication.prepared",
    ["copy", "s3://b/p"],
    "dataset.published",
  ]);
  expect(told).toMatchObject([{ location: "s3://b/p" }, { location: "s3://b/p" }]);
});

/** A run whose folder of files is to be published, by a session of its own in a registry that others share. */
function prepare(registry: Registry, folders: StateFolders, text: string) {
  const history = new History((events) => registry.append(events), Number(text) * 1_000);
  const session = history.startSession();
  history.declare(session, "a");
  const ref = history.resolve(session, "a");
  history.start(ref);
  const location = join(folders.store, "table-0a", ref.run_id, "table");
  mkdirSync(location, { recursive: true });
  for (const name of FILES) writeFileSync(join(location, name), text);
  const version = versionOf(ref.run_id, { location, plain_location: join(folders.root, "../plain") });
  const end = { duration_ms: 1, outputs: { table: version }, outputs_location: null, peak_memory_bytes: null };
  history.add({ type: "run.succeeded", time: history.time, ...ref, ...end });
  const publishing = {
    targets: [{ run: "a", dataset: "table" }],
    session: { session_id: session, epoch: 1 },
    ...{ registry, folders, clock: systemClock, openPlain: () => refusing },
  };
  const emit = (events: readonly RunEvent[]) => registry.append(events, 1);
  return { history, session, publish: (tell = emit) => publishOutputs({ ...publishing, emit: tell }), emit };
}

const FILES = Array.from({ length: 20 }, (_, index) => `f${index}`);

function readPlain({ root }: StateFolders): Record<string, string> {
  const folder = join(root, "../plain");
  return Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "utf8")]));
}

const allOf = (text: string) => Object.fromEntries(FILES.map((name) => [name, text]));

test("two sessions that publish to one path at once do not mix: it holds what the registry names last", async () => {
  const folders = inFolder(join(makeTemporaryFolder(), ".runweave"));
  const registry = createMemoryRegistry();
  const sessions = ["1", "2", "3"].map((text) => ({ text, ...prepare(registry, folders, text) }));
  const first = sessions[0]?.publish() ?? expect.fail();
  // The others begin in the middle of it.
  await waitFor(() => existsSync(join(folders.root, "../plain", "f1")));
  expect((await Promise.all([first, ...sessions.slice(1).map(({ publish }) => publish())])).flat()).toEqual([]);
  const published = [...registry.events()].filter(({ type }) => type === "dataset.published");
  const last = sessions.find(({ session }) => session === published.at(-1)?.session_id);
  expect(readPlain(folders)).toEqual(allOf(last?.text ?? ""));
  expect(readdirSync(join(folders.root, "..")).sort()).toEqual([".runweave", "plain"]);
});

test("a process that has lost its session replaces nothing any more, and leaves no copy behind", async () => {
  const folders = inFolder(join(makeTemporaryFolder(), ".runweave"));
  const registry = createMemoryRegistry();
  const first = prepare(registry, folders, "1");
  expect(await first.publish()).toEqual([]);
  const lost = prepare(registry, folders, "2");
  const tell = (events: readonly RunEvent[]) => {
    lost.emit(events);
    // Another process resumes the session in the moment in which this one begins to copy.
    if (events[0]?.type === "publication.prepared") lost.history.resume(lost.session, 2);
  };
  await expect(lost.publish(tell)).rejects.toThrow(SessionLostError);
  expect(readPlain(folders)).toEqual(allOf("1"));
  expect(readdirSync(join(folders.root, "..")).sort()).toEqual([".runweave", "plain"]);
});

test("what is refused for a link at its plain path is not on record as published, so that no rollback removes the link", async () => {
  const folder = makeTemporaryFolder();
  const [location, plain_location] = [join(folder, "version"), join(folder, "link")];
  for (const path of [location, join(folder, "shared")]) writeFileSync(path, "the same");
  symlinkSync("shared", plain_location);
  const { told, faults } = await publish({ table: versionOf("v", { location, plain_location }) });
  expect(faults).toEqual([expect.stringContaining("is a symbolic link")]);
  expect(told).toEqual([]);
});
