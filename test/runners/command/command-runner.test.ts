import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import type { CommandOutput, CommandTask, ResolvedInput, StateFolders } from "../../../src/core/runner.ts";
import { readClaim } from "../../../src/processes/claim.ts";
import { identifyProcess, isAlive } from "../../../src/processes/identity.ts";
import { CommandRunner } from "../../../src/runners/command/command-runner.ts";
import { hashPath } from "../../../src/versions/hash.ts";
import { attemptFolder } from "../../../src/versions/layout.ts";
import { commandTask, makeRun, makeStateFolders, type RunParts } from "../../rig/resolved-run.ts";
import { Rig } from "../../rig/rig.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";

let cwd: string;
let folders: StateFolders;
let runner: CommandRunner;
let rig: Rig;

beforeEach(() => {
  cwd = makeTemporaryFolder();
  folders = makeStateFolders(cwd);
  rig = new Rig();
  runner = new CommandRunner({ folders, environment: { PATH: process.env.PATH, KEEP: "kept" }, graceMs: 100 });
  onTestFinished(async () => {
    await runner.close();
    await rig.close();
  });
});

const ignore = { onStarted() {}, onSignal() {} };
const sh = (script: string, ...args: string[]) => ["sh", "-c", script, "sh", ...args];

function start(argv: string[], parts: Partial<CommandTask> & Partial<RunParts<CommandTask>> = {}) {
  const { inputs = {}, values = {}, load_versions = {}, ...task } = parts;
  const run = makeRun({ task: commandTask(argv, { cwd, ...task }), inputs, values, load_versions });
  const started: { pid: number | null; log: string }[] = [];
  const attempt = runner.start(run, { ...ignore, onStarted: (value) => started.push(value) });
  return { ...attempt, run, started, folder: attemptFolder(folders, run.run_id) };
}

function input(location: string): ResolvedInput {
  const version = { version: "v", location, bytes: 1, hash: null, entry: null, plain_location: null };
  return { from_run: "up", from_dataset: "d", as: "upstream", version };
}

const readJson = (...path: string[]) => JSON.parse(readFileSync(join(...path), "utf8"));

test("a command that ends with 0 has succeeded, and its records say so", async () => {
  const { result, run, started, folder } = start(sh("echo out; echo err >&2"));
  expect(await result).toMatchObject({ status: "success", exitCode: 0, signal: null, exception: null, outputs: {} });
  const [{ pid, log } = { pid: 0, log: "" }] = started;
  expect(readFileSync(log, "utf8")).toBe("out\nerr\n");
  expect(readClaim(folder)?.owner?.pid).toBe(pid);
  expect(readJson(folder, "spec.json")).toMatchObject({ run_id: run.run_id, cwd, attempt: 1 });
  expect(readJson(folder, "exit")).toEqual({ exit_code: 0 });
  expect(readJson(folder, "manifest")).toMatchObject({ run_id: run.run_id, status: "success", exception: null });
});

test("a command is given the path of each value, as JSON in its attempt's folder", async () => {
  const values = {
    limit: { version: "value-1", value: { deep: [0.5, null, "ü"] } },
    "a/../b": { version: "value-2", value: 1 },
    "a_.._b": { version: "value-3", value: "other" },
  };
  const [limit, one, other] = ["limit", "a/../b", "a_.._b"].map((name) => `\${inputs.${name}.path}`);
  const outputs = { out: { path: null } };
  const script = sh('cat "$1" "$2" "$3" > "$4"; echo "$RUNWEAVE_INPUTS" >> "$4"');
  const argv = [...script, limit ?? "", one ?? "", other ?? "", "${outputs.out.path}"];
  const { result, folder } = start(argv, { values, outputs });
  const { outputs: saved } = await result;
  const lines = readFileSync(saved.out?.location ?? "", "utf8").split("\n");
  expect(lines.slice(0, 3).map((line) => JSON.parse(line))).toEqual([{ deep: [0.5, null, "ü"] }, 1, "other"]);
  const paths = Object.values(JSON.parse(lines[3] ?? "") as Record<string, string>);
  expect(new Set(paths.map(dirname))).toEqual(new Set([folder]));
  for (const path of paths) expect(statSync(path).mode & 0o777).toBe(0o600);
});

