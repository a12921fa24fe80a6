import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { inFolder } from "../../../src/compose/locate-state.ts";
import { verifyRun } from "../../../src/compose/verify/verify-runs.ts";
import type { VersionRecord } from "../../../src/core/run.ts";
import { createMemoryRegistry } from "../../../src/record/memory/registry.ts";
import { writeManifest } from "../../../src/runners/attempt-files.ts";
import { hashPath } from "../../../src/versions/hash.ts";
import { attemptFolder } from "../../../src/versions/layout.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";
import { History } from "../../suites/history.ts";

/** One run that saved a file and a folder, with the manifest that its process left. */
async function record() {
  const root = makeTemporaryFolder();
  const state = inFolder(root);
  const registry = createMemoryRegistry();
  const history = new History((events) => registry.append(events));
  const [file, folder] = [join(root, "table.csv"), join(root, "parts")];
  writeFileSync(file, "a,b\n1,2\n");
  const [model, meta] = [join(root, "own/model"), join(root, "own/model.meta")];
  mkdirSync(join(root, "own"));
  for (const path of [model, meta]) writeFileSync(path, "1");
  mkdirSync(folder);
  for (const part of ["one", "two"]) writeFileSync(join(folder, part), part);
  const session = history.startSession();
  history.declare(session, "prep");
  const prep = history.resolve(session, "prep");
  history.start(prep);
  const versionAt = async (location: string, ...beside: string[]): Promise<VersionRecord> => {
    return {
      version: prep.run_id,
      location,
      ...(await hashPath({ path: location, beside })),
      ...(beside.length === 0 ? {} : { beside }),
      entry: null,
      plain_location: null,
    };
  };
  const outputs = {
    table: await versionAt(file),
    parts: await versionAt(folder),
    model: await versionAt(model, "model.meta"),
  };
  const end = { duration_ms: 1, outputs, outputs_location: null, peak_memory_bytes: null };
  history.add({ type: "run.succeeded", time: history.time, ...prep, ...end });
  mkdirSync(attemptFolder(state, prep.run_id), { recursive: true });
  const manifest = {
    run_id: prep.run_id,
    status: "success" as const,
    outputs,
    exception: null,
    peak_memory_bytes: null,
  };
  await writeManifest(attemptFolder(state, prep.run_id), manifest, "sealed");
  const verify = async () => {
    const found = registry.findRun(prep.run_id);
    if (found === null) throw new Error("no run");
    const { findings } = await verifyRun(registry, { ...found, run_id: prep.run_id }, { state, patch: null });
    return findings.map(({ verdict, code, dataset }) => [verdict, code, dataset]);
  };
  return { file, folder, meta, verify, manifest: join(attemptFolder(state, prep.run_id), "manifest") };
}

it("what is on the disk as it was saved holds", async () => {
  const { verify } = await record();
  expect(await verify()).toEqual([]);
});

it("any one flipped bit of an output is found", async () => {
  const { file, verify } = await record();
  const whole = readFileSync(file);
  for (let bit = 0; bit < whole.length * 8; bit++) {
    const flipped = Buffer.from(whole);
    flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    writeFileSync(file, flipped);
    expect(await verify(), `bit ${bit}`).toEqual([["broken", "content-changed", "table"]]);
  }
  writeFileSync(file, whole);
  expect(await verify()).toEqual([]);
});

it("a file more or less in a folder, and what is gone, are found and told apart", async () => {
  const { file, folder, verify } = await record();
  writeFileSync(join(folder, "three"), "");
  expect(await verify()).toEqual([["broken", "content-changed", "parts"]]);
  rmSync(join(folder, "three"));
  rmSync(file);
  expect(await verify()).toEqual([["broken", "content-missing", "table"]]);
});

it("what belongs to a version beside it is looked at; what came there later is not", async () => {
  const { meta, verify } = await record();
  writeFileSync(`${meta}.index`, "made on loading");
  expect(await verify()).toEqual([]);
  writeFileSync(meta, "2");
  expect(await verify()).toEqual([["broken", "content-changed", "model"]]);
  rmSync(meta);
  expect(await verify()).toEqual([["broken", "content-missing", "model"]]);
});

it("a manifest that tells of other content is broken, one that is not there is unknown", async () => {
  const { manifest, verify } = await record();
  writeFileSync(manifest, readFileSync(manifest, "utf8").replace("sha256:", "sha256:00"));
  expect(await verify()).toEqual([["broken", "manifest-differs", null]]);
  writeFileSync(manifest, "{");
  expect(await verify()).toEqual([["broken", "manifest-differs", null]]);
  rmSync(manifest);
  expect(await verify()).toEqual([["unknown", "no-manifest", null]]);
});
