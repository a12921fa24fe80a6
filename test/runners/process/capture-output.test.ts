import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { claimPath } from "../../../src/processes/claim.ts";
import { identifyProcess } from "../../../src/processes/identity.ts";
import { openSeals } from "../../../src/runners/attempt-seals.ts";
import { captureOutput, removeCaptures } from "../../../src/runners/process/capture-output.ts";
import { collectOutputs, planOutputs } from "../../../src/runners/process/process-outputs.ts";
import { createRecovery } from "../../../src/runners/recovery.ts";
import { attemptFolder } from "../../../src/versions/layout.ts";
import { stagingBeside } from "../../../src/versions/staging.ts";
import { memoryHolds } from "../../rig/memory-holds.ts";
import { makeBench, sh } from "../command/command-bench.ts";
import { type Captured, endAfter, makeCaptured } from "./captured-attempt.ts";

const OTHER = "2026-11-23T21.04.54.666Z-0000d783fb92";

/** What a process that was killed while it captured leaves. */
function leaveHalf({ capturing, own }: Captured) {
  mkdirSync(join(capturing, "earlier"), { recursive: true });
  writeFileSync(join(capturing, "earlier", "copy"), "te");
  // As earlier releases had it.
  writeFileSync(join(own, ".x.1c5b0e6a.tmp"), "te");
  mkdirSync(join(own, "parts"));
}

describe("after a try that was killed", () => {
  test.each<[string, string | Record<string, string>]>([
    ["file", "text"],
    ["folder", { a: "1", "deep/b": "2" }],
  ])("a captured %s is whole, and half a copy is no part of it", async (kind, content) => {
    const [undisturbed, killed] = [await makeCaptured(content), await makeCaptured(content)];
    leaveHalf(killed);
    if (kind === "folder") writeFileSync(join(mkdir(killed.output.kept), "half"), "te");
    else writeFileSync(killed.output.kept, "te");
    const [{ x: expected }, { x }] = [await undisturbed.collect(), await killed.collect()];
    expect({ ...x, location: "", version: "", plain_location: "" }).toEqual({
      ...expected,
      location: "",
      version: "",
      plain_location: "",
    });
    const list = ({ own }: Captured) => readdirSync(own, { recursive: true }).sort();
    expect(list(killed)).toEqual(list(undisturbed));
  });

  test("who goes on with the attempt takes the captured file in, and leaves no half of a copy", async () => {
    const killed = await makeCaptured();
    leaveHalf(killed);
    const { result } = adopt(killed, { exit_code: 0 });
    expect(await result).toMatchObject({ status: "success", outputs: { x: { bytes: 4 } } });
    expect([existsSync(killed.capturing), readdirSync(killed.own)]).toEqual([false, ["x"]]);
  });

  test("an attempt that is given up keeps none either", async () => {
    const killed = await makeCaptured();
    leaveHalf(killed);
    expect(await adopt(killed, null).result).toMatchObject({ status: "failed", cutOff: true });
    expect(existsSync(killed.capturing)).toBe(false);
  });
});

