import { execFileSync } from "node:child_process";
import { chmodSync, globSync, mkdirSync, renameSync, utimesSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { expect, test } from "vitest";
import type { RunEvent } from "../../src/core/event/event.ts";
import { type CliOptions, runCli, runEvents } from "../rig/cli.ts";
import { writeCommands } from "../rig/resumable.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";
import { findTestPython } from "../rig/test-python.ts";

const LONG_AGO = 1_700_000_000;

function writeProgram(path: string, script: string): void {
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  utimesSync(path, LONG_AGO, LONG_AGO);
}

/** `reused`, or why it was executed. */
async function runOnce(file: string, options: CliOptions): Promise<string[]> {
  const { events } = await runEvents(file, options);
  return events.flatMap((event: RunEvent) => {
    if (event.type === "run.reused") return ["reused"];
    return event.type === "run.resolved" ? [event.cache?.reason.replace(/ since .*/, "") ?? "executed"] : [];
  });
}

test("a program is known by its content: not by the time it was written, nor by its size", async () => {
  const folder = makeTemporaryFolder();
  const program = join(folder, "make.sh");
  writeProgram(program, 'echo 1 > "$1"');
  const runs = { make: { command: ["./make.sh", "${outputs.o.path}"], outputs: ["o"] } };
  const file = writeCommands(folder, runs, { defaults: { cache: "on" } });
  await runOnce(file, { cwd: folder });
  utimesSync(program, LONG_AGO + 60, LONG_AGO + 60);
  expect(await runOnce(file, { cwd: folder })).toEqual(["reused"]);
  writeProgram(join(folder, "other.sh"), 'echo 2 > "$1"');
  renameSync(join(folder, "other.sh"), program);
  utimesSync(program, LONG_AGO + 60, LONG_AGO + 60);
  expect(await runOnce(file, { cwd: folder })).toEqual(["its program has changed"]);
});

test("the PATH that a command is given decides which program it starts", async () => {
  const folder = makeTemporaryFolder();
  for (const [name, text] of [
    ["a", "1"],
    ["b", "2"],
  ] as const) {
    mkdirSync(join(folder, name));
    writeProgram(join(folder, name, "make-it"), `echo ${text} > "$1"`);
  }
  const make = { command: ["make-it", "${outputs.o.path}"], environment: { PATH: "${env:TOOLS}" }, outputs: ["o"] };
  const file = writeCommands(folder, { make }, { defaults: { cache: "on" } });
  const withTools = (name: string) => {
    const TOOLS = [join(folder, name), process.env.PATH].join(delimiter);
    return runOnce(file, { cwd: folder, env: { TOOLS } });
  };
  await withTools("a");
  expect(await withTools("a")).toEqual(["reused"]);
  expect(await withTools("b")).not.toEqual(["reused"]);
});

test("a command's Python is known by its version and packages: another environment on PATH, a package installed", async () => {
  const folder = makeTemporaryFolder();
  const environments = ["one", "two"].map((name) => join(folder, name));
  for (const path of environments)
    execFileSync(findTestPython(), ["-I", "-m", "venv", "--without-pip", "--symlinks", path], { stdio: "ignore" });
  const [one = "", two = ""] = environments;
  const install = (path: string, name: string, version: string) => {
    const [packages = ""] = globSync(join(path, "lib/python*/site-packages"));
    const info = join(packages, `${name}-${version}.dist-info`);
    mkdirSync(info);
    writeFileSync(join(info, "METADATA"), `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`);
  };
  install(one, "toy", "1.0");
  install(two, "toy", "2.0");
  const script = "import sys; open(sys.argv[1], 'w').write('x')";
  const runs = { make: { command: ["python", "-c", script, "${outputs.o.path}"], outputs: ["o"] } };
  const file = writeCommands(folder, runs, { defaults: { cache: "on" } });
  const withEnvironment = (path: string) => {
    const PATH = [join(path, "bin"), process.env.PATH].join(delimiter);
    return runOnce(file, { cwd: folder, env: { PATH } });
  };
  await withEnvironment(one);
  expect(await withEnvironment(one)).toEqual(["reused"]);
  expect(await withEnvironment(two)).toEqual(["an installed package has changed"]);
  install(one, "more", "1.0");
  expect(await withEnvironment(one)).toEqual(["an installed package has changed"]);
});

test("a command whose program can't be found has no fingerprint, and says why", async () => {
  const folder = makeTemporaryFolder();
  const file = writeCommands(folder, { make: { command: ["no-such-program"] } }, { defaults: { cache: "on" } });
  const [reason] = await runOnce(file, { cwd: folder });
  expect(reason).toContain("its program can't be found");
});

test("a command that names what it captures is reused, and locked; one whose option names a file depends on that", async () => {
  const folder = makeTemporaryFolder();
  const options = { cwd: folder };
  const script = 'cat "${1#--config=}" > "$2"; date +%s%N >> "$2"';
  const command = ["sh", "-c", script, "sh", "--config=conf.txt", "result.txt"];
  const file = writeCommands(
    folder,
    { make: { command, outputs: { o: "result.txt" } } },
    { defaults: { cache: "on" } },
  );
  writeFileSync(join(folder, "conf.txt"), "1\n");
  await runOnce(file, options);
  expect(await runOnce(file, options)).toEqual(["reused"]);
  expect((await runCli(["lock", file], options)).exitCode).toBe(0);
  expect((await runCli(["run", file, "--locked", "--fresh"], options)).exitCode).toBe(0);
  expect((await runCli(["lock", file, "--check"], options)).exitCode).toBe(0);
  writeFileSync(join(folder, "conf.txt"), "2\n");
  expect(await runOnce(file, options)).toEqual(["the file conf.txt has changed"]);
});

test("two projects that share a registry share results only of commands that say what they read", async () => {
  const home = makeTemporaryFolder();
  const env = { RUNWEAVE_REGISTRY: join(home, "shared") };
  const command = ["sh", "-c", 'cat in.txt > "$1"', "sh", "${outputs.o.path}"];
  const runs = { silent: { command, outputs: ["o"] }, told: { command, outputs: ["o"], sources: ["in.txt"] } };
  const [one, two, other] = ["one", "two", "other"].map((name) => {
    const folder = join(home, name);
    mkdirSync(folder);
    writeFileSync(join(folder, "in.txt"), name === "other" ? "2" : "1");
    return { file: writeCommands(folder, runs, { defaults: { cache: "on" } }), options: { cwd: folder, env } };
  });
  if (one === undefined || two === undefined || other === undefined) throw new Error("three projects");
  await runOnce(one.file, one.options);
  expect(await runOnce(one.file, one.options)).toEqual(["reused", "reused"]);
  // A run of another project's workflow is nothing that this one could be compared with.
  const isNew = "new: nothing to reuse";
  expect(await runOnce(two.file, two.options)).toEqual([isNew, "reused"]);
  expect(await runOnce(other.file, other.options)).toEqual([isNew, isNew]);
});
