import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, test } from "vitest";
import type { RunId, SessionId } from "../../../src/core/run-id.ts";
import type { TrashManifest } from "../../../src/core/trash-manifest.ts";
import { movingBeside } from "../../../src/versions/staging.ts";
import { listDropped, sweepTrash } from "../../../src/versions/trash/dropped-entries.ts";
import {
  dropEntry,
  fillEntry,
  findTaken,
  listTrash,
  openEntry,
  readEntry,
  unfillEntry,
} from "../../../src/versions/trash/trash.ts";
import { TrashFaultError, toItems } from "../../../src/versions/trash/trash-manifest.ts";
import { endedPid, leaveTemporary } from "../../rig/left-temporaries.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";

const RUN = "2026-11-23T21.04.54.666Z-0000d783fb92" as RunId;
const ID = `gc-${RUN}`;

function setUp() {
  const folder = makeTemporaryFolder();
  const trash = join(folder, "trash");
  const places = ["a", "b"].map((name) => join(folder, name, RUN));
  for (const place of places) {
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, "data"), place);
  }
  const items = toItems(places.map((original) => ({ original, kind: "folder" as const, bytes: 4, hash: null })));
  const session_id = RUN as string as SessionId;
  const about = { cause: "gc" as const, session_id, run: "train", run_id: RUN, time: "2026-11-24T00:00:00.000Z" };
  const manifest: TrashManifest = { format: 1, id: ID, ...about, reason: "old", items };
  return { folder, trash, places, manifest, isThere: () => places.map((place) => existsSync(place)) };
}

describe("the trash", () => {
  it("takes everything of an entry, lists it, and puts it back where it was", async () => {
    const { trash, places, manifest, isThere } = setUp();
    const entry = await openEntry(trash, manifest);
    expect(isThere()).toEqual([true, true]);
    await fillEntry(entry);
    expect(isThere()).toEqual([false, false]);
    expect(listTrash(trash).entries).toMatchObject([{ held: ["0", "1"], manifest: { id: ID, run: "train" } }]);
    await unfillEntry(readEntry(trash, ID));
    expect(places.map((place) => readFileSync(join(place, "data"), "utf8"))).toEqual(places);
    expect(readEntry(trash, ID).held).toEqual([]);
  });

  it("removes what a kill has left of its own files, and of a copy that was on its way back", async () => {
    const { trash, manifest, places } = setUp();
    const moving = movingBeside(places[0] ?? "");
    mkdirSync(moving);
    const left = ["", "items"].map((part) => leaveTemporary(join(trash, ID, part), endedPid()));
    await openEntry(trash, manifest);
    expect(existsSync(left[0] ?? "")).toBe(false);
    await fillEntry(readEntry(trash, ID));
    await sweepTrash(trash);
    expect([moving, ...left].map((path) => existsSync(path))).toEqual([false, false, false]);
    expect(readdirSync(join(trash, ID, "items"))).toEqual(["0", "1"]);
  });

  it("finishes an entry that was filled by half, and empties one that was put back by half", async () => {
    const { trash, manifest, places, isThere } = setUp();
    const half = { ...manifest, items: manifest.items.slice(0, 1) };
    await fillEntry(await openEntry(trash, half));
    writeFileSync(join(trash, ID, "manifest.json"), JSON.stringify(manifest));
    expect(isThere()).toEqual([false, true]);
    await fillEntry(readEntry(trash, ID));
    expect(isThere()).toEqual([false, false]);
    await unfillEntry({ ...readEntry(trash, ID), manifest: half });
    expect(isThere()).toEqual([true, false]);
    await unfillEntry(readEntry(trash, ID));
    expect(places.map((place) => readFileSync(join(place, "data"), "utf8"))).toEqual(places);
  });

  it("leaves alone what was put in the old place since, and says where that is", async () => {
    const { trash, manifest, places } = setUp();
    await fillEntry(await openEntry(trash, manifest));
    mkdirSync(places[0] ?? "");
    await fillEntry(readEntry(trash, ID));
    expect(existsSync(places[0] ?? "")).toBe(true);
    expect(await findTaken(readEntry(trash, ID))).toEqual([places[0]]);
  });

  it("an entry leaves the list in one step, and its bytes go afterwards", async () => {
    const { trash, manifest } = setUp();
    await fillEntry(await openEntry(trash, manifest));
    await dropEntry(trash, ID);
    expect([listTrash(trash), listDropped(trash)]).toEqual([{ entries: [], faults: [] }, [ID]]);
    await sweepTrash(trash);
    expect(readdirSync(trash)).toEqual([]);
  });

  it("a folder without a manifest in which nothing lies is nothing", () => {
    const { trash } = setUp();
    mkdirSync(join(trash, ID, "items"), { recursive: true });
    expect(listTrash(trash)).toEqual({ entries: [], faults: [] });
  });
});

