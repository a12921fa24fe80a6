import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { MAX_FILES_BESIDE } from "../../src/core/files-beside.ts";
import { listBeside, listPublished } from "../../src/versions/files-beside.ts";
import { hashPath } from "../../src/versions/hash.ts";
import { movingBeside } from "../../src/versions/staging.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";
import { findTestPython } from "../rig/test-python.ts";

const VERSION = "2026-11-23T21.04.54.666Z-0000d783fb92";

/** A version's own folder with a main file, or the main folder `model`, and what is beside it. */
function makeVersion(...beside: string[]) {
  const folder = join(makeTemporaryFolder(), VERSION);
  mkdirSync(join(folder, "model"), { recursive: true });
  for (const name of beside) {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), name);
  }
  return { folder, location: join(folder, "model"), version: VERSION };
}

/** What the worker says of the same. */
function askWorker({ location, version }: { location: string; version: string }): unknown {
  const program = `
import json, sys
from runweave_worker.data.beside import list_beside
from runweave_worker.data.checksum import hash_local
location, version = sys.argv[1:]
names = list_beside(location, version)
found = hash_local(location, beside=names)
print(json.dumps([list(names), {"bytes": found.bytes, "hash": found.hash}]))`;
  const env = { ...process.env, PYTHONPATH: "src/runners/kedro/worker" };
  return JSON.parse(execFileSync(findTestPython(), ["-c", program, location, version], { env, encoding: "utf8" }));
}

test("all files beside a version are listed, in folders too, but not its own; the worker lists and hashes the same", async () => {
  const { folder, ...owned } = makeVersion("model.meta", "parts/z", "parts/a/b", "model/own", "model/x/own", "ü");
  const beside = await listBeside(owned);
  expect(beside).toEqual(["model.meta", "parts/a/b", "parts/z", "ü"]);
  const content = await hashPath({ path: owned.location, beside, durable: true });
  expect(askWorker(owned)).toEqual([beside, content]);
});

test("of a file, the hash is that of its folder with nothing else in it", async () => {
  const { folder } = makeVersion("data.shp", "data.dbf", "index/a");
  const owned = { location: join(folder, "data.shp"), version: VERSION };
  const beside = await listBeside(owned);
  expect(beside).toEqual(["data.dbf", "index/a"]);
  expect(await hashPath({ path: owned.location, beside })).toEqual(await hashPath({ path: folder }));
  expect(await hashPath({ path: owned.location, beside: [] })).toEqual(await hashPath({ path: owned.location }));
});

test("links to files count, links to folders, to nothing, and what is no file don't", async () => {
  const { folder, ...owned } = makeVersion("model.meta");
  const elsewhere = makeTemporaryFolder();
  writeFileSync(join(elsewhere, "file"), "linked");
  symlinkSync(join(elsewhere, "file"), join(folder, "to-file"));
  symlinkSync(elsewhere, join(folder, "to-folder"));
  symlinkSync(join(elsewhere, "nowhere"), join(folder, "to-nothing"));
  execFileSync("mkfifo", [join(folder, "pipe")]);
  writeFileSync(movingBeside(join(folder, "model.meta")), "half");
  mkdirSync(movingBeside(owned.location));
  writeFileSync(join(movingBeside(owned.location), "half"), "half");
  const beside = await listBeside(owned);
  expect(beside).toEqual(["model.meta", "to-file"]);
  expect(askWorker(owned)).toEqual([beside, await hashPath({ path: owned.location, beside })]);
});

test("what is published with a version is data alone, and nothing that is not whole yet", async () => {
  const { folder, ...owned } = makeVersion("model.meta", "parts/z");
  symlinkSync("parts", join(folder, "to-folder"));
  symlinkSync("nowhere", join(folder, "to-nothing"));
  execFileSync("mkfifo", [join(folder, "pipe")]);
  mkdirSync(movingBeside(owned.location));
  const published = await listPublished({ ...owned, target: "/plain/other" });
  expect(published.map(({ target }) => target)).toEqual(["/plain/other", "/plain/other.meta", "/plain/parts"]);
});

test("nothing is listed of a folder that is not that of the version alone", async () => {
  const { location } = makeVersion("model.meta");
  expect(await listBeside({ location, version: "other" })).toEqual([]);
});

test("more files than a record may name, and a name that is no text, are refused", async () => {
  const names = Array.from({ length: MAX_FILES_BESIDE }, (_, at) => `f${at}`);
  const { folder, ...owned } = makeVersion(...names);
  expect(await listBeside(owned)).toHaveLength(MAX_FILES_BESIDE);
  writeFileSync(join(folder, "one-more"), "");
  await expect(listBeside(owned)).rejects.toThrow(`${owned.location} has more than 1000 files beside it`);
  const odd = makeVersion();
  writeFileSync(Buffer.concat([Buffer.from(`${odd.folder}/`), Buffer.from([0xff])]), "");
  await expect(listBeside(odd)).rejects.toThrow("a file beside it whose name can't be recorded");
});
