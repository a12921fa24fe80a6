import { mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openSqliteRegistry } from "../../../src/record/sqlite/registry.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";
import { History, versionOf } from "../../suites/history.ts";

test("a registry whose project was renamed answers with present places, finds by them, and its log holds", () => {
  const folder = makeTemporaryFolder();
  const [before, now] = [join(folder, "before"), join(folder, "now")];
  const fileOf = (project: string) => join(project, ".runweave/registry.sqlite");
  mkdirSync(join(before, ".runweave"), { recursive: true });
  const writer = openSqliteRegistry(fileOf(before));
  const history = new History((events) => writer.append(events));
  const session = history.startSession("churn", join(before, "churn.yaml"));
  history.declare(session, "prep");
  const ref = history.resolve(session, "prep");
  history.start(ref);
  const place = join(before, "data/table.csv");
  const entry = { config: { type: "pandas.CSVDataset", filepath: place }, versioned: false };
  const table = { ...versionOf(ref.run_id, "table"), location: place, plain_location: place, entry };
  const end = { duration_ms: 1, outputs: { table }, outputs_location: join(before, "data"), peak_memory_bytes: null };
  history.add({ type: "run.succeeded", time: history.time, ...ref, ...end });
  const publication = { dataset: "table", version: ref.run_id, location: join(before, "plain.csv") };
  history.add({ type: "dataset.published", time: history.time, ...ref, ...publication });
  const logged = [...writer.links({})].map(({ hash }) => hash);
  writer.close();
  renameSync(before, now);

  const registry = openSqliteRegistry(fileOf(now), { readOnly: true });
  onTestFinished(() => registry.close());
  const moved = join(now, "data/table.csv");
  const present = { location: moved, plain_location: moved, entry: { config: { filepath: moved } } };
  expect(registry.versionsOf([ref.run_id])).toMatchObject([present]);
  expect(registry.findRun(ref.run_id)).toMatchObject({
    outputs: { table: present },
    outputs_location: join(now, "data"),
  });
  expect(registry.findSessionHead(session)).toMatchObject({ workflow_file: join(now, "churn.yaml") });
  expect(registry.publicationsOf([ref.run_id])).toMatchObject([{ location: join(now, "plain.csv") }]);
  const until = "2999";
  const plain = ["plain.csv", "plain.csv/part", "elsewhere"].map((name) => join(now, name));
  const asked = [...plain, now, join(before, "plain.csv")].map((location) => ({ location, until }));
  expect(registry.lastWriters(asked)).toEqual([ref.run_id, ref.run_id, null, ref.run_id, ref.run_id]);
  const links = [...registry.links({})];
  expect(links.map(({ hash }) => hash)).toEqual(logged);
  expect(links.every(({ fault }) => fault === null)).toBe(true);
  expect(links.map(({ event }) => event)).toEqual([...registry.events(session)]);
  expect(links.find(({ event }) => event?.type === "run.succeeded")?.event).toMatchObject({
    outputs: { table: present },
  });
});
