import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, test } from "vitest";
import type { RunId } from "../../src/core/run-id.ts";
import { findOwnPlaces, isInScope, ownPlace } from "../../src/versions/own-places.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";

const RUN = "2026-11-23T21.04.54.666Z-0000d783fb92" as RunId;
const OTHER = "2026-11-23T21.04.54.666Z-0001d783fb92" as RunId;

describe("the part of a location that is an attempt's own", () => {
  test.each([
    ["a version of the project", `/p/data/model.pkl/${RUN}/model.pkl`, `/p/data/model.pkl/${RUN}`],
    ["a folder in the store", `/s/parts-1234/${RUN}/parts`, `/s/parts-1234/${RUN}`],
    ["a plain path", "/p/data/model.pkl", null],
    ["another run's version", `/p/data/model.pkl/${OTHER}/model.pkl`, null],
    ["a name that only holds it", `/p/x${RUN}/model.pkl`, null],
    ["a way out of it", `/p/${RUN}/../../etc/passwd`, null],
    ["a relative path", `data/${RUN}/x`, null],
    ["a URL", `s3://bucket/${RUN}/x`, null],
  ])("%s", (_, location, own) => {
    expect(ownPlace(location, RUN)).toBe(own);
  });
});

it("finds what is there, in the store though nobody told of it, and follows no link", () => {
  const folder = makeTemporaryFolder();
  const store = join(folder, "store");
  const place = (...parts: string[]) => {
    const path = join(folder, ...parts);
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, "x"), "x");
    return path;
  };
  const inStore = place("store", "a-12", RUN);
  place("store", "a-12", OTHER);
  const halfCaptured = place("store", ".capturing", RUN);
  const versioned = place("p", "model.pkl", RUN);
  mkdirSync(join(store, "b-12"));
  symlinkSync(versioned, join(store, "b-12", RUN));
  const locations = [
    join(versioned, "model.pkl"),
    join(folder, "p", "gone.pkl", RUN, "gone.pkl"),
    join(folder, "plain"),
  ];
  expect(findOwnPlaces({ store, runId: RUN, locations, scope: { within: null, except: [] } })).toEqual([
    versioned,
    halfCaptured,
    inStore,
  ]);
});

describe("a scope", () => {
  it("of a copied state folder holds what lies in it, and nothing that a link leads out to", () => {
    const folder = makeTemporaryFolder();
    const place = (...parts: string[]) => {
      const path = join(folder, ...parts);
      mkdirSync(path, { recursive: true });
      return path;
    };
    const [own, original] = [place("copy/data/a-12", RUN), place("original/data/a-12", RUN)];
    symlinkSync(join(folder, "original/data/a-12"), join(folder, "copy/data/b-12"));
    const scope = { within: join(folder, "copy"), except: [] };
    const found = findOwnPlaces({
      store: join(folder, "copy/data"),
      runId: RUN,
      locations: [join(original, "x")],
      scope,
    });
    expect(found).toEqual([own]);
    expect(isInScope(join(folder, "copy/data/gone", RUN), scope)).toBe(true);
    expect(isInScope(join(folder, "copy/data/b-12", RUN), scope)).toBe(false);
    expect(isInScope(join(folder, "copy-of-copy", RUN), scope)).toBe(false);
  });

  it("leaves out what lies below another folder, whichever way leads there", () => {
    const folder = makeTemporaryFolder();
    mkdirSync(join(folder, "stranger"));
    symlinkSync(join(folder, "stranger"), join(folder, "way"));
    symlinkSync(join(folder, "circle"), join(folder, "circle"));
    const scope = { within: null, except: [join(folder, "stranger")] };
    const paths = ["stranger/x", "way/x", "circle/x", "stranger-2/x"].map((path) => join(folder, path));
    expect(paths.map((path) => isInScope(path, scope))).toEqual([false, false, false, true]);
  });
});
