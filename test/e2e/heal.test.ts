import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { HealingProposal, HealingResult } from "../../src/core/answer/healing.ts";
import type { SessionRecord, SessionStatus } from "../../src/core/run.ts";
import type { BlastRadius } from "../../src/explain/blast-radius.ts";
import { type CliOptions, parseLines, runCli, runEvents, runJson } from "../rig/cli.ts";
import { formatRuns, readOutputs, showSession, writeCommands } from "../rig/resumable.ts";
import { shortId } from "../rig/short-id.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";

const shell = (script: string, ...words: string[]) => ["sh", "-c", script, "sh", ...words];
const read = (run: string, dataset = "o") => ({ run, dataset });
const make = (script: string, reads: Record<string, object> = {}) => ({
  command: shell(script, "${outputs.o.path}", ...Object.keys(reads).map((name) => `\${inputs.${name}.path}`)),
  consumes: reads,
  outputs: ["o"],
});

/** Numbers from a file, their sum, how many they are, a page of both, and something apart. */
const RUNS = {
  numbers: make('cat "$2" > "$1"', { raw: { file: "raw.txt" } }),
  sum: make('awk \'{ t += $1 } END { print t }\' "$2" > "$1"', { i: read("numbers") }),
  count: make('wc -l < "$2" > "$1"', { i: read("numbers") }),
  page: make('cat "$2" > "$1"', { a: read("sum") }),
  tally: make('cat "$2" > "$1"; echo >> done.txt', { a: read("count") }),
  apart: make('echo apart > "$1"'),
};

async function heal(args: string[], options: CliOptions) {
  const { exitCode, stdout, stderr } = await runCli(["heal", ...args, "--yes", "--json"], options);
  const lines = parseLines(stdout) as unknown as ({ type: string } & HealingResult)[];
  const result = lines.find((line) => line.type === "heal.finished");
  return { exitCode, stderr, lines, result };
}

const propose = (args: string[], options: CliOptions) => runJson<HealingProposal>(["heal", ...args], options);
const idOf = ({ runs }: SessionRecord, name: string) => String(runs.find(({ run }) => run === name)?.run_id);
const statusesOf = (result: HealingResult | undefined) => result?.sessions.map(({ status }) => status);
const due = ({ sessions }: HealingProposal) =>
  sessions.map(({ runs }) => runs.filter(({ action }) => action !== "link").map(({ run }) => run));

async function lastLine(args: string[], options: CliOptions): Promise<string> {
  const { stdout } = await runCli([...args, "--json"], options);
  return stdout.split("\n").findLast((line) => line !== "") ?? "";
}

