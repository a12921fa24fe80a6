import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { HealingProposal, HealingResult } from "../../src/core/answer/healing.ts";
import type { SessionRecord } from "../../src/core/run.ts";
import { type CliOptions, parseLines, runCli, runEvents, runJson } from "../rig/cli.ts";
import { formatRuns, readOutputs, showSession, writeCommands } from "../rig/resumable.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";

const shell = (script: string, reads: Record<string, object> = {}) => ({
  command: [
    "sh",
    "-c",
    script,
    "sh",
    ...Object.keys(reads).map((name) => `\${inputs.${name}.path}`),
    "${outputs.o.path}",
  ],
  consumes: reads,
  outputs: ["o"],
});
const from = (run: string) => ({ i: { run, dataset: "o" } });
const idOf = ({ runs }: SessionRecord, name: string) => String(runs.find(({ run }) => run === name)?.run_id);

async function heal(options: CliOptions, ...args: string[]) {
  const { exitCode, stdout } = await runCli(["heal", "--yes", "--json", ...args], options);
  return { exitCode, result: parseLines(stdout).at(-1) as unknown as HealingResult };
}

test("a session that took results of another one over: those are made again once, and its own on them", async () => {
  const folder = makeTemporaryFolder();
  const options = { cwd: folder };
  writeFileSync(join(folder, "raw.txt"), "1\n");
  const runs = (last: string) => ({
    first: shell('cat "$1" > "$2"', { i: { file: "raw.txt" } }),
    second: shell('cat "$1" > "$2"', from("first")),
    third: shell(last, from("second")),
  });
  const header = { name: "flow", defaults: { cache: "on" } };
  await runEvents(writeCommands(folder, runs('wc -l < "$1" > "$2"'), header), options);
  const one = await showSession(options);
  await runEvents(writeCommands(folder, runs('cat "$1" "$1" > "$2"'), header), options);
  const two = await showSession(options);
  expect(formatRuns(two)).toEqual({ first: "reused 1", second: "reused 1", third: "success 1" });
  await runCli(["taint", `o@${idOf(one, "first")}`, "--reason", "x"], options);
  writeFileSync(join(folder, "raw.txt"), "2\n");
  const { value } = await runJson<HealingProposal>(["heal"], options);
  const due = value.sessions.map(({ runs }) => runs.flatMap(({ run, action }) => (action === "link" ? [] : [run])));
  expect(due).toEqual([["first", "second", "third"], ["third"]]);
  const { exitCode, result } = await heal(options, two.session_id);
  expect([exitCode, result.left]).toEqual([0, []]);
  const [healedOne, healedTwo] = await Promise.all(
    result.sessions.map(({ healed_by }) => showSession(options, String(healed_by))),
  );
  if (healedOne === undefined || healedTwo === undefined) throw new Error("both sessions were to be healed");
  expect(formatRuns(healedTwo)).toEqual({ first: "reused 1", second: "reused 1", third: "success 1" });
  expect(idOf(healedTwo, "second")).toBe(idOf(healedOne, "second"));
  expect(readOutputs(healedTwo)).toMatchObject({ "second.o": "2\n", "third.o": "2\n2\n" });
  // The next session of the workflow takes what was healed.
  await runEvents("workflow.json", options);
  const next = await showSession(options);
  expect(formatRuns(next)).toEqual({ first: "reused 1", second: "reused 1", third: "reused 1" });
  expect(idOf(next, "third")).toBe(idOf(healedTwo, "third"));
});

test("what had failed on what was bad is executed; what had failed for itself is no part of it", async () => {
  const folder = makeTemporaryFolder();
  const options = { cwd: folder };
  writeFileSync(join(folder, "raw.txt"), "bad\n");
  const runs = {
    first: shell('cat "$1" > "$2"', { i: { file: "raw.txt" } }),
    second: shell('grep -q good "$1" && cat "$1" > "$2"', from("first")),
    third: shell('cat "$1" > "$2"', from("second")),
    apart: shell("echo >> apart.txt; exit 3"),
  };
  await runEvents(writeCommands(folder, runs, { on_failure: "continue" }), options);
  await runCli(["taint", "o@first", "--reason", "x"], options);
  writeFileSync(join(folder, "raw.txt"), "good\n");
  expect((await heal(options)).exitCode).toBe(0);
  const healed = await showSession(options);
  expect(formatRuns(healed)).toEqual({ first: "success 1", second: "success 1", third: "success 1" });
  expect(readFileSync(join(folder, "apart.txt"), "utf8")).toBe("\n");
});

