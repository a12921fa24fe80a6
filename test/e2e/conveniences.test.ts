import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { SessionRecord } from "../../src/core/run.ts";
import { binPath, cliEnvironment, runCli, runEvents, runJson, startCli } from "../rig/cli.ts";
import { Rig } from "../rig/rig.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";
import { TerminalCli } from "../rig/terminal.ts";

let rig: Rig;
beforeAll(() => {
  rig = new Rig();
});
afterAll(() => rig.close());

test("logs --follow goes on printing until the run has ended", async () => {
  const folder = makeTemporaryFolder();
  const file = join(folder, "workflow.json");
  writeFileSync(file, JSON.stringify({ runs: { talk: { command: rig.command("talk") } } }));
  const session = startCli(["run", file, "--json"], { cwd: folder });
  const child = await rig.child("talk");
  const { run_id } = await session.event("run.started");
  await child.tell({ do: "print", text: "before\n" });
  const logs = startCli(["logs", run_id, "--follow"], { cwd: folder });
  await logs.line("before");
  await child.tell({ do: "print", text: "after\n" });
  await logs.line("after");
  await child.tell({ do: "exit", code: 0 });
  expect((await logs.result).exitCode).toBe(0);
  expect((await session.result).exitCode).toBe(0);
});

test("logs prints nothing that a terminal obeys, but with --raw; elsewhere every byte", async () => {
  const folder = makeTemporaryFolder();
  const printed = "\u001b]52;c;ZXZpbA==\u0007text\u001b[2J\u001b[31mred\u001b[0m";
  writeFileSync(join(folder, "w.json"), JSON.stringify({ runs: { a: { command: ["printf", "%s\\n", printed] } } }));
  await runCli(["run", "w.json"], { cwd: folder });
  expect((await runCli(["logs", "a"], { cwd: folder })).stdout).toBe(`${printed}\n`);
  const onTerminal = async (...flags: string[]) => {
    const terminal = new TerminalCli(["logs", "a", ...flags], { cwd: folder });
    expect((await terminal.ended).exitCode).toBe(0);
    return terminal.shown;
  };
  expect(await onTerminal("--raw")).toContain(printed);
  const shown = await onTerminal();
  expect(shown).toContain("text\u001b[31mred\u001b[0m");
  expect(shown).not.toContain("\u001b]52");
});

test("logs folds long lines to the width of a terminal, and gives a pipe every line as it was printed", async () => {
  const folder = makeTemporaryFolder();
  const words = Array.from({ length: 30 }, (_, index) => `word${index}`);
  const command = ["sh", "-c", `echo "  ${words.join(" ")}"`];
  writeFileSync(join(folder, "w.json"), JSON.stringify({ runs: { a: { command } } }));
  await runCli(["run", "w.json"], { cwd: folder });
  expect((await runCli(["logs", "a"], { cwd: folder })).stdout).toBe(`  ${words.join(" ")}\n`);
  const terminal = new TerminalCli(["logs", "a"], { cwd: folder });
  expect((await terminal.ended).exitCode).toBe(0);
  const [first = "", ...others] = terminal.shown.split(/\r?\n/).filter((line) => line !== "");
  expect(first).toMatch(/^ {2}word0 word1 .*$/);
  expect(others.length).toBeGreaterThan(1);
  for (const line of others) expect(line).toMatch(/^ {6}word\d+/);
  expect([first, ...others].every((line) => line.length <= 100)).toBe(true);
  expect([first, ...others].flatMap((line) => line.trim().split(" "))).toEqual(words);
});

test("cat prints nothing that a terminal obeys, and no binary data there, but with --raw; elsewhere every byte", async () => {
  const folder = makeTemporaryFolder();
  const saved = "\u001b]0;pwn\u0007text\u001b[31mred\u001b[0m";
  const write = 'printf %s "$1" >"$2"; printf "a\\000b" >"$3"';
  const command = ["sh", "-c", write, "sh", saved, "${outputs.t.path}", "${outputs.b.path}"];
  writeFileSync(join(folder, "w.json"), JSON.stringify({ runs: { a: { command, outputs: ["t", "b"] } } }));
  await runCli(["run", "w.json"], { cwd: folder });
  expect((await runCli(["cat", "t@a"], { cwd: folder })).stdout).toBe(saved);
  expect((await runCli(["cat", "b@a"], { cwd: folder })).stdout).toBe("a\0b");
  const onTerminal = async (...words: string[]) => {
    const terminal = new TerminalCli(["cat", ...words], { cwd: folder });
    return [(await terminal.ended).exitCode, terminal.shown];
  };
  expect(await onTerminal("t@a", "--raw")).toEqual([0, expect.stringContaining(saved)]);
  const [exitCode, shown] = await onTerminal("t@a");
  expect([exitCode, shown]).toEqual([0, expect.stringContaining("text\u001b[31mred\u001b[0m")]);
  expect(shown).not.toContain("\u001b]0");
  expect(await onTerminal("b@a")).toEqual([2, expect.stringMatching(/data-binary.*`runweave export b@a PLACE`/s)]);
});