describe("a file that was wrong, in a session that others took something of", () => {
  const folder = makeSuiteFolder();
  const options = { cwd: folder };
  let old: SessionRecord;
  let other: SessionRecord;

  beforeAll(async () => {
    writeFileSync(join(folder, "raw.txt"), "1\n2\n3\n");
    await runEvents(writeCommands(folder, RUNS, { name: "first" }), options);
    old = await showSession(options);
    await runCli(["alias", "set", "total", "o@sum"], options);
    await runCli(["alias", "set", "size", "o@count"], options);
    const consumes = { a: { alias: "total" }, b: { run_id: idOf(old, "count"), dataset: "o" } };
    const runs = { both: make('cat "$2" "$3" > "$1"', consumes), after: make('cat "$2" > "$1"', { i: read("both") }) };
    writeFileSync(join(folder, "other.json"), JSON.stringify({ name: "other", runs }));
    await runEvents("other.json", options);
    other = await showSession(options);
  });

  test("nothing that is tainted: nothing to heal", async () => {
    const { exitCode, stdout } = await runCli(["heal"], options);
    expect([exitCode, stdout]).toEqual([0, "nothing to heal\n"]);
  });

  test("what came of it again is refused: nothing is mended, and nothing is made of it", async () => {
    await runCli(["taint", `o@${idOf(old, "numbers")}`, "--reason", "2 is wrong"], options);
    const { exitCode, result } = await heal([], options);
    expect(exitCode).toBe(1);
    expect(statusesOf(result)).toEqual(["failed", "waiting"]);
    const failed = await showSession(options);
    expect(formatRuns(failed)).toMatchObject({ numbers: "failed 1", sum: "skipped 0", apart: "reused 1" });
    expect(failed.runs.find(({ run }) => run === "numbers")?.exception?.type).toBe("SameAgain");
    expect((await runJson<BlastRadius>(["taint"], options)).value.replaced).toEqual([]);
  });

  test("first comes the proposal: what is executed at most, in which sessions, at which cost, what stays", async () => {
    writeFileSync(join(folder, "raw.txt"), "1\n5\n3\n");
    const { exitCode, value } = await propose([], options);
    expect(exitCode).toBe(0);
    expect(value.sessions.map(({ session_id }) => session_id)).toEqual([old.session_id, other.session_id]);
    expect(due(value)).toEqual([
      expect.arrayContaining(["numbers", "sum", "count", "page", "tally"]),
      ["both", "after"],
    ]);
    expect(value.sessions[0]?.runs.find(({ run }) => run === "apart")).toMatchObject({ action: "link" });
    expect(value.sessions[0]?.warnings.map(({ code }) => code)).toContain("file-changed");
    const took = (name: string) => old.runs.find(({ run }) => run === name)?.duration_ms ?? 0;
    expect(value.sessions[0]?.least).toEqual({ runs: 1, sum_ms: took("numbers"), critical_path_ms: took("numbers") });
    const names = ["numbers", "sum", "count", "page", "tally"];
    expect(value.sessions[0]?.most.sum_ms).toBeCloseTo(names.reduce((all, name) => all + took(name), 0));
    expect(value.most.runs).toBe(7);
    expect(value.most.critical_path_ms).toBeLessThan(value.most.sum_ms);
    expect(value.aliases.map(({ alias }) => alias).sort()).toEqual(["size", "total"]);
    const text = await runCli(["heal"], options);
    expect([text.exitCode, text.stdout]).toEqual([0, expect.stringContaining("nothing was done: `--yes` does it")]);
    expect(text.stdout).toContain(`Session ${shortId(old.session_id)} of first: at most 5 runs, 1 reused`);
    // Nothing was: the newest session is the one that failed.
    expect((await showSession(options)).status).toBe("failed" satisfies SessionStatus);
  });

  test("then it is done: what comes out equal cuts off what is below it, over sessions and aliases", async () => {
    const { exitCode, result, stderr } = await heal([], options);
    expect([exitCode, stderr]).toEqual([0, ""]);
    expect(statusesOf(result)).toEqual(["healed", "healed"]);
    const [first, second] = await Promise.all(
      (result?.sessions ?? []).map(({ healed_by }) => showSession(options, String(healed_by))),
    );
    if (first === undefined || second === undefined) throw new Error("two sessions were to be healed");
    expect(formatRuns(first)).toEqual({
      ...{ numbers: "success 1", sum: "success 1", count: "success 1", page: "success 1" },
      ...{ tally: "reused 1", apart: "reused 1" },
    });
    expect(readOutputs(first)).toMatchObject({ "numbers.o": "1\n5\n3\n", "sum.o": "9\n", "page.o": "9\n" });
    expect(first.replay_of).toMatchObject({ session_id: old.session_id, heals: true });
    expect(readOutputs(second)).toMatchObject({ "both.o": expect.stringMatching(/^9\n *3\n$/) });
    // What came out equal is read as it was: the old version is good again.
    const both = second.runs.find(({ run }) => run === "both");
    expect(both?.load_versions).toMatchObject({ a: idOf(first, "sum"), b: idOf(old, "count") });
    expect(result?.confirmed).toEqual([{ dataset: "o", run_id: idOf(old, "count"), equal_to: idOf(first, "count") }]);
    expect(result?.replaced.map(({ replaced_by }) => replaced_by)).toEqual([
      ...["numbers", "sum", "page"].map((name) => idOf(first, name)),
      ...["both", "after"].map((name) => idOf(second, name)),
    ]);
    expect(result?.left).toEqual([]);
    expect((await runCli(["show", first.session_id], options)).stdout).toContain(`heals    ${shortId(old.session_id)}`);
  });

  test("afterwards it is told as healed, and there is nothing to heal", async () => {
    const { value } = await runJson<BlastRadius>(["taint"], options);
    const bad = value.runs.flatMap(({ run, bad }) => (bad.length > 0 ? [run] : []));
    expect(bad).toEqual(["numbers", "sum", "page", "both", "after"]);
    expect(value.replaced).toHaveLength(5);
    const told = (await runCli(["taint"], options)).stdout;
    expect(told).toContain("healed: all 5 versions are replaced");
    expect((await runCli(["heal"], options)).stdout).toContain("nothing to heal");
    const why = await runCli(["why", "a", idOf(other, "both")], options);
    expect(why.stdout).toMatch(/which is tainted: 2 is wrong; \S+ replaces it/);
    expect((await runCli(["lineage", idOf(old, "tally")], options)).stdout).not.toContain("o of count (");
  });

  test("an alias of what is replaced moves only if that is said; one of what came out equal is right as it is", async () => {
    expect(await lastLine(["plan", "other.json"], options)).toMatch(/version-tainted.*replaces it/);
    const { stdout } = await runCli(["heal"], options);
    expect(stdout).toContain(`total -> o@${shortId(idOf(old, "sum"))}`);
    expect(stdout).not.toContain("size ->");
    const { exitCode, result } = await heal(["--move-aliases"], options);
    expect([exitCode, result?.aliases]).toMatchObject([0, [{ alias: "total", from: idOf(old, "sum"), moved: true }]]);
    expect((await runCli(["alias", "list", "total"], options)).stdout).toContain(
      `o@${shortId(result?.aliases[0]?.to)}, since`,
    );
    expect((await runCli(["plan", "other.json"], options)).exitCode).toBe(0);
  });
});