test("a version that is not what its run saved any more is never consumed", async () => {
  const path = join(cwd, "table.csv");
  writeFileSync(path, "saved");
  const { bytes, hash } = await hashPath({ path });
  const version = { version: "v1", location: path, bytes, hash, entry: null, plain_location: null };
  const inputs = { table: { from_run: "prep", from_dataset: "table", as: "upstream", version } } as const;
  expect(await start(sh("true"), { inputs }).result).toMatchObject({ status: "success" });
  writeFileSync(path, "spoil");
  const message = expect.stringMatching(
    /^'table' was sha256:\w+ \(5 bytes\) when prep saved it, and .*table\.csv is sha256:/,
  );
  const spoilt = start(sh("true"), { inputs });
  expect(await spoilt.result).toMatchObject({ status: "failed", exception: { type: "InputChanged", message } });
  expect(existsSync(join(spoilt.folder, "claim"))).toBe(false);
  rmSync(path);
  const gone = await start(sh("true"), { inputs }).result;
  expect(gone.exception?.message).toMatch(/is gone$/);
});

test("a file that changed since the plan was made keeps the command from starting", async () => {
  const path = join(cwd, "raw.csv");
  writeFileSync(path, "planned");
  const { bytes, hash } = await hashPath({ path });
  const version = { version: "file-1", location: path, bytes, hash, entry: null, plain_location: null };
  const part = { from_run: null, from_dataset: path, as: "downstream", frozen: { modifiedMs: 1 } } as const;
  const inputs = { raw: { ...part, version } };
  expect(await start(sh("true"), { inputs }).result).toMatchObject({ status: "success" });
  writeFileSync(path, "changed");
  const now = await hashPath({ path });
  const { result, started } = start(sh("true"), { inputs });
  expect(await result).toMatchObject({
    status: "failed",
    exception: {
      type: "InputChanged",
      message: `'raw' was ${hash} (7 bytes) when the plan was made, and ${path} is ${now.hash} (7 bytes) now`,
    },
  });
  expect(started).toEqual([]);
});

test("a command that fails says how, with the end of its log", async () => {
  const { result, folder } = start(sh("for i in $(seq 30); do echo $i; done; printf '\\033[31mred'; exit 3"));
  const exception = { type: "CommandFailed", message: "exit code 3", node: null, cause: null };
  expect(await result).toMatchObject({ status: "failed", exitCode: 3, cancelled: false, outputs: {}, exception });
  expect((await result).exception?.traceback).toMatch(/^12\n13\n(\d+\n)+30\nred$/);
  expect(readJson(folder, "manifest")).toMatchObject({ status: "failed", exception });
});

test("a command that was killed from outside is suspected to have taken too much memory", async () => {
  const { result } = start(sh("kill -KILL $$"));
  const exception = { type: "CommandFailed", message: "killed by SIGKILL (out of memory?)" };
  expect(await result).toMatchObject({
    status: "failed",
    cancelled: false,
    exitCode: null,
    signal: "SIGKILL",
    exception,
  });
});

test("a command learns its identity, paths and pins from its environment", async () => {
  const own = { outputs: { made: { path: null } }, environment: { OWN: `\${inputs.in.path}`, KEEP: "changed" } };
  const { result, run, folder } = start(rig.command("child", `\${outputs.made.path}`), {
    ...own,
    inputs: { in: input("/store/in") },
    load_versions: { in: "v" },
  });
  const child = await rig.child("child");
  const environment = (await child.tell({ do: "environment" })) as Record<string, string>;
  const [made = ""] = child.args;
  expect(environment).toMatchObject({
    RUNWEAVE_RUN_ID: run.run_id,
    RUNWEAVE_SESSION_ID: run.session_id,
    RUNWEAVE_INPUTS: '{"in":"/store/in"}',
    RUNWEAVE_OUTPUTS: JSON.stringify({ made }),
    RUNWEAVE_LOAD_VERSIONS: '{"in":"v"}',
    RUNWEAVE_METRICS: join(folder, "metrics.json"),
    OWN: "/store/in",
    KEEP: "changed",
  });
  await child.tell({ do: "write", path: made, text: "data" });
  await child.tell({ do: "exit", code: 0 });
  expect(await result).toMatchObject({ status: "success" });
});

