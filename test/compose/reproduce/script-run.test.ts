import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { inFolder } from "../../../src/compose/locate-state.ts";
import { reproduce } from "../../../src/compose/reproduce/reproduce.ts";
import { openSession } from "../../../src/compose/session/open-session.ts";
import type { Reproduction } from "../../../src/core/answer/reproduction.ts";
import type { RunId } from "../../../src/core/run-id.ts";
import { openSqliteRegistry } from "../../../src/record/sqlite/registry.ts";
import { attemptFolder } from "../../../src/versions/layout.ts";
import { makeSuiteFolder } from "../../rig/suite-folder.ts";
import { findTestPython } from "../../rig/test-python.ts";
import { writeToyProject } from "../../rig/toy-project.ts";

const PIPELINES = `
def prepare(rows): return [1] * rows
def train(table, factor, bonus): return {"sum": sum(table) * factor + bonus["by"]}
def register_pipelines():
    return {
        "prep": Pipeline([node(prepare, "params:rows", "table", name="prepare")]),
        "train": Pipeline([node(train, ["table", "params:factor", "bonus"], "metrics", name="train")]),
    }
`;

describe("a run of a script", () => {
  const folder = makeSuiteFolder();
  const environment = { ...process.env, VIRTUAL_ENV: join(findTestPython(), "../..") };
  const state = inFolder(join(folder, "project/.runweave"));
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=n", "-c", "user.email=e@x", ...args], { cwd: join(folder, "project") });
  let ids: string[];

  beforeAll(async () => {
    const project = join(folder, "project");
    const catalog = "table: { type: json.JSONDataset, filepath: data/table.json }\n";
    writeToyProject({ folder: project, pipelines: PIPELINES, catalog, parameters: "rows: 3\nfactor: 2\n" });
    writeFileSync(join(project, ".gitignore"), "__pycache__/\n");
    git("init", "-q");
    git("add", ".");
    git("commit", "-qm", "first");
    const session = await openSession({ project, python: findTestPython(), registry: state.root });
    const prep = await session.run({ pipeline: "prep", params: { rows: 4 }, outputs: ["table"] });
    const consumes = { table: prep, bonus: { value: { by: 7 } } };
    const train = await session.run({ pipeline: "train", consumes, outputs: ["metrics"] });
    const listed = await session.run({ command: ["true"] });
    await session.close();
    ids = [prep.runId, train.runId, listed.runId];
    writeFileSync(join(project, "conf/base/parameters.yml"), "rows: 1\nfactor: 1\n");
  });

  const again = async (id: string | undefined): Promise<Reproduction> => {
    const reader = openSqliteRegistry(state.registry, { readOnly: true });
    try {
      const record = reader.findRun(id ?? "");
      if (record === null || record.run_id === null) throw new Error(`there is no run ${id}`);
      const source = { path: state.registry, open: () => reader, close: () => {} };
      const leniency = { tolerance: 0, ignoreRowOrder: false };
      const flags = { allowsDrift: false, rebuildsEnvironment: false, keeps: false };
      return await reproduce(
        { ...record, run_id: record.run_id },
        { reader, source, state, leniency, environment, ...flags },
      );
    } finally {
      reader.close();
    }
  };

  it("is done again as its process was told: parameters, versions, values", { timeout: 60_000 }, async () => {
    expect(await again(ids[0])).toMatchObject({
      verdict: "identical",
      datasets: [{ dataset: "table", node: "prepare" }],
    });
    expect(await again(ids[1])).toMatchObject({ verdict: "identical", datasets: [{ dataset: "metrics" }] });
  });

  it("is done again by what an older runweave told its process", { timeout: 60_000 }, async () => {
    const path = join(attemptFolder(state, (ids[1] ?? "") as RunId), "spec.json");
    const { reads: inputs, ...spec } = JSON.parse(readFileSync(path, "utf8"));
    writeFileSync(path, JSON.stringify({ ...spec, protocol: 1, inputs }));
    expect(await again(ids[1])).toMatchObject({ verdict: "identical", datasets: [{ dataset: "metrics" }] });
  });

  it("that is a command is refused, as nothing on record says how it was run", async () => {
    await expect(again(ids[2])).rejects.toMatchObject({ code: "session-without-plan" });
  });
});