describe("a version whose writer can't be executed again", () => {
  const folder = makeSuiteFolder();
  const options = { cwd: folder };
  const lost = join(folder, "lost");
  let old: SessionRecord;

  beforeAll(async () => {
    writeFileSync(join(folder, "make.sh"), 'echo bad > "$1"');
    const runs = {
      import: { ...make('sh ../make.sh "$1"; echo extra > "$2"'), cwd: "lost", outputs: ["o", "extra"] },
      reader: make('cat "$2" "$3" > "$1"', { i: read("import"), e: read("import", "extra") }),
      last: make('cat "$2" > "$1"', { i: read("reader") }),
    };
    runs.import.command.push("${outputs.extra.path}");
    mkdirSync(lost);
    await runEvents(writeCommands(folder, runs), options);
    old = await showSession(options);
    rmSync(lost, { recursive: true });
    const good = { ...make('echo good > "$1"'), outputs: ["o"] };
    const same = { ...make('echo bad > "$1"'), outputs: ["o"] };
    writeFileSync(join(folder, "good.json"), JSON.stringify({ name: "good", runs: { good, same } }));
    await runEvents("good.json", options);
    await runCli(["taint", `o@${idOf(old, "import")}`, "--reason", "it is bad"], options);
  });

  test("is refused, with its session, its run, and what to do", async () => {
    const { exitCode, value } = await propose([], options);
    expect(exitCode).toBe(1);
    expect(value.sessions).toEqual([]);
    expect(value.refused).toMatchObject([{ session_id: old.session_id, problems: [{ code: "run-gone" }] }]);
    const text = await runCli(["heal", "--yes"], options);
    expect(text.exitCode).toBe(1);
    expect(text.stdout).toContain(`import can't be executed again: the working folder ${lost} does not exist`);
    expect(text.stdout).toContain(`--with o@${shortId(idOf(old, "import"))}=RUN_ID`);
  });

  test.each<[string, (id: (run: string) => string) => string, string]>([
    ["no version", () => "o=x", "invalid-target"],
    ["no such run", (id) => `o@${id("import")}=nobody`, "unknown-run"],
    ["a version that is not bad", (id) => `extra@${id("import")}=good`, "not-tainted"],
    ["one that is bad itself", (id) => `o@${id("import")}=${id("reader")}`, "version-tainted"],
    ["one with the content that is tainted", (id) => `o@${id("import")}=same`, "same-content"],
  ])("--with %s: exit code 2, and the reason", async (_, text, code) => {
    const last = await lastLine(["heal", "--with", text((run) => idOf(old, run))], options);
    expect(JSON.parse(last)).toMatchObject({ type: "error", code });
  });

  test("data that a run is to read and that are gone are refused, and named", async () => {
    const location = old.runs.find(({ run }) => run === "import")?.outputs.extra?.location ?? "";
    renameSync(location, `${location}.away`);
    const { exitCode, value } = await propose(["--with", `o@${idOf(old, "import")}=good`], options);
    renameSync(`${location}.away`, location);
    const message = expect.stringContaining(`extra of import (${idOf(old, "import")})`);
    expect([exitCode, value.refused[0]?.problems]).toMatchObject([1, [{ code: "version-changed", message }]]);
  });

  test("another one is given: what is below it is executed on that, what else it saved is linked", async () => {
    const given = ["--with", `o@${idOf(old, "import")}=good`];
    expect(due((await propose(given, options)).value)).toEqual([["reader", "last"]]);
    const good = idOf(await showSession(options), "good");
    const { exitCode, result } = await heal(given, options);
    expect([exitCode, result?.left]).toEqual([0, []]);
    expect(result?.replaced[0]).toEqual({ dataset: "o", run_id: idOf(old, "import"), replaced_by: good });
    const healed = await showSession(options);
    expect(formatRuns(healed)).toEqual({ import: "reused 1", reader: "success 1", last: "success 1" });
    expect(readOutputs(healed)).toMatchObject({ "reader.o": "good\nextra\n", "last.o": "good\nextra\n" });
    const reader = healed.runs.find(({ run }) => run === "reader");
    expect(reader?.load_versions).toMatchObject({ i: good, e: idOf(old, "import") });
    expect((await runCli(["heal"], options)).stdout).toContain("nothing to heal");
    expect(await lastLine(["heal", ...given], options)).toContain('"code":"already-replaced"');
  });
});

