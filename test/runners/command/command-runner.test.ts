import { chmodSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import type { CommandTask } from "../../../src/core/port/runner.ts";
import { readClaim } from "../../../src/processes/claim.ts";
import { openSeals } from "../../../src/runners/attempt-seals.ts";
import { hashPath } from "../../../src/versions/hash.ts";
import { readJson } from "../../rig/read-json.ts";
import { commandTask, makeRun, type RigInput } from "../../rig/resolved-run.ts";
import { type CommandBench, ignore, makeBench, sh } from "./command-bench.ts";

let bench: CommandBench;
beforeEach(() => {
  bench = makeBench();
});

function input(location: string): RigInput {
  const version = { version: "v", location, bytes: 1, hash: null, entry: null, plain_location: null };
  return { from_run: "up", from_dataset: "d", as: "upstream", version };
}

test("a command that ends with 0 has succeeded, and its records say so", async () => {
  const { result, run, started, folder } = bench.start(sh("echo out; echo err >&2"));
  expect(await result).toMatchObject({ status: "success", exitCode: 0, signal: null, exception: null, outputs: {} });
  const [{ pid, log } = { pid: 0, log: "" }] = started;
  expect(readFileSync(log, "utf8")).toBe("out\nerr\n");
  expect(readClaim(folder)?.owner?.pid).toBe(pid);
  expect(readJson(folder, "spec.json")).toMatchObject({ run_id: run.run_id, cwd: bench.cwd, attempt: 1 });
  const seal = openSeals(bench.folders)(run.run_id, "exit");
  expect(readJson(folder, "exit")).toEqual({ exit_code: 0, seal });
  expect(existsSync(join(folder, "manifest"))).toBe(false);
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
  const { result, folder } = bench.start(argv, { values, outputs });
  const { outputs: saved } = await result;
  const lines = readFileSync(saved.out?.location ?? "", "utf8").split("\n");
  expect(lines.slice(0, 3).map((line) => JSON.parse(line))).toEqual([{ deep: [0.5, null, "ü"] }, 1, "other"]);
  const paths = Object.values(JSON.parse(lines[3] ?? "") as Record<string, string>);
  expect(new Set(paths.map(dirname))).toEqual(new Set([folder]));
  for (const path of paths) expect(statSync(path).mode & 0o777).toBe(0o600);
});

test("a version that is not what its run saved any more is never consumed", async () => {
  const path = join(bench.cwd, "table.csv");
  writeFileSync(path, "saved");
  const { bytes, hash } = await hashPath({ path });
  const version = { version: "v1", location: path, bytes, hash, entry: null, plain_location: null };
  const inputs = { table: { from_run: "prep", from_dataset: "table", as: "upstream", version } } as const;
  expect(await bench.start(sh("true"), { inputs }).result).toMatchObject({ status: "success" });
  writeFileSync(path, "spoil");
  const message = expect.stringMatching(
    /^'table' was sha256:\w+ \(5 bytes\) when prep saved it, and .*table\.csv is sha256:/,
  );
  const spoilt = bench.start(sh("true"), { inputs });
  expect(await spoilt.result).toMatchObject({ status: "failed", exception: { type: "InputChanged", message } });
  expect(existsSync(join(spoilt.folder, "claim"))).toBe(false);
  rmSync(path);
  const gone = await bench.start(sh("true"), { inputs }).result;
  expect(gone.exception?.message).toMatch(/is gone$/);
});

test("a file that changed since the plan was made keeps the command from starting", async () => {
  const path = join(bench.cwd, "raw.csv");
  writeFileSync(path, "planned");
  const { bytes, hash } = await hashPath({ path });
  const version = { version: "file-1", location: path, bytes, hash, entry: null, plain_location: null };
  const part = {
    rule: "file",
    source: "the file raw.csv",
    reason: "given",
    from_run: null,
    from_dataset: path,
  } as const;
  const inputs = { raw: { ...part, as: "downstream", version, frozen: { modifiedMs: 1 } } as const };
  expect(await bench.start(sh("true"), { inputs }).result).toMatchObject({ status: "success" });
  writeFileSync(path, "changed");
  const now = await hashPath({ path });
  const { result, started } = bench.start(sh("true"), { inputs });
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
  const { result, folder } = bench.start(sh("for i in $(seq 30); do echo $i; done; printf '\\033[31mred'; exit 3"));
  const exception = { type: "CommandFailed", message: "exit code 3", node: null, cause: null };
  expect(await result).toMatchObject({ status: "failed", exitCode: 3, cancelled: false, outputs: {}, exception });
  expect((await result).exception?.traceback).toMatch(/^12\n13\n(\d+\n)+30\nred$/);
  expect(readJson(folder, "manifest")).toMatchObject({ status: "failed", exception });
});

test("a command that was killed from outside is suspected to have taken too much memory", async () => {
  const { result } = bench.start(sh("kill -KILL $$"));
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
  const { result, run, folder } = bench.start(bench.rig.command("child", `\${outputs.made.path}`), {
    ...own,
    inputs: { in: input("/store/in") },
  });
  const child = await bench.rig.child("child");
  const environment = (await child.tell({ do: "environment" })) as Record<string, string>;
  const [made = ""] = child.args;
  expect(environment).toMatchObject({
    RUNWEAVE_RUN_ID: run.run_id,
    RUNWEAVE_ANCESTORS: run.run_id,
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

test.each([
  ["a command that found its attempt claimed", '{"pid":99999}', "AlreadyClaimed"],
  ["a command that ends with the same code", "", "CommandFailed"],
])("%s is told apart", async (_, claim, type) => {
  const overwrite = 'if [ -n "$1" ]; then echo "$1" >"$(dirname "$RUNWEAVE_METRICS")/claim"; fi; exit 125';
  expect(await bench.start(sh(overwrite, claim)).result).toMatchObject({
    status: "failed",
    exitCode: 125,
    exception: { type },
  });
});

test("an attempt is started once only", async () => {
  const run = makeRun({ task: commandTask(sh("echo >>ran"), { cwd: bench.cwd }) });
  await bench.runner.start(run, ignore).result;
  expect(await bench.runner.start(run, ignore).result).toMatchObject({ status: "failed" });
  expect(readFileSync(join(bench.cwd, "ran"), "utf8")).toBe("\n");
});

test.each<[string, string[], Partial<CommandTask>, string]>([
  ["a program that is not there", ["no-such-program"], {}, '"no-such-program" was not found on PATH'],
  ["a working folder that is not there", ["true"], { cwd: "/no/such/folder" }, "the working folder /no/such/folder"],
  ["an argument beyond the system's limit", ["true", "x".repeat(3_000_000)], {}, "too long for the system"],
  ["an unknown placeholder", ["true", `\${inputs.nope.path}`], {}, "the run has no such input"],
  ["a variable's name that no shell passes on", ["true"], { environment: { "a.b": "" } }, "can't be the name of an"],
])("%s is a failed result that says so", async (_, argv, parts, message) => {
  const { result, started } = bench.start(argv, parts);
  const exception = { message: expect.stringContaining(message), traceback: null };
  expect(await result).toMatchObject({ status: "failed", cancelled: false, exitCode: null, exception });
  expect(started).toEqual([]);
});

test("a script whose interpreter is missing fails with a hint", async () => {
  writeFileSync(join(bench.cwd, "script"), "#!/no/such/interpreter\n");
  chmodSync(join(bench.cwd, "script"), 0o755);
  const message = expect.stringMatching(/^exit code 12[67] \(the command, or /);
  expect(await bench.start(["./script"]).result).toMatchObject({ status: "failed", exception: { message } });
});

test("a shell script runs in a shell", async () => {
  const { result } = bench.start(["echo one; echo two | tr a-z A-Z >", `\${outputs.x.path}`], {
    shell: true,
    outputs: { x: { path: null } },
  });
  expect(readFileSync((await result).outputs.x?.location ?? "", "utf8")).toBe("TWO\n");
});
