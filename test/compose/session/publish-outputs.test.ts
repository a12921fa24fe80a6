import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { publishOutputs } from "../../../src/compose/session/publish-outputs.ts";
import { systemClock } from "../../../src/core/clock.ts";
import type { RunEvent } from "../../../src/core/event.ts";
import type { PlainStorage } from "../../../src/core/plain-storage.ts";
import type { VersionRecord } from "../../../src/core/run.ts";
import { createMemoryRegistry } from "../../../src/record/memory-registry.ts";
import { listTrash } from "../../../src/versions/trash.ts";
import { eventsAt, runIdOf, SESSION_ID } from "../../report/make-events.ts";
import { versionOf } from "../../rig/plans.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";

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
    sessionId: SESSION_ID,
    registry,
    clock: systemClock,
    trash,
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
    { table: versionOf("v", { location: "/k", plain_location: "s3://b/p" }) },
    /plain path is/,
  ],
  ["what is gone", { table: versionOf("v", { location: "/nowhere/x", plain_location: "/nowhere/y" }) }, /ENOENT/],
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
  };
  const version = versionOf("v", { location: `s3://b/store/${RUN_ID}/p`, plain_location: "s3://b/p" });
  const { told, faults } = await publish({ table: version }, (event) => calls.push(event.type), storage);
  expect(faults).toEqual([]);
  const kept = `s3://b/store/${RUN_ID}/before-${SESSION_ID}/0`;
  expect(calls).toEqual([
    ["keep", [{ path: "s3://b/p/a", former: "s3:old", kept }]],
    "publication.prepared",
    ["copy", "s3://b/p"],
    "dataset.published",
  ]);
  expect(told).toMatchObject([{ location: "s3://b/p" }, { location: "s3://b/p" }]);
});
