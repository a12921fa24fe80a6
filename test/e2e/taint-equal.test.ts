import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { HealingProposal } from "../../src/core/answer/healing.ts";
import type { SessionRecord } from "../../src/core/run.ts";
import type { BlastRadius } from "../../src/explain/blast-radius.ts";
import { runCli, runEvents, runJson, runList } from "../rig/cli.ts";
import { formatRuns, showSession, writeCommands } from "../rig/resumable.ts";
import { shortId } from "../rig/short-id.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";
import { findTestPython } from "../rig/test-python.ts";
import { writeToyProject } from "../rig/toy-project.ts";

const resumed = makeSuiteFolder();
const shell = (script: string, ...words: string[]) => ["sh", "-c", script, "sh", ...words];
const RUNS = {
  make: { command: shell('cat raw.txt > "$1"', "${outputs.o.path}"), outputs: ["o"] },
  use: {
    command: shell('cat "$1" > "$2"', "${inputs.i.path}", "${outputs.o.path}"),
    consumes: { i: { run: "make", dataset: "o" } },
    outputs: ["o"],
  },
};
const idOf = ({ runs }: SessionRecord, name: string) => String(runs.find(({ run }) => run === name)?.run_id);
const warningsOf = ({ runs }: SessionRecord) =>
  Object.fromEntries(runs.map(({ run, warnings }) => [run, warnings.map(({ code }) => code)]));

describe("a version that another session has saved too, with equal bytes", () => {
  const folder = makeSuiteFolder();
  const options = { cwd: folder };
  let one: SessionRecord;
  let two: SessionRecord;
  let three: SessionRecord;
  let file: string;

  beforeAll(async () => {
    writeFileSync(join(folder, "raw.txt"), "1\n");
    file = writeCommands(folder, RUNS, { defaults: { cache: "on" } });
    await runEvents(file, options);
    one = await showSession(options);
    await runEvents(file, { ...options, args: ["--fresh"] });
    two = await showSession(options);
  });

  test("the taint reaches both, and says so before and after it is said", async () => {
    const target = ["taint", `o@${idOf(two, "make")}`, "--reason", "wrong units"];
    const dry = await runCli([...target, "--dry-run"], options);
    const told = `1 other version has the same content and counts as tainted too: o@${shortId(idOf(one, "make"))}`;
    expect(dry.stdout).toContain(told);
    const alone = await runJson<BlastRadius>([...target, "--dry-run", "--only-this"], options);
    expect([alone.value.equal, alone.value.runs.map(({ run_id }) => run_id)]).toEqual([
      [],
      [idOf(two, "make"), idOf(two, "use")],
    ]);
    const { value } = await runJson<BlastRadius>(target, options);
    expect(value.equal).toEqual([{ dataset: "o", run_id: idOf(one, "make"), equal_to: idOf(two, "make") }]);
    expect((await runCli(["taint"], options)).stdout).toContain(told);
  });

  test("a run does not take the other one; it makes it again, succeeds, and warns, and so do those that read it", async () => {
    const { exitCode, stdout, stderr } = await runCli(["run", file], options);
    three = await showSession(options);
    expect([exitCode, formatRuns(three)]).toEqual([0, { make: "success 1", use: "success 1" }]);
    expect(warningsOf(three)).toEqual({ make: ["tainted-again"], use: ["tainted-input"] });
    expect(stdout).toContain(
      `make  is executed: ${shortId(idOf(two, "make"))} could be reused, but o@${shortId(idOf(two, "make"))} is tainted`,
    );
    expect(stderr).toContain("warning[tainted-again]: make: o has the content of");
    expect(stderr).toContain(`runweave taint --clear o@${shortId(idOf(two, "make"))}`);
  });

  test("why, lineage, show, verify and alias say the same of it", async () => {
    const cause = `has the content of o@${idOf(two, "make")}, which is tainted: wrong units`;
    const shown = cause.replace(idOf(two, "make"), shortId(idOf(two, "make")));
    const why = await runJson<{ chain: { tainted?: string }[] }>(["why", "i", idOf(three, "use")], options);
    expect(why.value.chain[0]?.tainted).toBe(cause);
    expect((await runCli(["lineage", idOf(three, "use")], options)).stdout).toContain(`(${shown})`);
    const session = await runCli(["show", three.session_id], options);
    expect(session.stdout).toContain(`o ${shown}`);
    expect(session.stdout).toContain(`o was made of o@${shortId(idOf(three, "make"))}, which has the content of`);
    const verified = await runCli(["verify", three.session_id], options);
    expect([verified.exitCode, verified.stdout]).toEqual([
      0,
      expect.stringContaining(`tainted  o@${shortId(idOf(three, "make"))} ${shown}`),
    ]);
    expect((await runCli(["alias", "set", "best", `o@${idOf(three, "make")}`], options)).exitCode).toBe(2);
  });

  test("heal proposes to make all three again", async () => {
    const { value } = await runJson<HealingProposal>(["heal"], options);
    expect(value.sessions.map(({ session_id }) => session_id)).toEqual([
      one.session_id,
      two.session_id,
      three.session_id,
    ]);
    expect(value.taints).toEqual([{ dataset: "o", run_id: idOf(two, "make"), reason: "wrong units" }]);
  });

  test("an equal version can't be cleared by itself; the answer names the one that is tainted", async () => {
    const { exitCode, stdout } = await runCli(["taint", "--clear", `o@${idOf(one, "make")}`, "--json"], options);
    const hint = `runweave taint --clear o@${idOf(two, "make")}`;
    expect([exitCode, JSON.parse(stdout)]).toMatchObject([2, { code: "not-tainted", hint }]);
  });

  test("once it is cleared by its name, everything is reused again", async () => {
    const { exitCode, stdout } = await runCli(["taint", "--clear", "o@make"], options);
    expect([exitCode, stdout]).toEqual([0, `o@${shortId(idOf(two, "make"))} is not tainted any more\n`]);
    await runEvents(file, options);
    expect(formatRuns(await showSession(options))).toEqual({ make: "reused 1", use: "reused 1" });
  });

  test("a taint of one version alone lets the others be taken", async () => {
    await runCli(["taint", `o@${idOf(three, "make")}`, "--reason", "cut off", "--only-this"], options);
    await runEvents(file, options);
    const taken = await showSession(options);
    expect([formatRuns(taken).make, idOf(taken, "make")]).toEqual(["reused 1", idOf(two, "make")]);
    await runCli(["taint", "--clear", `o@${idOf(three, "make")}`], options);
  });
});