describe("a healing that fails half-way", () => {
  const folder = makeSuiteFolder();
  const options = { cwd: folder };
  let old: SessionRecord;

  beforeAll(async () => {
    writeFileSync(join(folder, "raw.txt"), "1\n");
    const runs = {
      numbers: make('cat "$2" > "$1"', { raw: { file: "raw.txt" } }),
      sum: make('[ -e broken ] && exit 3; cat "$2" > "$1"', { i: read("numbers") }),
      page: make('cat "$2" > "$1"', { i: read("sum") }),
      send: { command: shell('cat "$1" >> sent.txt', "${inputs.i.path}"), consumes: { i: read("page") } },
    };
    await runEvents(writeCommands(folder, runs), options);
    old = await showSession(options);
    await runCli(["taint", "o@numbers", "--reason", "one too few"], options);
    writeFileSync(join(folder, "raw.txt"), "2\n");
    writeFileSync(join(folder, "broken"), "");
  });

  test("keeps what it has healed", async () => {
    const { exitCode, result } = await heal([], options);
    expect([exitCode, statusesOf(result)]).toEqual([1, ["failed"]]);
    expect(result?.replaced.map(({ run_id }) => run_id)).toEqual([idOf(old, "numbers")]);
    expect(result?.left.map(({ run }) => run)).toEqual(["sum", "page", "send"]);
    expect((await runCli(["taint"], options)).stdout).toContain("healed in part: 1 of 3 versions are replaced");
  });

  test("goes on with the rest: what is healed is linked", async () => {
    rmSync(join(folder, "broken"));
    const { value } = await propose([old.session_id], options);
    expect(due(value)).toEqual([["sum", "page", "send"]]);
    const { exitCode, result } = await heal([], options);
    expect([exitCode, result?.left]).toEqual([0, []]);
    const healed = await showSession(options);
    expect(formatRuns(healed)).toEqual({ numbers: "reused 1", sum: "success 1", page: "success 1", send: "success 1" });
    expect(readOutputs(healed)).toMatchObject({ "page.o": "2\n" });
    expect((await runCli(["heal"], options)).stdout).toContain("nothing to heal");
    expect(existsSync(join(folder, "sent.txt"))).toBe(true);
  });
});
