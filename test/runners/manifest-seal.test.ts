import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import { findWorkerFolder } from "../../src/runners/interpreters/worker-folder.ts";
import { holdsSeal, sealRecord } from "../../src/runners/manifest-seal.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";
import { findTestPython } from "../rig/test-python.ts";

const anyRecord = fc.record({ a: fc.json(), seal: fc.string({ unit: "binary" }) });

it("a sealed record is JSON, and holds its seal under the same word alone", () => {
  fc.assert(
    fc.property(anyRecord, fc.string(), fc.string(), (record, word, other) => {
      const text = sealRecord(JSON.stringify(record), word);
      expect(JSON.parse(text)).toMatchObject({ a: record.a });
      expect([holdsSeal(text, word), holdsSeal(text, other)]).toEqual([true, word === other]);
    }),
  );
});

it("a record that was changed anywhere holds no seal", () => {
  const text = sealRecord('{"status":"failed","outputs":{}}', "word");
  for (let at = 0; at < text.length; at += 1) {
    const changed = `${text.slice(0, at)}${text[at] === "0" ? "1" : "0"}${text.slice(at + 1)}`;
    expect(holdsSeal(changed, "word"), changed).toBe(false);
  }
  for (const other of ["", "{}", '{"seal":"word"}', `${text}\n`, `${text}${text}`, text.slice(0, -1)])
    expect(holdsSeal(other, "word"), other).toBe(false);
});

it("the worker seals its manifest in the same way", () => {
  const folder = makeTemporaryFolder();
  const program = [
    "import sys",
    "from runweave_worker.protocol.attempt_folder import AttemptFolder",
    "AttemptFolder(sys.argv[1], {'manifest': 'word'}).write_manifest({'outputs': {'größe\\n': 1.5}})",
  ].join("\n");
  execFileSync(findTestPython(), ["-c", program, folder], { env: { ...process.env, PYTHONPATH: findWorkerFolder() } });
  const text = readFileSync(join(folder, "manifest"), "utf8");
  expect([JSON.parse(text).outputs, holdsSeal(text, "word")]).toEqual([{ "größe\n": 1.5 }, true]);
});
