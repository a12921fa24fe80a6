import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type CliResult, parseLines, runCli } from "../rig/cli.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";
import { findTestPython } from "../rig/test-python.ts";
import { writeToyProject } from "../rig/toy-project.ts";

const folder = makeSuiteFolder();

interface Timings {
  type: "timings";
  total_ms: number;
  phases: { phase: string; duration_ms: number }[];
}

/** The two last lines of a command: what it ends with otherwise, and the timings. */
function readLast({ stdout }: CliResult): { before: string; timings: Timings } {
  const lines = parseLines(stdout) as unknown as Timings[];
  const [before, timings] = lines.slice(-2) as [{ type: string }, Timings];
  return { before: before.type, timings };
}

function writeFlow(name: string, succeeds: boolean): string {
  const file = join(folder, `${name}.yaml`);
  writeFileSync(file, `name: ${name}\nruns:\n  one: { command: [sh, -c, "exit ${succeeds ? 0 : 3}"] }\n`);
  return file;
}

test("without the option nothing is told of phases", async () => {
  const { stdout } = await runCli(["run", writeFlow("plain", true)], { cwd: folder });
  expect(stdout).not.toContain("PHASE");
});

test("run ends with the phases, and together they are all that was waited for", async () => {
  const result = await runCli(["run", writeFlow("flow", true), "--timings", "--json"], { cwd: folder });
  const { before, timings } = readLast(result);
  expect([result.exitCode, before, timings.type]).toEqual([0, "session.finished", "timings"]);
  const phases = timings.phases.map(({ phase }) => phase);
  expect(phases).toEqual(expect.arrayContaining(["start", "read", "open", "record", "runs", "between"]));
  expect(phases).not.toContain("worker");
  expect(timings.phases.reduce((sum, { duration_ms }) => sum + duration_ms, 0)).toBe(timings.total_ms);
  const [finished] = parseLines(result.stdout).filter((event) => event.type === "session.finished");
  expect(timings.total_ms).toBeGreaterThan(finished?.duration_ms ?? Infinity);
});

test("the table comes after the summary, whose time is at least that of the start and of the session", async () => {
  const { stdout } = await runCli(["run", writeFlow("told", true), "--timings"], { cwd: folder });
  const [, summary = "", table = ""] = /^(Session [\s\S]*\n)\n(PHASE [\s\S]*)$/m.exec(stdout) ?? [];
  expect(summary).toContain("Next");
  expect(table).toMatch(/^PHASE +TIME\nstart the program +\d[\s\S]*\nruns +\d[\s\S]*\ntotal +\S+\n$/);
});

test("resume and replay tell them too, and a run that failed changes no exit code", async () => {
  const failed = await runCli(["run", writeFlow("failing", false), "--timings", "--json"], { cwd: folder });
  expect([failed.exitCode, readLast(failed).timings.type]).toEqual([1, "timings"]);
  const resumed = await runCli(["resume", "--timings", "--json"], { cwd: folder });
  expect([resumed.exitCode, readLast(resumed).before, readLast(resumed).timings.type]).toEqual([
    1,
    "session.finished",
    "timings",
  ]);
  const replayed = await runCli(["replay", "latest", "--fresh", "one", "--timings", "--json"], { cwd: folder });
  expect([readLast(replayed).before, readLast(replayed).timings.type]).toEqual(["replay.compared", "timings"]);
});

test("of a Kedro project, questions and the start of its worker are told apart from its runs", async () => {
  writeToyProject({
    folder: join(folder, "project"),
    pipelines: `def register_pipelines(): return {"make": Pipeline([node(lambda: "it", None, "text")])}\n`,
    catalog: "text: { type: text.TextDataset, filepath: data/text.txt }\n",
  });
  const file = join(folder, "kedro.yaml");
  writeFileSync(file, `project: project\npython: ${findTestPython()}\nruns:\n  make: { pipeline: make }\n`);
  const { timings } = readLast(await runCli(["run", file, "--timings", "--json"], { cwd: folder }));
  expect(timings.phases.map(({ phase }) => phase)).toEqual(expect.arrayContaining(["ask", "worker", "runs"]));
});
