import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { Pin, SessionRecord } from "../../src/core/run.ts";
import type { Lineage } from "../../src/explain/lineage.ts";
import type { UndeclaredRead } from "../../src/explain/undeclared.ts";
import type { PlanJson } from "../../src/plan/show/plan-json.ts";
import { runCli, runEvents, runJson } from "../rig/cli.ts";
import { shortId } from "../rig/short-id.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";
import { findTestPython } from "../rig/test-python.ts";
import { writeToyProject } from "../rig/toy-project.ts";
import { hashFile, hashTree } from "../rig/tree-hashes.ts";

const PIPELINES = `
def clean(raw):
    return raw.upper()


def spoil(options):
    options["seen"].append("spoilt")
    return options


def use(table, options, spoilt):
    return f"{table} {options} {spoilt}"


def make_function():
    return lambda: 1


def register_pipelines():
    return {
        "make": Pipeline([node(clean, "raw", "table", name="clean")]),
        "use": Pipeline([
            node(spoil, "options", "spoilt", name="spoil"),
            node(use, ["table", "options", "spoilt"], "report", name="use"),
        ]),
        "function": Pipeline([node(make_function, None, "function", name="make_function")]),
    }
`;

const CATALOG = `
raw: { type: text.TextDataset, filepath: data/raw.txt }
table: { type: text.TextDataset, filepath: data/table.txt }
report: { type: text.TextDataset, filepath: data/report.txt }
`;

const HEAD = `project: project\npython: ${findTestPython()}\n`;
const folder = makeSuiteFolder();
const project = join(folder, "project");
const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
const runs = async (id = "latest") => (await runJson<SessionRecord>(["show", id], { cwd: folder })).value.runs;

let before: Record<string, string>;
let earlier: string;

beforeAll(async () => {
  const files = { "data/raw.txt": "of the project", "data/table.txt": "stale" };
  writeToyProject({ folder: project, pipelines: PIPELINES, catalog: CATALOG, files });
  before = hashTree(project);
  write("other.txt", "of a file");
  write(
    "make.yaml",
    `${HEAD}runs:\n  make: { pipeline: make, outputs: [table], consumes: { raw: { file: other.txt } } }\n`,
  );
  expect(await runCli(["run", "make.yaml"], { cwd: folder })).toMatchObject({ exitCode: 0, stderr: "" });
  earlier = (await runs())[0]?.run_id ?? "";
});

describe("a file", () => {
  test("is read through the run's own entry, pinned to its content, and the project is left alone", async () => {
    const [make] = await runs();
    const version = `file-${hashFile(join(folder, "other.txt")).slice(0, 16)}`;
    expect(readFileSync(make?.outputs.table?.location ?? "", "utf8")).toBe("OF A FILE");
    expect(make?.load_versions).toMatchObject({ raw: version, table: earlier });
    expect(hashTree(project)).toEqual(before);
  });

  test("is shown by the plan, and by the lineage", async () => {
    const version = `file-${hashFile(join(folder, "other.txt")).slice(0, 16)}`;
    const { value: plan } = await runJson<PlanJson>(["plan", "make.yaml"], { cwd: folder });
    expect(plan.runs).toMatchObject([
      { consumes: { raw: { file: join(folder, "other.txt") } }, load_versions: { raw: version } },
    ]);
    expect((await runCli(["plan", "make.yaml"], { cwd: folder })).stdout).toContain(`the file other.txt  ${version}`);
    const { stdout } = await runCli(["lineage", earlier], { cwd: folder });
    expect(stdout).toContain(`${join(folder, "other.txt")} (as raw) <- a file, ${version}`);
  });

  test("that changes before the run starts fails it, with both hashes, and where the workflow names it", async () => {
    write("moving.txt", "planned");
    const planned = hashFile(join(folder, "moving.txt"));
    write(
      "moving.yaml",
      `${HEAD}runs:
  first: { command: [sh, -c, "printf changed > moving.txt"] }
  make:
    pipeline: make
    needs: [first]
    consumes: { raw: { file: moving.txt } }
`,
    );
    const { exitCode, stderr } = await runCli(["run", "moving.yaml"], { cwd: folder });
    const now = hashFile(join(folder, "moving.txt"));
    expect(exitCode).toBe(1);
    expect((await runs()).find(({ run }) => run === "make")?.exception).toMatchObject({ type: "InputChanged" });
    for (const text of ["moving.yaml:8:17", "input-changed", `sha256:${planned}`, `sha256:${now}`])
      expect(stderr).toContain(text);
  });
});

