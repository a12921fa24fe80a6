import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readTrashManifest } from "../../../src/versions/trash/trash-manifest.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";

const RUN_ID = "2026-11-23T21.04.54.666Z-0000d783fb92";
const ID = `published-over-${RUN_ID}-01234567`;
const OWN = `s3://bucket/data/.runweave/far.txt-1/${RUN_ID}`;
const KEPT = `${OWN}/before-${RUN_ID}/0`;

function readPublished(file: object, more: object = {}): unknown {
  const folder = join(makeTemporaryFolder(), ID);
  mkdirSync(folder);
  const about = { format: 1, id: ID, cause: "published-over", session_id: RUN_ID, run_id: RUN_ID };
  const rest = {
    run: "save",
    time: "2026-11-23T21:04:54.666Z",
    reason: "table of save was published there",
    items: [],
  };
  writeFileSync(join(folder, "manifest.json"), JSON.stringify({ ...about, ...rest, published: [file], ...more }));
  return readTrashManifest(folder).manifest.published;
}

const file = { path: "s3://bucket/data/far.txt", hash: "s3:etag:1", former: null, made: null };

test.each([
  { former: "s3:etag:0", kept: KEPT },
  { former: null, kept: null },
])("what was published on remote storage: %j", (remote) => {
  expect(readPublished({ ...file, remote })).toEqual([{ ...file, remote }]);
});

test.each([
  ["kept at a place of another's", { remote: { former: "s3:etag:0", kept: "s3://bucket/data/other.txt" } }],
  ["kept in the bucket itself", { remote: { former: "s3:etag:0", kept: `s3://${RUN_ID}/x` } }],
  ["kept above the run's own place", { remote: { former: "s3:etag:0", kept: `${OWN}/../../x` } }],
  ["kept on this machine", { remote: { former: "s3:etag:0", kept: `/${RUN_ID}/x` } }],
  ["kept where it was published", { path: KEPT, remote: { former: "s3:etag:0", kept: KEPT } }],
  ["kept, though nothing stood there", { remote: { former: null, kept: KEPT } }],
  ["not kept, though something stood there", { remote: { former: "s3:etag:0", kept: null } }],
  ["published on this machine", { path: "/data/far.txt", remote: { former: null, kept: null } }],
  ["published above the bucket", { path: "s3://bucket/../x", remote: { former: null, kept: null } }],
  ["with an item besides", { former: "0", remote: { former: null, kept: null } }],
  ["no mapping", { remote: "s3:etag:0" }],
])("is refused: %s", (_, changes) => {
  expect(() => readPublished({ ...file, ...changes })).toThrow(/manifest\.json: /);
});

test.each([
  ["no list", "/data"],
  ["a folder elsewhere", ["data"]],
  ["the root", ["/"]],
  ["no text", [1]],
])("is refused: folders that a publication made, with %s", (_, folders) => {
  const remote = { former: null, kept: null };
  expect(() => readPublished({ ...file, remote }, { folders })).toThrow(/manifest\.json: /);
});
