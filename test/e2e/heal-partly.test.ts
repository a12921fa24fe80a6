import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { HealingProposal, HealingResult } from "../../src/core/answer/healing.ts";
import type { SessionRecord } from "../../src/core/run.ts";
import { parseLines, runCli, runEvents, runJson } from "../rig/cli.ts";
import { formatRuns, readOutputs, showSession, writeCommands } from "../rig/resumable.ts";
import { shortId } from "../rig/short-id.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";

const read = (run: string, dataset = "o") => ({ run, dataset });
const make = (script: string, reads: Record<string, object> = {}) => ({
  command: [
    "sh",
    "-c",
    script,
    "sh",
    "${outputs.o.path}",
    ...Object.keys(reads).map((name) => `\${inputs.${name}.path}`),
  ],
  consumes: reads,
  outputs: ["o"],
});
const idOf = ({ runs }: SessionRecord, name: string) => String(runs.find(({ run }) => run === name)?.run_id);

describe("a session of which one run can't be executed any more, and others can", () => {
  const folder = makeSuiteFolder();
  const options = { cwd: folder };
  const lost = join(folder, "lost");
  let old: SessionRecord;
  let other: SessionRecord;

  beforeAll(async () => {
    writeFileSync(join(folder, "raw.txt"), "1\n");
    const gone = make('echo bad > "$1"; echo extra > "$2"');
    gone.command.push("${outputs.extra.path}");
    const runs = {
      gone: { ...gone, cwd: "lost", outputs: ["o", "extra"] },
      numbers: make('cat "$2" > "$1"', { raw: { file: "raw.txt" } }),
      sum: { ...make('cat "$2" > "$1"', { i: read("numbers") }), needs: ["gone"] },
      mixed: make('cat "$2" "$3" > "$1"', { a: read("gone"), b: read("sum") }),
      side: make('cat "$2" "$3" > "$1"', { a: read("gone", "extra"), b: read("sum") }),
      last: make('cat "$2" > "$1"', { i: read("mixed") }),
    };
    mkdirSync(lost);
    await runEvents(writeCommands(folder, runs, { name: "first" }), options);
    old = await showSession(options);
    const consumes = (run: string) => ({ i: { run_id: idOf(old, run), dataset: "o" } });
    const others = { fine: make('cat "$2" > "$1"', consumes("side")), not: make('cat "$2" > "$1"', consumes("last")) };
    writeFileSync(join(folder, "other.json"), JSON.stringify({ name: "other", runs: others }));
    await runEvents("other.json", options);
    other = await showSession(options);
    rmSync(lost, { recursive: true });
    await runCli(["taint", `o@${idOf(old, "gone")}`, "--reason", "it is bad"], options);
    await runCli(["taint", `o@${idOf(old, "numbers")}`, "--reason", "1 is wrong"], options);
    writeFileSync(join(folder, "raw.txt"), "2\n");
  });

  test("the proposal has what can be healed, and of each other run why not and what to do", async () => {
    const { exitCode, value } = await runJson<HealingProposal>(["heal"], options);
    expect(exitCode).toBe(1);
    expect(value.refused).toEqual([]);
    const due = value.sessions.map(({ runs }) => runs.filter(({ action }) => action !== "link").map(({ run }) => run));
    expect(due).toEqual([["numbers", "sum", "side"], ["fine"]]);
    const told = value.sessions.map(({ unhealed }) =>
      unhealed.map(({ run, problems }) => [run, ...problems.map(({ code }) => code)]),
    );
    expect(told).toEqual([
      [
        ["gone", "run-gone"],
        ["mixed", "upstream-not-healed"],
        ["last", "upstream-not-healed"],
      ],
      [["not", "not-healed"]],
    ]);
    const { exitCode: code, stdout } = await runCli(["heal", "--dry-run"], options);
    expect(code).toBe(1);
    expect(stdout).toContain(`gone can't be executed again: the working folder ${lost} does not exist`);
    expect(stdout).toContain(`--with o@${shortId(idOf(old, "gone"))}=RUN_ID`);
    expect(stdout).toContain("3 runs stay bad: gone, mixed, last");
    expect(stdout).toContain("because they read from these: mixed, last");
  });

  test("that is what is done; what stays bad is named, with its reason, and makes the exit code 1", async () => {
    const { exitCode, stdout, stderr } = await runCli(["heal", "--yes", "--json"], options);
    expect([exitCode, stderr]).toEqual([1, ""]);
    const lines = parseLines(stdout) as unknown as ({ type: string } & HealingResult)[];
    const result = lines.find((line) => line.type === "heal.finished");
    expect(result?.sessions).toMatchObject([
      { session_id: old.session_id, status: "partial", unhealed: [{ run: "gone" }, { run: "mixed" }, { run: "last" }] },
      {
        session_id: other.session_id,
        status: "partial",
        unhealed: [{ run: "not", problems: [{ code: "not-healed" }] }],
      },
    ]);
    expect(result?.left.map(({ run }) => run)).toEqual(["gone", "mixed", "last", "not"]);
    const healed = await showSession(options, String(result?.sessions[0]?.healed_by));
    expect(formatRuns(healed)).toEqual({
      ...{ numbers: "success 1", sum: "success 1", side: "success 1" },
      ...{ gone: "reused 1", mixed: "reused 1", last: "reused 1" },
    });
    expect(readOutputs(healed)).toMatchObject({ "side.o": "extra\n2\n" });
    const second = await showSession(options, String(result?.sessions[1]?.healed_by));
    expect(readOutputs(second)).toMatchObject({ "fine.o": "extra\n2\n" });
  });

  test("nothing is left that could be healed: exit code 1, and the same reasons, until it is put back", async () => {
    const again = await runCli(["heal", "--yes"], options);
    expect(again.exitCode).toBe(1);
    expect(again.stdout).toContain("gone can't be executed again");
    expect(existsSync(lost)).toBe(false);
    mkdirSync(lost);
    writeFileSync(
      join(folder, "good.json"),
      JSON.stringify({ name: "good", runs: { good: make('echo good > "$1"') } }),
    );
    await runEvents("good.json", options);
    const { exitCode, stdout } = await runCli(["heal", "--yes", "--with", `o@${idOf(old, "gone")}=good`], options);
    expect([exitCode, stdout]).toEqual([0, expect.not.stringContaining("still bad")]);
    expect((await runCli(["heal"], options)).stdout).toContain("nothing to heal");
  });
});

test("a run that had failed on what was bad, and can't be executed any more, keeps nothing else from being healed", async () => {
  const folder = makeSuiteFolder();
  const options = { cwd: folder };
  writeFileSync(join(folder, "raw.txt"), "1\n");
  mkdirSync(join(folder, "lost"));
  const runs = {
    numbers: make('cat "$2" > "$1"', { raw: { file: "raw.txt" } }),
    broken: { ...make("exit 3", { i: read("numbers") }), cwd: "lost" },
    sum: make('cat "$2" > "$1"', { i: read("numbers") }),
  };
  await runEvents(writeCommands(folder, runs, { on_failure: "continue" }), options);
  rmSync(join(folder, "lost"), { recursive: true });
  await runCli(["taint", "o@numbers", "--reason", "1 is wrong"], options);
  writeFileSync(join(folder, "raw.txt"), "2\n");
  const { exitCode, stdout } = await runCli(["heal", "--yes"], options);
  expect(stdout).toContain("broken can't be executed again");
  expect(exitCode).toBe(1);
  expect(readOutputs(await showSession(options))).toEqual({ "numbers.o": "2\n", "sum.o": "2\n" });
});
