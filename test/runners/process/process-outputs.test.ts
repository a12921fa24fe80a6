import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import type { CommandOutput } from "../../../src/core/port/runner.ts";
import { hashPath } from "../../../src/versions/hash.ts";
import { readJson } from "../../rig/read-json.ts";
import { type CommandBench, makeBench, sh } from "../command/command-bench.ts";

let bench: CommandBench;
beforeEach(() => {
  bench = makeBench();
});

test("an output of its own is kept where the command was told to write it", async () => {
  const { result, run } = bench.start(sh("echo data >$1", `\${outputs.a/../b.path}`), {
    outputs: { "a/../b": { path: null } },
  });
  const { outputs, outputsLocation } = await result;
  const version = outputs["a/../b"];
  expect(version).toEqual({
    version: run.run_id,
    location: expect.stringMatching(/\/\.runweave\/data\/b-[0-9a-f]{8}\/[^/]+\/b$/),
    ...(await hashPath({ path: version?.location ?? "" })),
    entry: null,
    plain_location: null,
  });
  expect(outputsLocation).toBe(join(version?.location ?? "", ".."));
});

test("what it wrote beside its output, in the folder of that alone, belongs to the version", async () => {
  const script = 'echo data >"$1"; mkdir "$1.parts"; echo more >"$1.parts/one"; echo meta >"$1.meta"';
  const { result } = bench.start(sh(script, `\${outputs.a.path}`), { outputs: { a: { path: null } } });
  const version = (await result).outputs.a;
  const beside = ["a.meta", "a.parts/one"];
  expect(version).toMatchObject({ beside, ...(await hashPath({ path: version?.location ?? "", beside })) });
  expect(version?.bytes).toBe(15);
});

test("more files beside an output than a record may name are refused", async () => {
  const script = 'echo data >"$1"; cd "$(dirname "$1")"; seq 1001 | xargs touch';
  const { result } = bench.start(sh(script, `\${outputs.a.path}`), { outputs: { a: { path: null } } });
  const exception = { type: "OutputRefused", message: expect.stringContaining("more than 1000 files beside it") };
  expect(await result).toMatchObject({ status: "failed", exception, outputs: {} });
});

test("a captured file is copied once the command has succeeded", async () => {
  const { result } = bench.start(sh("mkdir -p dist && echo data >dist/x"), { outputs: { x: { path: "dist/x" } } });
  const version = (await result).outputs.x;
  writeFileSync(join(bench.cwd, "dist", "x"), "changed later");
  expect(version?.plain_location).toBe(join(bench.cwd, "dist", "x"));
  expect(version?.location.startsWith(bench.folders.store)).toBe(true);
  expect(readFileSync(version?.location ?? "", "utf8")).toBe("data\n");
  expect(await hashPath({ path: version?.location ?? "" })).toEqual({ bytes: version?.bytes, hash: version?.hash });
});

test("a captured folder is kept with all its files", async () => {
  const { result } = bench.start(sh("mkdir -p dist/d/e && echo 1 >dist/d/a && echo 2 >dist/d/e/b"), {
    outputs: { d: { path: "dist/d" } },
  });
  const location = (await result).outputs.d?.location ?? "";
  expect(readFileSync(join(location, "e", "b"), "utf8")).toBe("2\n");
  expect((await result).outputs.d?.bytes).toBe(4);
});

test.each<[string, Record<string, CommandOutput>]>([
  ["its own", { x: { path: null } }],
  ["a captured", { x: { path: "dist/x" } }],
])("success without %s output is a failure", async (_, outputs) => {
  const { result, folder } = bench.start(["true"], { outputs });
  const exception = { type: "OutputMissing", message: expect.stringContaining('without writing "x" at ') };
  expect(await result).toMatchObject({ status: "failed", exitCode: 0, outputs: {}, exception });
  expect(readJson(folder, "manifest")).toMatchObject({ status: "failed", outputs: {} });
});

test("an output that is a symlink out of the store is refused", async () => {
  writeFileSync(join(bench.cwd, "elsewhere"), "x");
  const { result } = bench.start(sh(`ln -s ${bench.cwd}/elsewhere $1`, `\${outputs.x.path}`), {
    outputs: { x: { path: null } },
  });
  expect(await result).toMatchObject({ status: "failed", exception: { type: "UnsafePathError" } });
});

test("a failed command leaves no version", async () => {
  const { result } = bench.start(sh("mkdir dist; echo x >dist/x; exit 1"), { outputs: { x: { path: "dist/x" } } });
  expect(await result).toMatchObject({ status: "failed", outputs: {}, outputsLocation: null });
  expect(existsSync(join(bench.folders.store, "x"))).toBe(false);
});

test("runs that capture one path, by whatever name, never overlap", async () => {
  mkdirSync(join(bench.cwd, "real"));
  symlinkSync(join(bench.cwd, "real"), join(bench.cwd, "link"));
  const first = bench.start(bench.rig.command("first"), { outputs: { x: { path: "real/x" } } });
  const child = await bench.rig.child("first");
  const second = bench.start(bench.rig.command("second"), { outputs: { x: { path: "link/x" } } });
  const free = bench.start(["true"], { outputs: {} });
  expect(await free.result).toMatchObject({ status: "success" });
  expect(second.started).toEqual([]);
  await child.tell({ do: "write", path: join(bench.cwd, "real", "x"), text: "1" });
  await child.tell({ do: "exit", code: 0 });
  const other = await bench.rig.child("second");
  expect(readFileSync((await first.result).outputs.x?.location ?? "", "utf8")).toBe("1");
  await other.tell({ do: "exit", code: 1 });
  expect(await second.result).toMatchObject({ status: "failed", exitCode: 1 });
});

test("a run that waits for a path can be stopped before it starts", async () => {
  bench.start(bench.rig.command("first"), { outputs: { x: { path: "x" } } });
  await bench.rig.child("first");
  const second = bench.start(["true"], { outputs: { x: { path: "x" } } });
  second.stop("interrupt");
  expect(await second.result).toMatchObject({ status: "failed", cancelled: true, exitCode: null });
  expect(second.started).toEqual([]);
});

test("the folder of a path that is captured is there before the command writes", async () => {
  const { result } = bench.start(sh("echo data >deep/er/x"), { outputs: { x: { path: "deep/er/x" } } });
  expect(await result).toMatchObject({ status: "success", outputs: { x: { bytes: 5 } } });
});
