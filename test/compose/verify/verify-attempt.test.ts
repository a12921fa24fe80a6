import { chmodSync, mkdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it, test } from "vitest";
import { verifyAttempts } from "../../../src/compose/verify/verify-attempt.ts";
import type { AttemptResult, ResolvedRun } from "../../../src/core/port/runner.ts";
import { VERIFIED, type Verification } from "../../../src/execute/execute-options.ts";
import { createAttemptFolder } from "../../../src/runners/attempt-files.ts";
import { markInputs } from "../../../src/runners/input-marks.ts";
import { hashPath } from "../../../src/versions/hash.ts";
import { attemptFolder } from "../../../src/versions/layout.ts";
import { versionOf } from "../../rig/plans.ts";
import { commandTask, makeRun, makeStateFolders, type RunParts } from "../../rig/resolved-run.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";

interface Scene {
  /** The file that the run reads, or one of the folder that it reads. */
  path: string;
  reads: Pick<RunParts<ReturnType<typeof commandTask>>, "inputs" | "files">;
}

function writeData(name: string): string {
  const path = join(makeTemporaryFolder(), name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, "as it was");
  return path;
}

/** A version that another run saved. */
async function consumeFile(): Promise<Scene> {
  const path = writeData("table");
  const version = versionOf("v", { location: path, ...(await hashPath({ path })) });
  return { path, reads: { inputs: { table: { from_run: "prep", from_dataset: "table", as: "upstream", version } } } };
}

async function consumeFolder(): Promise<Scene> {
  const path = writeData("parts/1.csv");
  const location = dirname(path);
  const version = versionOf("v", { location, ...(await hashPath({ path: location })) });
  return { path, reads: { inputs: { table: { from_run: "prep", from_dataset: "table", as: "upstream", version } } } };
}

async function consumeWithBeside(): Promise<Scene> {
  const location = writeData("table");
  const path = join(dirname(location), "more");
  writeFileSync(path, "beside");
  const beside = ["more"];
  const version = versionOf("v", { location, beside, ...(await hashPath({ path: location, beside })) });
  return { path, reads: { inputs: { table: { from_run: "prep", from_dataset: "table", as: "upstream", version } } } };
}

/** A file of the project that no run saves. */
async function readFile(): Promise<Scene> {
  const path = writeData("table");
  const { bytes, hash } = await hashPath({ path });
  return { path, reads: { files: { table: { path, bytes, hash, modifiedMs: statSync(path).mtimeMs } } } };
}

function write(path: string, text: string): void {
  writeFileSync(path, text);
}

function putBack(path: string, { text, time }: { text: string; time: Date }): void {
  write(path, text);
  utimesSync(path, time, time);
}

/** What happens while the run is under way, and whether its input is another one afterwards. */
const DISTURBANCES: { what: string; happen: (path: string) => void; left: "same" | "changed" }[] = [
  { what: "is written", happen: (path) => write(path, "something else"), left: "changed" },
  { what: "is written with the same size", happen: (path) => write(path, "AS IT WAS"), left: "changed" },
  { what: "is gone", happen: (path) => rmSync(path), left: "changed" },
  {
    what: "is another one for a while, with its own time again",
    happen: (path) => {
      const time = statSync(path).mtime;
      const text = path.endsWith("more") ? "beside" : "as it was";
      write(path, "something else");
      putBack(path, { text, time });
    },
    left: "same",
  },
  {
    what: "is moved away and back",
    happen: (path) => {
      renameSync(path, `${path}.away`);
      renameSync(`${path}.away`, path);
    },
    left: "same",
  },
  { what: "may be written by nobody any more", happen: (path) => chmodSync(path, 0o400), left: "same" },
];

/** Marks the reads, as a runner does, lets something happen, and verifies. */
async function verifyAfter(
  { path, reads }: Scene,
  happen: (path: string) => void,
  { isMarked = true } = {},
): Promise<Verification> {
  const folders = makeStateFolders(makeTemporaryFolder());
  const run = makeRun({ task: commandTask(["true"], { cwd: "/" }), ...reads });
  const marks = isMarked ? await markInputs(run) : {};
  createAttemptFolder(attemptFolder(folders, run.run_id), { spec: {}, marks });
  happen(path);
  return await verifyAttempts(folders)(SAVED_NOTHING, run);
}

const SAVED_NOTHING = { outputs: {} } as AttemptResult;

describe.each([consumeFile, consumeFolder, consumeWithBeside, readFile])("%o", (makeScene) => {
  it("counts if nothing happens to what it read", async () => {
    expect(await verifyAfter(await makeScene(), () => {})).toEqual(VERIFIED);
  });

  it.each(DISTURBANCES)("if what it reads $what: $left", async ({ happen, left }) => {
    const { rejection, doubt } = await verifyAfter(await makeScene(), happen);
    if (left === "changed") expect(rejection).toMatchObject({ type: "InputChanged" });
    else expect(doubt).toBe("'table' was written to or touched while the run was under way");
    expect(rejection === null).toBe(left === "same");
  });

  it.each(DISTURBANCES)(
    "of an attempt without marks only what is there now counts: $what",
    async ({ happen, left }) => {
      const { rejection, doubt } = await verifyAfter(await makeScene(), happen, { isMarked: false });
      expect(rejection === null).toBe(left === "same");
      expect(doubt).toBeNull();
    },
  );
});

test("what it saved and is gone keeps it from counting", async () => {
  const folders = makeStateFolders(makeTemporaryFolder());
  const result = { outputs: { table: versionOf("v", { location: "/nowhere/at/all" }) } } as unknown as AttemptResult;
  const run: ResolvedRun = makeRun({ task: commandTask(["true"], { cwd: "/" }) });
  expect(await verifyAttempts(folders)(result, run)).toMatchObject({ rejection: { type: "OutputMissing" } });
});

test("of what has changed it says what it was, what it is, and what to do", async () => {
  const scene = await readFile();
  const { rejection } = await verifyAfter(scene, (path) => write(path, "something else"));
  expect(rejection?.message).toMatch(
    /^'table' was sha256:\w+ \(9 bytes\) .* is sha256:\w+ \(14 bytes\) now\n.*`floating`$/s,
  );
});