test("a scope: only what comes of one version is healed, what is bad for another reason stays", async () => {
  const folder = makeTemporaryFolder();
  const options = { cwd: folder };
  for (const name of ["a", "b"]) writeFileSync(join(folder, `${name}.txt`), "1\n");
  const runs = {
    a: shell('cat "$1" > "$2"', { i: { file: "a.txt" } }),
    b: shell('cat "$1" > "$2"', { i: { file: "b.txt" } }),
    ofA: shell('cat "$1" > "$2"', from("a")),
    ofB: shell('cat "$1" > "$2"', from("b")),
  };
  await runEvents(writeCommands(folder, runs), options);
  const old = await showSession(options);
  for (const name of ["a", "b"]) {
    await runCli(["taint", `o@${name}`, "--reason", "x"], options);
    writeFileSync(join(folder, `${name}.txt`), "2\n");
  }
  const { exitCode, result } = await heal(options, `o@${idOf(old, "a")}`);
  expect([exitCode, result.replaced.map(({ run_id }) => run_id)]).toEqual([0, [idOf(old, "a"), idOf(old, "ofA")]]);
  expect(formatRuns(await showSession(options))).toMatchObject({
    a: "success 1",
    ofA: "success 1",
    b: "reused 1",
    ofB: "reused 1",
  });
  const rest = await heal(options);
  expect([rest.exitCode, rest.result.replaced.map(({ run_id }) => run_id)]).toEqual([
    0,
    [idOf(old, "b"), idOf(old, "ofB")],
  ]);
});

test("what was rolled back is not done again: another version can be given", async () => {
  const folder = makeTemporaryFolder();
  const options = { cwd: folder };
  const runs = { first: shell('echo 1 > "$1"'), second: shell('cat "$1" > "$2"', from("first")) };
  await runEvents(writeCommands(folder, runs), options);
  const old = await showSession(options);
  expect((await runCli(["rollback", "latest"], options)).exitCode).toBe(0);
  await runCli(["taint", `o@${idOf(old, "first")}`, "--reason", "x"], options);
  const { exitCode, value } = await runJson<HealingProposal>(["heal"], options);
  expect([exitCode, value.refused[0]?.problems]).toMatchObject([1, [{ code: "session-rolled-back" }]]);
});

describe("what is collected of the data that a run is to read", () => {
  /** `first` is tainted, and what `apart` saved is in the trash: `both` reads the two. */
  async function collect() {
    const folder = makeTemporaryFolder();
    const options = { cwd: folder };
    writeFileSync(join(folder, "raw.txt"), "1\n");
    const runs = {
      first: shell('cat "$1" > "$2"', { i: { file: "raw.txt" } }),
      apart: shell('echo apart > "$1"'),
      both: shell('cat "$1" "$2" > "$3"', { a: { run: "first", dataset: "o" }, b: { run: "apart", dataset: "o" } }),
    };
    await runEvents(writeCommands(folder, runs), options);
    const old = await showSession(options);
    await runCli(["taint", "o@first", "--reason", "x"], options);
    writeFileSync(join(folder, "raw.txt"), "2\n");
    expect((await runCli(["gc", "--older-than", "0s", "--yes"], options)).exitCode).toBe(0);
    return { options, apart: idOf(old, "apart") };
  }

  test("comes back from the trash, as the proposal says, and all is healed by one call", async () => {
    const { options, apart } = await collect();
    const { exitCode, value } = await runJson<HealingProposal>(["heal"], options);
    const restores = [{ run: "apart", run_id: apart, entry: `gc-${apart}` }];
    expect([exitCode, value.sessions[0]]).toMatchObject([0, { restores, unhealed: [] }]);
    expect((await runCli(["heal"], options)).stdout).toContain("it comes back from the trash");
    expect((await heal(options)).exitCode).toBe(0);
    expect(readOutputs(await showSession(options))).toMatchObject({ "both.o": "2\napart\n", "apart.o": "apart\n" });
    expect((await runJson<HealingProposal>(["heal"], options)).value).toMatchObject({ sessions: [], refused: [] });
  });

  test("is refused once the trash was emptied", async () => {
    const { options } = await collect();
    expect((await runCli(["trash", "empty", "--yes"], options)).exitCode).toBe(0);
    const { exitCode, value } = await runJson<HealingProposal>(["heal"], options);
    const [problem] = value.sessions[0]?.unhealed[0]?.problems ?? [];
    expect([exitCode, problem]).toMatchObject([1, { code: "version-collected" }]);
  });
});

test.each<[string, string[], string]>([
  ["a version that is not bad", ["o@apart"], "not-tainted"],
  ["no such session", ["2020"], "unknown-session"],
  ["no such version", ["p@apart"], "missing-output"],
])("%s: exit code 2, and the reason", async (_, args, code) => {
  const folder = makeTemporaryFolder();
  await runEvents(writeCommands(folder, { apart: shell('echo > "$1"') }), { cwd: folder });
  const { exitCode, stdout } = await runCli(["heal", ...args, "--json"], { cwd: folder });
  expect([exitCode, JSON.parse(stdout)]).toMatchObject([2, { type: "error", code }]);
});
