import { describe, expect, it, test } from "vitest";
import type { RunId } from "../../src/core/run-id.ts";
import { ownRemotePlace, trashPlace } from "../../src/versions/remote-places.ts";

const RUN = "2026-11-23T21.04.54.666Z-0000d783fb92" as RunId;

describe("the part of a URL that is an attempt's own", () => {
  test.each([
    ["a version of the project", `s3://b/data/model.pkl/${RUN}/model.pkl`, `s3://b/data/model.pkl/${RUN}`],
    ["a folder in the store", `gs://b/data/.runweave/parts-12/${RUN}/parts`, `gs://b/data/.runweave/parts-12/${RUN}`],
    ["the folder itself", `s3://b/model.pkl/${RUN}`, `s3://b/model.pkl/${RUN}`],
    ["a plain path", "s3://b/data/model.pkl", null],
    ["another run's version", `s3://b/data/model.pkl/${RUN}0/model.pkl`, null],
    ["a name that only holds it", `s3://b/data/x${RUN}/model.pkl`, null],
    ["a folder right below a bucket", `s3://b/${RUN}/x`, null],
    ["a bucket", `s3://${RUN}/x/y`, null],
    ["a way out of it", `s3://b/data/${RUN}/../x`, null],
    ["nothing between two slashes", `s3://b//data/${RUN}/x`, null],
    ["a chain of file systems", `simplecache::s3://b/data/${RUN}/x`, null],
    ["a path of this disk", `/data/x/${RUN}/x`, null],
    ["a NUL", `s3://b/da\0ta/${RUN}/x`, null],
  ])("%s", (_, location, own) => {
    expect(ownRemotePlace(location, RUN)).toBe(own);
  });
});

it("goes to a trash beside it, of its own entry", () => {
  const id = `gc-${RUN}`;
  const store = `s3://b/data/.runweave`;
  expect(trashPlace(`s3://b/data/model.pkl/${RUN}`, id, "0")).toBe(`${store}/trash/${id}/0`);
  expect(trashPlace(`${store}/table-12/${RUN}`, id, "1")).toBe(`${store}/trash/${id}/1`);
  expect(trashPlace(`s3://b/model.pkl/${RUN}`, id, "2")).toBe(`s3://b/.runweave/trash/${id}/2`);
});