describe("a healing that makes what is tainted again", () => {
  const folder = makeSuiteFolder();
  const options = { cwd: folder };
  let old: SessionRecord;
  let failed: SessionRecord;
  let output: string;

  beforeAll(async () => {
    writeFileSync(join(folder, "raw.txt"), "1\n");
    await runEvents(writeCommands(folder, RUNS), options);
    old = await showSession(options);
    await runCli(["taint", "o@make", "--reason", "wrong units"], options);
    const healed = await runCli(["heal", "--yes"], options);
    failed = await showSession(options);
    output = healed.stdout;
  });

  test("says what to do by run_id, and does not offer a run that would succeed with the same bytes", async () => {
    const bad = `o@${shortId(idOf(old, "make"))}`;
    expect(output).toContain(`o has the same content as ${bad}, which is tainted: wrong units`);
    expect(output).toContain(`runweave heal --with ${bad}=RUN_ID`);
    expect(output).toContain(`runweave taint --clear ${bad}`);
    expect(output).not.toContain("--only");
    const { value } = await runList<{ reproduce: string }>(["errors", failed.session_id], options);
    expect(value.map(({ reproduce }) => reproduce)).toEqual([`runweave heal ${old.session_id}`]);
  });

  test("the command that it offers heals, once the cause is mended", async () => {
    writeFileSync(join(folder, "raw.txt"), "2\n");
    expect((await runCli(["heal", old.session_id, "--yes"], options)).exitCode).toBe(0);
    expect((await runCli(["heal"], options)).stdout).toContain("nothing to heal");
  });

  test("the name clears the version that is tainted, though the newest run of that name is another one", async () => {
    const { exitCode, stdout } = await runCli(["taint", "--clear", "o@make"], options);
    expect([exitCode, stdout]).toEqual([0, `o@${shortId(idOf(old, "make"))} is not tainted any more\n`]);
  });
});

test("what a project's session makes again of what is tainted is not published, and the session fails", async () => {
  const folder = makeSuiteFolder();
  const options = { cwd: folder };
  const pipelines = `
def tabulate(raw): return {"rows": len(raw.split())}
def register_pipelines():
    return {"prep": Pipeline([node(tabulate, "raw", "table")])}
`;
  const catalog = [
    "raw: { type: text.TextDataset, filepath: data/raw.txt }",
    "table: { type: json.JSONDataset, filepath: data/table.json }",
  ].join("\n");
  writeToyProject({ folder: join(folder, "project"), pipelines, catalog, files: { "data/raw.txt": "a b" } });
  const runs = { prep: { pipeline: "prep", outputs: ["table"], cache: "on" } };
  const project = { project: "project", python: findTestPython(), publish: ["table"] };
  writeFileSync(join(folder, "flow.json"), JSON.stringify({ ...project, runs }));
  const plain = join(folder, "project/data/table.json");
  await runEvents("flow.json", options);
  const first = await showSession(options);
  expect(JSON.parse(readFileSync(plain, "utf8"))).toEqual({ rows: 2 });
  rmSync(plain);
  await runEvents("flow.json", { ...options, args: ["--fresh"] });
  rmSync(plain);
  await runCli(["taint", "table@prep", "--reason", "a row is missing"], options);
  const { exitCode, stdout, stderr } = await runCli(["run", "flow.json"], options);
  const session = await showSession(options);
  expect([exitCode, session.status, formatRuns(session)]).toEqual([1, "failed", { prep: "success 1" }]);
  expect(stderr).toContain("not published: table of prep: it has the content of table@");
  expect(stdout).toContain("not all of it published");
  expect(existsSync(plain)).toBe(false);
  expect(warningsOf(session)).toEqual({ prep: ["tainted-again"] });
  expect(idOf(session, "prep")).not.toBe(idOf(first, "prep"));
});

test("a session that is resumed does not warn again of a taint that was cleared since", async () => {
  const options = { cwd: resumed };
  writeFileSync(join(resumed, "raw.txt"), "1\n");
  const end = { command: shell("test -e go"), needs: ["use"] };
  const file = writeCommands(resumed, { ...RUNS, end }, { defaults: { cache: "off" } });
  await runCli(["run", file], options);
  expect((await runCli(["taint", "o@make", "--reason", "wrong units"], options)).exitCode).toBe(0);
  const warning = "warning[tainted-again]: make: o has the content of";
  expect((await runCli(["run", file], options)).stderr).toContain(warning);
  expect((await runCli(["resume"], options)).stderr).toContain(warning);
  expect((await runCli(["taint", "--clear", "o@make"], options)).exitCode).toBe(0);
  writeFileSync(join(resumed, "go"), "");
  const { exitCode, stderr } = await runCli(["resume"], options);
  expect([exitCode, stderr]).toEqual([0, ""]);
});