describe("a value, and a version of an earlier session", () => {
  const workflow = (id: string) => `${HEAD}runs:
  use:
    pipeline: use
    outputs: [report]
    consumes:
      options: { value: { seen: [0.5] } }
      table: { run_id: ${id} }
  command:
    command: [sh, -c, 'cat "$1" "$2" > "$3"', cat, "\${inputs.limit.path}", "\${inputs.text.path}", "\${outputs.both.path}"]
    consumes: { limit: { value: 0.5 }, text: { run_id: ${id}, dataset: table } }
    outputs: [both]
`;

  test("reach pipelines and commands, each node has the value anew, and each pin says which rule chose it", async () => {
    write("use.yaml", workflow(earlier.slice(0, -2)));
    const { exitCode, events, stderr } = await runEvents("use.yaml", { cwd: folder });
    expect([exitCode, stderr]).toEqual([0, ""]);
    const [use, command] = await runs();
    const report = readFileSync(use?.outputs.report?.location ?? "", "utf8");
    expect(report).toBe("OF A FILE {'seen': [0.5]} {'seen': [0.5, 'spoilt']}");
    expect(readFileSync(command?.outputs.both?.location ?? "", "utf8")).toBe("0.5\nOF A FILE");
    const pins = events.flatMap((event): Pin[] =>
      event.type === "run.resolved" && event.run === "use" ? event.pins : [],
    );
    expect(pins).toContainEqual(
      expect.objectContaining({ dataset: "table", rule: "run_id", version: earlier, from_run: "make" }),
    );
    expect(pins).toContainEqual(expect.objectContaining({ dataset: "options", rule: "value" }));
    const loaded = events.filter((event) => event.type === "dataset.loaded" && event.dataset === "options");
    expect(new Set(loaded.map((event) => "version" in event && event.version))).toEqual(
      new Set([use?.load_versions.options]),
    );
  });

  test("lead the lineage from session to session, with formats", async () => {
    const { value: lineage } = await runJson<Lineage>(["lineage", "use"], { cwd: folder });
    expect(lineage.runs.map(({ run }) => run)).toEqual(["use", "make"]);
    expect(lineage.versions).toContainEqual(
      expect.objectContaining({ dataset: "table", writer: earlier, origin: "run", format: "text.TextDataset" }),
    );
    expect(lineage.versions).toContainEqual(expect.objectContaining({ dataset: "options", origin: "value" }));
    expect((await runCli(["lineage", "use"], { cwd: folder })).stdout).toContain("table [text.TextDataset] <- make");
  });

  test("are problems of the file where they can't be had", async () => {
    write("wrong.yaml", workflow("2031-01-01"));
    const unknown = await runCli(["validate", "wrong.yaml"], { cwd: folder });
    expect(unknown.exitCode).toBe(2);
    for (const text of ["wrong.yaml:9:24", "wrong.yaml:12:56", 'there is no run "2031-01-01" in the registry'])
      expect(unknown.stdout).toContain(text);
    const elsewhere = await runCli(["validate", "use.yaml", "--registry", join(folder, "nowhere")], { cwd: folder });
    expect([elsewhere.exitCode, existsSync(join(folder, "nowhere"))]).toEqual([2, false]);
    expect(elsewhere.stdout).toContain("no-registry");
  });
});

test("a declared output that can't be pickled is told with its node and type, where the workflow declares it", async () => {
  write("function.yaml", `${HEAD}runs:\n  odd:\n    pipeline: function\n    outputs: [function]\n`);
  const { exitCode, stderr } = await runCli(["run", "function.yaml"], { cwd: folder });
  expect(exitCode).toBe(1);
  for (const text of ["function.yaml:6:15", "not-picklable", "'function' is a declared output in no catalog"])
    expect(stderr).toContain(text);
  const [odd] = await runs();
  expect(odd?.exception).toMatchObject({ node: "make_function" });
  expect(odd?.exception?.message).toContain("its value of type function can't be pickled");
});

test("what runs read of each other without consuming it is listed, in one session or in all", async () => {
  write("plain.yaml", `isolate: none\n${HEAD}runs:\n  make: { pipeline: make }\n`);
  expect((await runCli(["run", "plain.yaml"], { cwd: folder })).exitCode).toBe(0);
  const [writer] = await runs();
  write("read.yaml", `${HEAD}runs:\n  use: { pipeline: use, consumes: { options: { value: { seen: [] } } } }\n`);
  expect((await runCli(["run", "read.yaml"], { cwd: folder })).exitCode).toBe(0);
  const [reader] = await runs();
  const { value } = await runJson<{ reads: UndeclaredRead[] }>(["lineage", "--undeclared", "latest"], { cwd: folder });
  const { reads } = value;
  expect(reads).toMatchObject([
    {
      reader: { run_id: reader?.run_id },
      writer: { run_id: writer?.run_id, workflow: "plain" },
      dataset: "table",
      location: join(project, "data/table.txt"),
      pinned: "plain",
    },
  ]);
  const { stdout } = await runCli(["lineage", "--undeclared"], { cwd: folder });
  expect(stdout).toContain(`use (${shortId(reader?.run_id)}) loaded "table" in node use`);
  expect(stdout).toContain(`declare it: consumes: { table: { run_id: ${writer?.run_id} } }`);
  const { stdout: none } = await runCli(["lineage", "--undeclared", writer?.session_id ?? ""], { cwd: folder });
  expect(none).toBe("no undeclared reads\n");
  expect((await runCli(["lineage"], { cwd: folder })).exitCode).toBe(2);
});

test("a session that would save one dataset in two formats is warned", async () => {
  const catalog = `${CATALOG}\n`.replace("table: { type: text.TextDataset", "table: { type: json.JSONDataset");
  writeToyProject({
    folder: join(folder, "formats"),
    pipelines: PIPELINES,
    catalog: CATALOG,
    files: { "conf/json/catalog.yml": catalog, "data/raw.txt": "x" },
  });
  write(
    "formats.yaml",
    `${HEAD.replace("project: project", "project: formats")}runs:
  text: { pipeline: make, outputs: [table] }
  json: { pipeline: make, env: json, outputs: [table] }
`,
  );
  const { exitCode, stdout } = await runCli(["validate", "formats.yaml"], { cwd: folder });
  expect(exitCode).toBe(0);
  for (const text of [
    "two-formats",
    "formats.yaml:5:48",
    "table (text.TextDataset) by text",
    "table (json.JSONDataset) by json",
  ])
    expect(stdout).toContain(text);
});
