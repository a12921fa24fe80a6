import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { SessionRecord } from "../../src/core/run.ts";
import { runEvents, runJson } from "../rig/cli.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";
import { findTestPython } from "../rig/test-python.ts";
import { writeToyProject } from "../rig/toy-project.ts";

const PIPELINES = `
def write(month): return {f"m{month}": {"month": month}, "n": {"month": 7}}
def total(parts): return {name: parts[name]() for name in sorted(parts)}
def register_pipelines():
    return {
        "make": Pipeline([node(write, "params:month", "parts", name="write")]),
        "sum": Pipeline([node(total, "parts", "report", name="total")]),
    }
`;
const CATALOG = `
parts: {type: partitions.PartitionedDataset, path: data/parts, dataset: json.JSONDataset, filename_suffix: .json}
report: {type: json.JSONDataset, filepath: data/report.json}
`;
const cwd = makeSuiteFolder();
const make = { pipeline: "make", outputs: ["parts"] };
const sum = { pipeline: "sum", outputs: ["report"], consumes: { parts: "make" } };

beforeAll(() => {
  writeToyProject({ folder: join(cwd, "toy"), pipelines: PIPELINES, catalog: CATALOG, parameters: "month: 0\n" });
});

async function play(runs: object, ...args: string[]) {
  writeFileSync(join(cwd, "workflow.json"), JSON.stringify({ project: "toy", python: findTestPython(), runs }));
  const { exitCode, events } = await runEvents("workflow.json", { cwd, args });
  const session = (await runJson<SessionRecord>(["show"], { cwd })).value;
  const statuses = Object.fromEntries(session.runs.map(({ run, status }) => [run, status]));
  return { exitCode, events, session, statuses };
}

function readReport({ runs }: SessionRecord): unknown {
  const location = runs.find(({ run }) => run === "sum")?.outputs.report?.location ?? expect.fail();
  return JSON.parse(readFileSync(location, "utf8"));
}

describe("a folder that somebody wrote to after it was saved", () => {
  test("is consumed by nobody: the run fails, and says what it was and is", async () => {
    const edit = 'for each in $(find .runweave/data -name m0.json); do echo "{}" > "$each"; done';
    const runs = { make, edit: { command: edit, shell: true, needs: ["make"] }, sum: { ...sum, needs: ["edit"] } };
    const { exitCode, statuses, events } = await play(runs);
    expect([exitCode, statuses]).toEqual([1, { make: "success", edit: "success", sum: "failed" }]);
    const failed = events.find((event) => event.type === "run.failed");
    expect(failed).toMatchObject({ run: "sum", exception: { type: "InputChanged" } });
    expect(JSON.stringify(failed)).toMatch(
      /'parts' was sha256:\w+ \(\d+ bytes\) when make saved it, and .* is sha256:/,
    );
  });

  test("is reused by nobody, nor is what was made of it", async () => {
    const runs = { make: { ...make, cache: "on" }, sum: { ...sum, cache: "on" } };
    const first = await play(runs);
    expect(first.statuses).toEqual({ make: "success", sum: "success" });
    expect((await play(runs)).statuses).toEqual({ make: "reused", sum: "reused" });
    const { location = "" } = first.session.runs[0]?.outputs.parts ?? {};
    // As large as it was.
    writeFileSync(join(location, "m0.json"), readFileSync(join(location, "m0.json"), "utf8").replace("0", "6"));
    expect(readdirSync(location)).toHaveLength(2);
    const again = await play(runs, "--fresh", "sum");
    expect(again.statuses).toEqual({ make: "success", sum: "success" });
    expect(readReport(again.session)).toEqual({ m0: { month: 0 }, n: { month: 7 } });
  });
});