describe("a manifest of remote data that somebody else wrote is refused", () => {
  const original = `s3://bucket/data/model.pkl/${RUN}`;
  const target = `s3://bucket/data/.runweave/trash/${ID}/0`;
  const remote = { target, entry: null, exact: true };
  const item = { name: "0", original, kind: "remote", bytes: 4, hash: null, remote };

  function write(forged: object) {
    const { trash, manifest } = setUp();
    mkdirSync(join(trash, ID, "items"), { recursive: true });
    writeFileSync(join(trash, ID, "manifest.json"), JSON.stringify({ ...manifest, items: [{ ...item, ...forged }] }));
    return () => readEntry(trash, ID);
  }

  test.each([
    ["of another run's data", { original: "s3://bucket/data/model.pkl/2024-01-01T00.00.00.000Z" }],
    ["of a plain path", { original: "s3://bucket/data/model.pkl" }],
    ["of a whole bucket", { original: `s3://${RUN}` }],
    ["of more than its folder", { original: `${original}/..` }],
    ["that goes elsewhere", { remote: { ...remote, target: "s3://bucket/data" } }],
    ["that goes into another bucket", { remote: { ...remote, target: target.replace("bucket", "other") } }],
    ["that does not say how it is reached", { remote: { ...remote, entry: "x" } }],
    ["that says nothing of where it goes", { remote: undefined }],
  ])("%s", (_, forged) => {
    expect(write({})()).toMatchObject({ held: [] });
    expect(write(forged)).toThrow(TrashFaultError);
  });
});

describe("a manifest that somebody else wrote is refused", () => {
  const change = (fields: object, item: object = {}) => {
    return (manifest: TrashManifest) => ({ ...manifest, ...fields, items: [{ ...manifest.items[0], ...item }] });
  };
  test.each([
    ["with another id", change({ id: `gc-${RUN.replace("d78", "aaa")}` })],
    ["with an item that climbs out of the entry", change({}, { name: "../../../../etc" })],
    ["with two items of one name", (m: TrashManifest) => ({ ...m, items: [m.items[0], m.items[0]] })],
    ["that would restore to a plain path", change({}, { original: "/etc/passwd" })],
    ["that would restore along ..", change({}, { original: `/tmp/x/../${RUN}` })],
    ["that would restore to a relative path", change({}, { original: RUN })],
    ["that would restore over a NUL", change({}, { original: `/tmp/\0/${RUN}` })],
    ["that would restore another run's data", change({ run_id: RUN.replace("d78", "aaa") })],
    ["of no run", change({ run_id: "latest" })],
    ["of another format", change({ format: 2 })],
    ["of a cause that there is not", change({ cause: "because" })],
    ["that is a list", () => []],
    ["whose items are text", (m: TrashManifest) => ({ ...m, items: "all" })],
  ])("%s", (_, forge) => {
    const { trash, manifest } = setUp();
    mkdirSync(join(trash, ID, "items"), { recursive: true });
    writeFileSync(join(trash, ID, "manifest.json"), JSON.stringify(forge(manifest)));
    writeFileSync(join(trash, ID, "items", "0"), "x");
    expect(() => readEntry(trash, ID)).toThrow(TrashFaultError);
    expect(listTrash(trash)).toMatchObject({ entries: [], faults: [{ folder: join(trash, ID) }] });
  });

  it("a link in the place of data, and an entry that is a link", async () => {
    const { folder, trash, manifest } = setUp();
    await openEntry(trash, manifest);
    symlinkSync("/etc", join(trash, ID, "items", "0"));
    expect(() => readEntry(trash, ID)).toThrow("is not the folder that its manifest says");
    symlinkSync(folder, join(trash, `gc-${RUN}0`));
    expect(() => readEntry(trash, `gc-${RUN}0`)).toThrow("is not a folder");
  });

  test.each(["../../etc", "", ".", "gc-../x", "trash", "gc-a/b", "gc-..", "GC-1"])("an id such as %j", (id) => {
    expect(() => readEntry("/trash", id)).toThrow("is not an entry of the trash");
  });
});
