import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import type { Drift } from "../../src/resolve/lock/lock.ts";
import { type CliOptions, runCli, runJson } from "../rig/cli.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";
import { findTestPython } from "../rig/test-python.ts";

const out = "${outputs.o.path}";
const RUNS = {
  own: { command: ["./make.sh", out], outputs: ["o"] },
  tool: { command: ["some-tool", out], outputs: ["o"] },
  shell: { command: "echo 1 > ${outputs.o.path}", shell: true, outputs: ["o"] },
  python: { command: ["python", "-c", "import sys; open(sys.argv[1], 'w').write('x')", out], outputs: ["o"] },
  named: { command: ["${env:TOOL}", out], outputs: ["o"] },
  node: { command: ["node", "-e", "fs.writeFileSync(process.argv[1], 'x')", out], outputs: ["o"] },
  module: { module: "score.mjs", outputs: ["o"] },
};

const suite = makeSuiteFolder();
const home = join(suite, "one");
const tools = join(suite, "tools");
const python = join(suite, "env");
const PATH = [tools, join(python, "bin"), process.env.PATH].join(delimiter);
const options = { cwd: home, env: { PATH, TOOL: join(tools, "some-tool") } };

function writeProgram(path: string, text: string): void {
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
}

function install(name: string, version: string): string {
  const [packages = ""] = globSync(join(python, "lib/python*/site-packages"));
  const info = join(packages, `${name}-${version}.dist-info`);
  mkdirSync(info);
  writeFileSync(join(info, "METADATA"), `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`);
  return info;
}

/** `part key: runs`, of all that has drifted. */
async function check(how: CliOptions = options): Promise<string[]> {
  const { value } = await runJson<{ drifts: Drift[] }>(["lock", "w.json", "--check"], how);
  return value.drifts.map(({ part, key, runs }) => `${part} ${key}: ${runs.join(" ")}`);
}

beforeAll(async () => {
  for (const folder of [home, tools]) mkdirSync(folder);
  execFileSync(findTestPython(), ["-I", "-m", "venv", "--without-pip", "--symlinks", python], { stdio: "ignore" });
  install("toy", "1.0");
  writeProgram(join(home, "make.sh"), 'echo own > "$1"');
  writeProgram(join(tools, "some-tool"), 'echo 1 > "$1"');
  writeFileSync(
    join(home, "score.mjs"),
    'import { writeFileSync } from "node:fs";\nexport default ({ outputs }) => writeFileSync(outputs.o, "1");\n',
  );
  writeFileSync(join(home, "w.json"), JSON.stringify({ name: "w", runs: RUNS }));
  execFileSync("git", ["init", "-q"], { cwd: home });
  expect((await runCli(["lock", "w.json"], options)).exitCode).toBe(0);
});

test("says of each command where its program is found, which one it is, and the version of a Python or a Node", () => {
  const text = readFileSync(join(home, "w.lock.json"), "utf8");
  const { runs, environments } = JSON.parse(text);
  const hash = expect.stringMatching(/^sha256:[0-9a-f]{64}$/);
  expect(runs.own.program).toEqual({ found: "in the checkout", hash });
  expect(runs.tool.program).toEqual({ found: "on PATH", hash });
  expect(runs.named.program).toEqual({ found: "on the machine", hash });
  expect(runs.shell.program).toEqual({ found: "on PATH", hash });
  expect(runs.python.program).toEqual({
    found: "on PATH",
    hash,
    version: expect.stringMatching(/^Python 3\.\d+\.\d+$/),
  });
  expect(runs.node.program).toEqual({ found: "on PATH", hash, version: expect.stringMatching(/^Node \d+\.\d+\.\d+$/) });
  expect(runs.module.program).toEqual({ found: "as runweave's own", version: `Node ${process.versions.node}` });
  expect(environments[runs.python.environment].packages).toMatchObject({ toy: "1.0" });
  expect(text).not.toContain(suite);
});

test("holds elsewhere on the machine, and a locked run does just that", async () => {
  const other = join(suite, "two");
  cpSync(home, other, { recursive: true });
  expect(await check({ ...options, cwd: other })).toEqual([]);
  const { exitCode, stderr } = await runCli(["run", "w.json", "--locked"], { ...options, cwd: other });
  expect([exitCode, stderr]).toEqual([0, ""]);
});

test("another program of that name, an edit of one's own, a package: --locked refuses, and names it", async () => {
  const [own, tool] = [join(home, "make.sh"), join(tools, "some-tool")];
  writeProgram(own, 'echo other > "$1"');
  writeProgram(tool, 'echo 2 > "$1"');
  const added = install("more", "2.0");
  const [drifts, refused] = [await check(), await runCli(["run", "w.json", "--locked"], options)];
  writeProgram(own, 'echo own > "$1"');
  writeProgram(tool, 'echo 1 > "$1"');
  rmSync(added, { recursive: true });
  expect(drifts.sort()).toEqual(["environment more: python", "program hash: named tool", "program hash: own"].sort());
  expect(refused.exitCode).toBe(2);
  expect(refused.stderr).toMatch(/error\[drift-program\] +program hash \(make\.sh\) of own: sha256:/);
  expect(await check()).toEqual([]);
});

test("one that can't be found is not locked, and says so; one that is found then is a drift", async () => {
  const tool = join(tools, "some-tool");
  const text = readFileSync(tool, "utf8");
  rmSync(tool);
  const { drifts } = (await runJson<{ drifts: Drift[] }>(["lock", "w.json", "--check"], options)).value;
  const locked = await runCli(["run", "w.json", "--locked"], options);
  writeFileSync(tool, text, { mode: 0o755 });
  expect(drifts.filter(({ part }) => part === "program").map(({ after }) => after)).toContain(null);
  expect(locked.exitCode).toBe(2);
});