test("logs says of a run that printed nothing that it did not", async () => {
  const folder = makeTemporaryFolder();
  writeFileSync(join(folder, "w.json"), JSON.stringify({ runs: { quiet: { command: ["true"] } } }));
  await runCli(["run", "w.json"], { cwd: folder });
  expect(await runCli(["logs", "quiet"], { cwd: folder })).toMatchObject({
    stdout: "",
    stderr: "quiet printed nothing\n",
  });
});

test("verify takes a run's name, and names the arms of a matrix", async () => {
  const folder = makeTemporaryFolder();
  const matrix = { n: [1, 2] };
  const runs = { a: { command: ["echo", "hello"] }, b: { matrix, command: ["echo", "${matrix.n}"] } };
  writeFileSync(join(folder, "w.json"), JSON.stringify({ runs }));
  await runCli(["run", "w.json"], { cwd: folder });
  expect((await runCli(["verify", "a"], { cwd: folder })).stdout).toContain("verified: 1 runs");
  const arms = await runCli(["verify", "b"], { cwd: folder });
  expect(arms.exitCode).toBe(2);
  expect(arms.stderr).toContain("say which: 'b[n=1]', 'b[n=2]'");
});

test("run takes no name that its workflow does not have; --fresh takes that of a matrix, --only asks which arm", async () => {
  const folder = makeTemporaryFolder();
  writeFileSync(join(folder, "w.yaml"), "runs: { a: { command: [echo, '${matrix.n}'], matrix: { n: [1, 2] } } }\n");
  const said = async (...flags: string[]) => {
    const { exitCode, stderr } = await runCli(["run", "w.yaml", ...flags], { cwd: folder });
    return `${exitCode} ${stderr}`;
  };
  expect(await said("--fresh", "a")).toMatch(/^0 /);
  const unknown = /^2 error\[unknown-run\] {2}the plan has no run "b\[n=1\]"\n {2}hint: did you mean "a\[n=1\]"\?/;
  for (const flags of [
    ["--fresh", "b[n=1]"],
    ["--fresh", "a", "b[n=1]", "--verify-warm"],
    ["--only", "b[n=1]"],
  ])
    expect(await said(...flags)).toMatch(unknown);
  expect(await said("--only", "a")).toMatch(
    /"a" has a matrix, and so 2 runs\n {2}hint: say which: 'a\[n=1\]', 'a\[n=2\]'/,
  );
});

test("logs --json gives the lines", async () => {
  const folder = makeTemporaryFolder();
  writeFileSync(join(folder, "w.yaml"), "runs: { a: { command: [echo, hello] } }\n");
  await runCli(["run", "w.yaml"], { cwd: folder });
  const { value } = await runJson<{ logs: object[] }>(["logs", "a"], { cwd: folder });
  expect(value.logs).toMatchObject([{ run: "a", lines: ["hello"] }]);
});

test("logs prints what the run printed and nothing else; --events adds runweave's own lines, one readable line each", async () => {
  const folder = makeTemporaryFolder();
  writeFileSync(join(folder, "w.yaml"), "runs: { a: { command: [echo, hello] } }\n");
  await runCli(["run", "w.yaml"], { cwd: folder });
  expect((await runCli(["logs", "a"], { cwd: folder })).stdout).toBe("hello\n");
  const { stdout } = await runCli(["logs", "a", "--events"], { cwd: folder });
  const when = /^\[runweave \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\] /;
  const lines = stdout.split("\n").filter(Boolean);
  expect(lines.filter((line) => !when.test(line))).toEqual(["hello"]);
  expect(lines.map((line) => line.replace(when, ""))).toContainEqual(
    expect.stringMatching(/^run succeeded \(\d+ms\)$/),
  );
  const { value } = await runJson<{ logs: { events: { event: string }[] }[] }>(["logs", "a", "--events"], {
    cwd: folder,
  });
  expect(value.logs[0]?.events.map(({ event }) => event)).toContain("run.succeeded");
});