function mkdir(folder: string): string {
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** Goes on with an attempt whose orchestrator is gone, and that ended after its output was written. */
function adopt({ folders, run, output }: Captured, exit: object | null) {
  const folder = attemptFolder(folders, run.run_id);
  for (const parent of [folder, folders.logs]) mkdirSync(parent, { recursive: true });
  writeFileSync(claimPath(folder), JSON.stringify({ ...identifyProcess(process.pid), start_time: 1 }));
  if (exit !== null) {
    const seal = openSeals(folders)(run.run_id, "exit");
    endAfter(output.written, join(folder, "exit"), JSON.stringify({ ...exit, seal }));
  }
  const { result } = createRecovery({ folders, holds: memoryHolds(), told: new Map() }).adopt(run, {
    onStarted() {},
    onSignal() {},
  });
  return { result };
}

describe("an owner that was stopped while it captured, and goes on after another has taken the attempt over,", () => {
  /** Lets another process do all of its part in the moment before an owner's nth question whether it still is the owner returns. */
  function overtakeAt(captured: Captured, turn: number) {
    let asked = 0;
    const { own, output, capturing } = captured;
    return () => {
      if (++asked !== turn) return;
      rmSync(capturing, { recursive: true });
      mkdirSync(own, { recursive: true });
      writeFileSync(output.kept, "of the new owner");
    };
  }

  test.each([1, 2, 3])("replaces nothing of the new owner's, stopped at its question %i", async (turn) => {
    const captured = await makeCaptured();
    const { output, options } = captured;
    writeFileSync(output.kept, "half");
    const stopped = captureOutput(output, { ...options, assertOurs: overtakeAt(captured, turn) });
    await expect(stopped).rejects.toThrow("ENOENT");
    expect(readFileSync(output.kept, "utf8")).toBe("of the new owner");
  });

  test("ends when it is told so, and leaves nothing", async () => {
    const { output, options, own, capturing } = await makeCaptured();
    const assertOurs = () => {
      throw new Error("another process has taken it over");
    };
    await expect(captureOutput(output, { ...options, assertOurs })).rejects.toThrow("another process");
    expect([readdirSync(own), existsSync(capturing)]).toEqual([[], false]);
  });

  test("does not hold up the new one", async () => {
    const { options, capturing } = await makeCaptured();
    mkdirSync(join(capturing, "earlier", "deep"), { recursive: true });
    await removeCaptures(options.folders.store, options.runId);
    await removeCaptures(options.folders.store, options.runId);
    expect(existsSync(capturing)).toBe(false);
  });
});

describe("a captured path that is not what it was while it is copied", () => {
  test.each<[string, (path: string) => void, string]>([
    ["is gone", (path) => rmSync(path), "was removed"],
    ["is written to", (path) => writeFileSync(path, "text and more"), "was written to"],
    ["is another file with the same size and time", replaceAlike, "was written to"],
    ["is a folder", (path) => makeFolder(path), "became a folder"],
    ["is a pipe", (path) => makePipe(path), "became a pipe, a socket or a device"],
    ["leads to an endless device", (path) => makeLink(path), "became a pipe, a socket or a device"],
  ])("fails its attempt if it %s, and leaves nothing", async (_, change, what) => {
    const { output, options, own, capturing } = await makeCaptured();
    let asked = 0;
    const assertOurs = () => {
      if (++asked === 1) change(output.written);
    };
    const captured = captureOutput(output, { ...options, assertOurs });
    await expect(captured).rejects.toMatchObject({
      name: "OutputChanged",
      message: `"x" at ${output.written} ${what} while it was captured`,
    });
    expect([readdirSync(own), existsSync(capturing)]).toEqual([[], false]);
  });

  test.each<[string, (path: string) => void, string]>([
    ["comes", (path) => writeFileSync(join(path, "deep", "c"), ""), "changed ('deep/c')"],
    ["goes", (path) => rmSync(join(path, "deep", "b")), "changed ('deep/b')"],
    ["is written to", (path) => writeFileSync(join(path, "deep", "b"), "3"), "changed ('deep/b')"],
  ])("names the file that %s in a folder", async (_, change, what) => {
    const { output, options, own } = await makeCaptured({ a: "1", "deep/b": "2" });
    let asked = 0;
    const assertOurs = () => {
      if (++asked === 1) change(output.written);
    };
    await expect(captureOutput(output, { ...options, assertOurs })).rejects.toThrow(what);
    expect(readdirSync(own)).toEqual([]);
  });

  function replaceAlike(path: string): void {
    const { atimeMs, mtimeMs } = statSync(path);
    writeFileSync(`${path}.new`, "TEXT");
    utimesSync(`${path}.new`, atimeMs / 1000, mtimeMs / 1000);
    renameSync(`${path}.new`, path);
  }

  function makeFolder(path: string): void {
    rmSync(path);
    mkdirSync(path);
  }

  function makePipe(path: string): void {
    rmSync(path);
    execFileSync("mkfifo", [path]);
  }

  function makeLink(path: string): void {
    rmSync(path);
    symlinkSync("/dev/zero", path);
  }
});

describe("what is neither a file nor a folder", () => {
  test.each<[string, string]>([
    ["a pipe", "mkfifo dist/x"],
    ["a link to a pipe", "mkfifo dist/p; ln -s p dist/x"],
    ["a link to an endless device", "ln -s /dev/zero dist/x"],
  ])("is refused in time as a captured output: %s", async (_, script) => {
    const bench = makeBench();
    const { result } = bench.start(sh(`mkdir -p dist; ${script}`), { outputs: { x: { path: "dist/x" } } });
    const message = `"x" at ${bench.cwd}/dist/x is a pipe, a socket or a device, and not data`;
    expect(await result).toMatchObject({ status: "failed", exception: { type: "OutputRefused", message } });
  });

  test("is refused as an output of its own", async () => {
    const { result } = makeBench().start(sh("mkfifo $1", `\${outputs.x.path}`), { outputs: { x: { path: null } } });
    expect(await result).toMatchObject({ status: "failed", exception: { type: "OutputRefused" } });
  });

  test("is left out of a captured folder: pipes, sockets, and links to them and to devices", async () => {
    const { output, collect } = await makeCaptured({ a: "1", "deep/b": "2" });
    execFileSync("mkfifo", [join(output.written, "pipe"), join(output.written, "deep", "pipe")]);
    symlinkSync("pipe", join(output.written, "link"));
    symlinkSync("/dev/zero", join(output.written, "zero"));
    const server = createServer().listen(join(output.written, "socket"));
    onTestFinished(() => void server.close());
    await new Promise((resolve) => server.once("listening", resolve));
    const { x } = await collect();
    expect(x?.bytes).toBe(2);
    expect(readdirSync(output.kept, { recursive: true }).sort()).toEqual(["a", "deep", "deep/b"]);
  });
});

test("what a publication that was cut off left in a captured folder is no data of that", async () => {
  const [with_, without] = [await makeCaptured({ "x.csv": "1" }), await makeCaptured({ "x.csv": "1" })];
  writeFileSync(stagingBeside(join(with_.output.written, "x.csv"), OTHER), "half");
  expect((await with_.collect()).x?.hash).toBe((await without.collect()).x?.hash);
  expect(readdirSync(with_.output.kept)).toEqual(["x.csv"]);
});

test("two names of one path are one version", async () => {
  const { folders, run, options, output } = await makeCaptured();
  const task = { ...run.task, outputs: { x: { path: "dist/x" }, y: { path: "dist/x" } } };
  const outputs = planOutputs(task, folders.store, run.run_id);
  const { x, y } = await collectOutputs(outputs, options);
  expect(x).toEqual(y);
  expect(readFileSync(output.kept, "utf8")).toBe("text");
});
