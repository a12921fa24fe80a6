import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { runCli, runEvents } from "../rig/cli.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";
import { findTestPython } from "../rig/test-python.ts";
import { writeFiles, writeToyProject } from "../rig/toy-project.ts";

/** Tables of an SQLite file. Saving one fails at once while another process has the file. */
const DATASETS = `
import sqlite3

from kedro.io import AbstractDataset


class SqliteDataset(AbstractDataset):
    def __init__(self, table, connection=None, credentials=None):
        self._table = table
        self._file = connection["database"] if connection else credentials["con"].removeprefix("sqlite:///")

    def load(self):
        with sqlite3.connect(self._file, timeout=0) as database:
            return database.execute(f"select value from {self._table}").fetchone()[0]

    def save(self, data):
        with sqlite3.connect(self._file, timeout=0, isolation_level="EXCLUSIVE") as database:
            database.execute(f"create table if not exists {self._table} (value text)")
            database.execute(f"insert into {self._table} values (?)", [data])

    def _describe(self):
        return {}
`;
const PIPELINES = `
def register_pipelines():
    return {name: Pipeline([node(lambda: name, None, name, name=f"write_{name}")]) for name in ("a", "b", "c")}
`;
const CATALOG = `
a: { type: toy.datasets.SqliteDataset, table: a, connection: { backend: sqlite, database: data/lake.db } }
b: { type: toy.datasets.SqliteDataset, table: b, credentials: lake }
c: { type: toy.datasets.SqliteDataset, table: c, connection: { backend: sqlite, database: data/lake.db } }
`;

const folder = makeSuiteFolder();
const file = join(folder, "flow.yaml");

beforeAll(() => {
  writeToyProject({
    folder: join(folder, "project"),
    pipelines: PIPELINES,
    catalog: CATALOG,
    files: {
      "src/toy/datasets.py": DATASETS,
      "data/.gitkeep": "",
      "conf/local/credentials.yml": "lake: { con: sqlite:///data/lake.db }\n",
    },
  });
  const runs = ["a", "b", "c"].map((name) => `  ${name}: { pipeline: ${name} }\n`).join("");
  const head = `project: project\npython: ${findTestPython()}\nfloating: [a, b, c]\nmax_parallel: 3\n`;
  writeFiles(folder, { "flow.yaml": `${head}runs:\n${runs}` });
});

test("runs whose tables are in one database file take turns, and the plan says so", async () => {
  const { exitCode, stdout } = await runCli(["plan", file]);
  expect(exitCode).toBe(0);
  expect(stdout).toContain("takes turns with b, c at data/lake.db");
  expect(stdout).toContain("takes turns with a, b at data/lake.db");
  const run = await runEvents(file);
  expect(run.exitCode).toBe(0);
  const told = run.events.flatMap(({ type }) => (/^run\.(started|succeeded)$/.test(type) ? [type] : []));
  expect(told).toEqual(Array(3).fill(["run.started", "run.succeeded"]).flat());
});