test("the name of a run with a matrix is answered with its arms, a wrong option with the help of its command", async () => {
  const folder = makeTemporaryFolder();
  writeFileSync(join(folder, "w.yaml"), "runs: { a: { command: [echo, '${matrix.n}'], matrix: { n: [1, 2] } } }\n");
  await runCli(["run", "w.yaml"], { cwd: folder });
  for (const command of ["logs", "show", "errors", "cancel"]) {
    const arms = await runCli([command, "a"], { cwd: folder });
    expect(arms.exitCode).toBe(2);
    expect(arms.stderr).toContain(`"a" has a matrix, and so 2 runs\n  hint: say which: 'a[n=1]', 'a[n=2]'`);
  }
  const wrong = await runCli(["gc", "--keep", "2"], { cwd: folder });
  expect(wrong.exitCode).toBe(2);
  expect(wrong.stderr).toContain("(runweave gc --help lists its options)");
});

test("what goes only by --yes may be asked for by --dry-run too", async () => {
  const folder = makeTemporaryFolder();
  writeFileSync(join(folder, "w.yaml"), "runs: { a: { command: [echo, hello] } }\n");
  await runCli(["run", "w.yaml"], { cwd: folder });
  for (const words of [
    ["gc", "--keep-last", "1"],
    ["trash", "empty"],
  ]) {
    const plain = await runCli(words, { cwd: folder });
    expect(await runCli([...words, "--dry-run"], { cwd: folder })).toEqual(plain);
    expect((await runCli([...words, "--dry-run", "--yes"], { cwd: folder })).exitCode).toBe(2);
  }
});

test("completion is a script that its shell accepts, and knows every command", async () => {
  const { stdout } = await runCli(["completion", "bash"]);
  execFileSync("bash", ["-n"], { input: stdout });
  const words = 'COMP_WORDS=(runweave ""); COMP_CWORD=1; _runweave; echo "${COMPREPLY[*]}"';
  const offered = execFileSync("bash", ["--norc", "-c", `${stdout}\n${words}`], { encoding: "utf8" });
  for (const command of ["run", "plan", "validate", "show", "lineage"]) expect(offered.split(/\s/)).toContain(command);
});

test("schema is a JSON Schema that names the runs", async () => {
  const { stdout } = await runCli(["schema"]);
  expect(JSON.parse(stdout)).toMatchObject({
    $schema: expect.stringContaining("json-schema.org"),
    properties: { runs: expect.anything() },
  });
});

test("a pipe that closes early ends a listing without a trace", () => {
  const line = `"${process.execPath}" "${binPath()}" schema 2>&1 | head -c 1`;
  expect(execFileSync("sh", ["-c", line], { env: cliEnvironment(), encoding: "utf8" })).toBe("{");
});

test("several processes run sessions on one registry at once, and each finds its own whole", async () => {
  const folder = makeTemporaryFolder();
  const runs = Object.fromEntries(
    Array.from({ length: 20 }, (_, n) => [
      `r${n}`,
      n === 0
        ? { command: ["sh", "-c", 'echo $$ > "$0"', `\${outputs.pid.path}`], outputs: ["pid"] }
        : { command: ["test", "-s", `\${inputs.pid.path}`], consumes: { pid: "r0" } },
    ]),
  );
  writeFileSync(join(folder, "workflow.json"), JSON.stringify({ max_parallel: 4, runs }));
  const args = ["--registry", "state"];
  const sessions = await Promise.all(
    Array.from({ length: 4 }, () => runEvents("workflow.json", { cwd: folder, args })),
  );
  for (const { exitCode, events } of sessions) {
    expect(exitCode).toBe(0);
    const id = events[0]?.session_id ?? "";
    const { value } = await runJson<SessionRecord>(["show", id, ...args], { cwd: folder });
    expect(value.runs.map(({ status }) => status)).toEqual(Array(20).fill("success"));
    const writer = value.runs[0]?.run_id;
    for (const { load_versions } of value.runs.slice(1)) expect(load_versions).toEqual({ pid: writer });
  }
});

test("run --only and show name the session that the data are from; sessions says what was run", async () => {
  const folder = makeTemporaryFolder();
  const make = { command: ["sh", "-c", "echo 1 > o"], outputs: { o: "o" } };
  const use = { command: ["cat", "${inputs.o.path}"], consumes: { o: "make" } };
  writeFileSync(join(folder, "w.json"), JSON.stringify({ runs: { make, use } }));
  const say = async (...args: string[]) => (await runCli(args, { cwd: folder })).stdout;
  await say("run", "w.json");
  expect(await say("run", "w.json", "--only", "use")).toMatch(/ {4}o <- \w+ \(make of session \w+\)/);
  expect(await say("show", "use")).toMatch(/o +\w+ +make of session \w+/);
  await say("run", "w.json", "make");
  expect(await say("sessions")).toMatch(/only make\n.*only use\n/);
});