test("an output of its own is kept where the command was told to write it", async () => {
  const { result, run } = start(sh("echo data >$1", `\${outputs.a/../b.path}`), {
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

test("a captured file is copied once the command has succeeded", async () => {
  const { result } = start(sh("mkdir -p dist && echo data >dist/x"), { outputs: { x: { path: "dist/x" } } });
  const version = (await result).outputs.x;
  writeFileSync(join(cwd, "dist", "x"), "changed later");
  expect(version?.plain_location).toBe(join(cwd, "dist", "x"));
  expect(version?.location.startsWith(folders.store)).toBe(true);
  expect(readFileSync(version?.location ?? "", "utf8")).toBe("data\n");
  expect(await hashPath({ path: version?.location ?? "" })).toEqual({ bytes: version?.bytes, hash: version?.hash });
});

test("a captured folder is kept with all its files", async () => {
  const { result } = start(sh("mkdir -p dist/d/e && echo 1 >dist/d/a && echo 2 >dist/d/e/b"), {
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
  const { result, folder } = start(["true"], { outputs });
  const exception = { type: "OutputMissing", message: expect.stringContaining('without writing "x" at ') };
  expect(await result).toMatchObject({ status: "failed", exitCode: 0, outputs: {}, exception });
  expect(readJson(folder, "manifest")).toMatchObject({ status: "failed", outputs: {} });
});

test("an output that is a symlink out of the store is refused", async () => {
  writeFileSync(join(cwd, "elsewhere"), "x");
  const { result } = start(sh(`ln -s ${cwd}/elsewhere $1`, `\${outputs.x.path}`), { outputs: { x: { path: null } } });
  expect(await result).toMatchObject({ status: "failed", exception: { type: "UnsafePathError" } });
});

test("a failed command leaves no version", async () => {
  const { result } = start(sh("mkdir dist; echo x >dist/x; exit 1"), { outputs: { x: { path: "dist/x" } } });
  expect(await result).toMatchObject({ status: "failed", outputs: {}, outputsLocation: null });
  expect(existsSync(join(folders.store, "x"))).toBe(false);
});

test("runs that capture one path, by whatever name, never overlap", async () => {
  mkdirSync(join(cwd, "real"));
  symlinkSync(join(cwd, "real"), join(cwd, "link"));
  const first = start(rig.command("first"), { outputs: { x: { path: "real/x" } } });
  const child = await rig.child("first");
  const second = start(rig.command("second"), { outputs: { x: { path: "link/x" } } });
  const free = start(["true"], { outputs: {} });
  expect(await free.result).toMatchObject({ status: "success" });
  expect(second.started).toEqual([]);
  await child.tell({ do: "write", path: join(cwd, "real", "x"), text: "1" });
  await child.tell({ do: "exit", code: 0 });
  const other = await rig.child("second");
  expect(readFileSync((await first.result).outputs.x?.location ?? "", "utf8")).toBe("1");
  await other.tell({ do: "exit", code: 1 });
  expect(await second.result).toMatchObject({ status: "failed", exitCode: 1 });
});

test("a run that waits for a path can be stopped before it starts", async () => {
  start(rig.command("first"), { outputs: { x: { path: "x" } } });
  await rig.child("first");
  const second = start(["true"], { outputs: { x: { path: "x" } } });
  second.stop("interrupt");
  expect(await second.result).toMatchObject({ status: "failed", cancelled: true, exitCode: null });
  expect(second.started).toEqual([]);
});

test("an interrupt lets the command end by itself, as cancelled even if it calls that success", async () => {
  const { result, stop } = start(rig.command("child"), { outputs: { x: { path: null } } });
  const child = await rig.child("child");
  await child.tell({ do: "ignore", signal: "SIGINT" });
  const signal = child.nextSignal();
  stop("interrupt");
  expect(await signal).toBe("SIGINT");
  await child.tell({ do: "exit", code: 0 });
  expect(await result).toMatchObject({ status: "failed", cancelled: true, exitCode: 0, outputs: {} });
});

test("a kill does not ask", async () => {
  const { result, stop } = start(rig.command("child"));
  const child = await rig.child("child");
  await child.tell({ do: "ignore", signal: "SIGTERM" });
  stop("kill");
  const exception = { type: "CommandFailed", message: "stopped: SIGKILL" };
  expect(await result).toMatchObject({ status: "failed", cancelled: true, signal: "SIGKILL", exception });
});

const LEAVE = `
  const { CommandRunner } = await import(process.argv[1]);
  const { folders, run } = JSON.parse(process.argv[2]);
  const runner = new CommandRunner({ folders, environment: process.env });
  runner.start(run, { onStarted() {}, onSignal() {} });
  process.stdin.once("data", () => process.exit(0));`;

test("a process that leaves without closing its runner leaves no command behind", async () => {
  const run = makeRun({ task: commandTask(rig.command("child"), { cwd }) });
  const module = new URL("../../../src/runners/command/command-runner.ts", import.meta.url).href;
  const args = ["--input-type=module", "-e", LEAVE, module, JSON.stringify({ folders, run })];
  const leaver = spawn(process.execPath, args, { stdio: ["pipe", "inherit", "inherit"] });
  const child = await rig.child("child");
  leaver.stdin.write("leave");
  await child.gone;
});

test("a stop after the end changes nothing", async () => {
  const { result, stop } = start(["true"]);
  await result;
  stop("kill");
  expect(await result).toMatchObject({ status: "success", cancelled: false });
});

test("processes that a command leaves behind are ended before it counts as ended, and its log says so", async () => {
  const { result, started } = start(rig.command("leader"));
  const leader = await rig.child("leader");
  await leader.tell({ do: "spawn", name: "left" });
  const left = await rig.child("left");
  const identity = identifyProcess(left.pid);
  await leader.tell({ do: "exit", code: 0 });
  expect(await result).toMatchObject({ status: "success" });
  expect(isAlive(identity)).toBe(false);
  expect(readFileSync(started[0]?.log ?? "", "utf8")).toBe("[runweave] the command left 1 process behind, now ended\n");
});

test("close ends every process and refuses new runs", async () => {
  const { result } = start(rig.command("child"));
  const child = await rig.child("child");
  await child.tell({ do: "ignore", signal: "SIGINT" });
  await runner.close();
  await child.gone;
  expect(await result).toMatchObject({ status: "failed", cancelled: true, signal: "SIGKILL" });
  expect(await start(["true"]).result).toMatchObject({ status: "failed", cancelled: true });
});

test.each([
  ["a command that found its attempt claimed", '{"pid":99999}', "AlreadyClaimed"],
  ["a command that ends with the same code", "", "CommandFailed"],
])("%s is told apart", async (_, claim, type) => {
  const overwrite = 'if [ -n "$1" ]; then echo "$1" >"$(dirname "$RUNWEAVE_METRICS")/claim"; fi; exit 125';
  expect(await start(sh(overwrite, claim)).result).toMatchObject({
    status: "failed",
    exitCode: 125,
    exception: { type },
  });
});

test("an attempt is started once only", async () => {
  const run = makeRun({ task: commandTask(sh("echo >>ran"), { cwd }) });
  await runner.start(run, ignore).result;
  expect(await runner.start(run, ignore).result).toMatchObject({ status: "failed" });
  expect(readFileSync(join(cwd, "ran"), "utf8")).toBe("\n");
});

test.each<[string, string[], Partial<CommandTask>, string]>([
  ["a program that is not there", ["no-such-program"], {}, '"no-such-program" was not found on PATH'],
  ["a working folder that is not there", ["true"], { cwd: "/no/such/folder" }, "the working folder /no/such/folder"],
  ["an argument beyond the system's limit", ["true", "x".repeat(3_000_000)], {}, "too long for the system"],
  ["an unknown placeholder", ["true", `\${inputs.nope.path}`], {}, "the run has no such input"],
  ["a variable's name that no shell passes on", ["true"], { environment: { "a.b": "" } }, "is no name for an"],
])("%s is a failed result that says so", async (_, argv, parts, message) => {
  const { result, started } = start(argv, parts);
  const exception = { message: expect.stringContaining(message), traceback: null };
  expect(await result).toMatchObject({ status: "failed", cancelled: false, exitCode: null, exception });
  expect(started).toEqual([]);
});

test("a script whose interpreter is missing fails with a hint", async () => {
  writeFileSync(join(cwd, "script"), "#!/no/such/interpreter\n");
  chmodSync(join(cwd, "script"), 0o755);
  const message = expect.stringMatching(/^exit code 12[67] \(the command, or /);
  expect(await start(["./script"]).result).toMatchObject({ status: "failed", exception: { message } });
});

test("a shell script runs in a shell", async () => {
  const { result } = start(["echo one; echo two | tr a-z A-Z >", `\${outputs.x.path}`], {
    shell: true,
    outputs: { x: { path: null } },
  });
  expect(readFileSync((await result).outputs.x?.location ?? "", "utf8")).toBe("TWO\n");
});
