import { expect, test } from "vitest";
import type { FolderIdentity, Home } from "../../src/core/home.ts";
import {
  findMoved,
  listRecorded,
  type MovedPlaces,
  relocateVersion,
  toPresent,
} from "../../src/record/moved-places.ts";

const at = (path: string, inode = "1"): FolderIdentity => ({ path: `${path}/.runweave`, device: "8", inode });

function home(path: string, day: number, cause: Home["cause"] = "renamed"): Home {
  return { ...at(path), cause, after_seq: day, time: `2026-11-0${day}T12:00:00.000Z`, settled_time: null };
}

const MADE = home("/a", 1, "made");
const NOWHERE = { lookAt: () => null, isThere: () => false };
const DAY_1 = "2026-11-01T13.00.00.000Z-000000000001";
const DAY_4 = "2026-11-04T13.00.00.000Z-000000000001";

test.each([
  ["that was never moved", [MADE], at("/a")],
  ["without a place on record", [], at("/a")],
])("a project %s has no former places", (_, homes, here) => {
  const lookAt = (path: string) => (path === "/a/.runweave" ? at("/a") : null);
  expect(findMoved(homes, here, { ...NOWHERE, lookAt })).toBeNull();
});

test("a former path that still leads to the project is no former place", () => {
  expect(findMoved([MADE, home("/b", 2)], at("/b"), { ...NOWHERE, lookAt: () => at("/b") })).toBeNull();
});

test("a copy that was renamed has moved from its own place, and not from the original's", () => {
  const moved = findMoved([MADE, home("/b", 2, "copied"), home("/c", 3)], at("/c"), NOWHERE) as MovedPlaces;
  expect(["/a/x", "/b/x"].map((path) => toPresent(moved, path, DAY_1))).toEqual(["/a/x", "/c/x"]);
});

test.each([
  ["there", ["/a/x", "/b/x"], "/a/x"],
  ["gone, and the copy has its own", ["/b/x"], "/b/x"],
  ["gone, and the copy has none", [], "/a/x"],
])("a copy, settled or not, reads at the original's place: what is %s", (_, paths, expected) => {
  const disk = { ...NOWHERE, isThere: (path: string) => paths.includes(path) };
  for (const homes of [[MADE], [MADE, home("/b", 2, "copied")]]) {
    const moved = findMoved(homes, at("/b", "2"), disk) as MovedPlaces;
    expect(toPresent(moved, "/a/x", DAY_1)).toBe(expected);
    expect(listRecorded(moved, "/b/x")).toEqual(["/b/x"]);
  }
});

test("a state folder that was moved alone takes its own places along, and none of the project", () => {
  const state = { ...at("/state"), path: "/state" };
  const moved = findMoved([MADE], state, NOWHERE) as MovedPlaces;
  expect(["/a/.runweave/data/x", "/a/data/x"].map((path) => toPresent(moved, path, DAY_1))).toEqual([
    "/state/data/x",
    "/a/data/x",
  ]);
  expect(["/state/data/x", "/a/data/x"].flatMap((path) => listRecorded(moved, path))).toEqual([
    "/state/data/x",
    "/a/.runweave/data/x",
    "/a/data/x",
  ]);
  const homes = [MADE, { ...home("/state", 2), path: "/state" }, home("/a", 3)];
  const back = findMoved(homes, at("/a"), { ...NOWHERE, lookAt: (path) => (path.startsWith("/a/") ? at("/a") : null) });
  expect(toPresent(back as MovedPlaces, "/state/data/x", "2026-11-02T18:00:00.000Z")).toBe("/a/.runweave/data/x");
});

test("a rename that nobody has written down yet counts", () => {
  expect(toPresent(findMoved([MADE], at("/b"), NOWHERE) as MovedPlaces, "/a/x", DAY_4)).toBe("/b/x");
});

const MOVED = findMoved([MADE, home("/b", 2), home("/c", 3)], at("/c"), NOWHERE) as MovedPlaces;

test.each([
  ["what lies below a former place", "/a/data/x", DAY_1, "/c/data/x"],
  ["the former place itself", "/b", DAY_1, "/c"],
  ["what has a longer name", "/a-b/x", DAY_1, "/a-b/x"],
  ["a place elsewhere", "/srv/a/x", DAY_1, "/srv/a/x"],
  ["an object of a storage", "s3://a/x", DAY_1, "s3://a/x"],
  ["a place that another project had by then", "/a/x", DAY_4, "/a/x"],
  ["a record's own time", "/b/x", "2026-11-02T18:00:00.000Z", "/c/x"],
])("%s", (_, path, moment, expected) => {
  expect(toPresent(MOVED, path, moment)).toBe(expected);
});

test("a present place may be on record under each former path", () => {
  expect(listRecorded(MOVED, "/c/x")).toEqual(["/c/x", "/a/x", "/b/x"]);
  expect(listRecorded(MOVED, "/d/x")).toEqual(["/d/x"]);
});

test("a version moves with the paths of its catalog entry, and with nothing else of it", () => {
  const config = { type: "text.TextDataset", filepath: "/a/x", load_args: { paths: ["/a/y", "/z"], depth: 2 } };
  const version = { version: "/a/v", location: "/a/x", bytes: 1, hash: null, entry: { config, versioned: false } };
  expect(relocateVersion(MOVED, { ...version, plain_location: null }, DAY_1)).toEqual({
    ...version,
    location: "/c/x",
    entry: {
      config: { ...config, filepath: "/c/x", load_args: { paths: ["/c/y", "/z"], depth: 2 } },
      versioned: false,
    },
    plain_location: null,
  });
});
