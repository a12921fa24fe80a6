import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { publishOutputs, type RemotePublication } from "../../src/compose/publish-outputs.ts";
import { systemClock } from "../../src/core/clock.ts";
import type { RunEvent } from "../../src/core/event.ts";
import type { VersionRecord } from "../../src/core/run.ts";
import { createMemoryRegistry } from "../../src/record/memory-registry.ts";
import { eventsAt, SESSION_ID } from "../report/make-events.ts";
import { versionOf } from "../rig/plans.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";

const make = eventsAt(0);

const refuseRemote = (_: RemotePublication): Promise<void> => Promise.reject(new Error("access denied"));

/** Publishes `table` of a run `a` that saved these outputs. */
async function publish(outputs: Record<string, VersionRecord>, publishRemote = refuseRemote) {
  const registry = createMemoryRegistry();
  const succeeded = { ...make.succeeded("a"), outputs } as RunEvent;
  registry.append([make.sessionStarted(), make.declared("a"), make.resolved("a"), make.started("a"), succeeded]);
  const told: RunEvent[] = [];
  const faults = await publishOutputs({
    targets: [{ run: "a", dataset: "table" }],
    sessionId: SESSION_ID,
    registry,
    clock: systemClock,
    trash: makeTemporaryFolder(),
    publishRemote,
    emit: (events) => told.push(...events),
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

test.each<[string, Record<string, VersionRecord>, RegExp]>([
  ["what was not saved", {}, /did not save table/],
  ["what no catalog gives a path", { table: versionOf("v") }, /no catalog/],
  [
    "what its storage refuses",
    { table: versionOf("v", { location: "s3://b/k", plain_location: "s3://b/p" }) },
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

test("a remote version is copied by its runner", async () => {
  const asked: RemotePublication[] = [];
  const version = versionOf("v", { location: "s3://b/k", plain_location: "s3://b/p" });
  const { told, faults } = await publish({ table: version }, async (publication) => void asked.push(publication));
  expect(faults).toEqual([]);
  expect(asked).toEqual([{ run: "a", version, target: "s3://b/p" }]);
  expect(told).toMatchObject([{ type: "dataset.published", location: "s3://b/p" }]);
});
