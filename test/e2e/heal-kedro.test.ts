import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { HealingProposal, HealingResult } from "../../src/core/answer/healing.ts";
import type { SessionRecord } from "../../src/core/run.ts";
import { parseLines, runCli, runEvents, runJson } from "../rig/cli.ts";
import { formatRuns, readOutputs, showSession } from "../rig/resumable.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";
import { findTestPython } from "../rig/test-python.ts";
import { writeToyProject } from "../rig/toy-project.ts";

const OLD = "2024-01-01T00.00.00.000Z";

const PIPELINES = `
def tabulate(raw): return {"rows": len(raw.split())}
def fit(table, weights): return {"score": table["rows"] * weights["w"]}
def judge(model): return {"passed": model["score"] > 5}
def name(verdict): return {"text": str(verdict["passed"])}

def register_pipelines():
    return {
        "prep": Pipeline([node(tabulate, "raw", "table")]),
        "train": Pipeline([node(fit, ["table", "weights"], "model")]),
        "judge": Pipeline([node(judge, "model", "verdict")]),
        "tell": Pipeline([node(name, "verdict", "page")]),
    }
`;
const CATALOG = [
  "raw: { type: text.TextDataset, filepath: data/raw.txt }",
  "weights: { type: json.JSONDataset, filepath: data/weights.json, versioned: true }",
  ...["table", "model", "verdict", "page"].map(
    (name) => `${name}: { type: json.JSONDataset, filepath: data/${name}.json }`,
  ),
].join("\n");

describe("sessions of a Kedro project", () => {
  const folder = makeSuiteFolder();
  const options = { cwd: folder };
  const python = findTestPython();
  let old: SessionRecord;
  const idOf = ({ runs }: SessionRecord, name: string) => String(runs.find(({ run }) => run === name)?.run_id);

  async function heal(...args: string[]) {
    const { exitCode, stdout, stderr } = await runCli(["heal", "--yes", "--json", ...args], options);
    const result = parseLines(stdout).at(-1) as unknown as HealingResult;
    return { exitCode, stderr, result };
  }

  beforeAll(async () => {
    const files = { "data/raw.txt": "a b c", [`data/weights.json/${OLD}/weights.json`]: '{"w": 2}' };
    writeToyProject({ folder: join(folder, "project"), pipelines: PIPELINES, catalog: CATALOG, files });
    execFileSync("mkdir", [join(folder, ".runweave")]);
    const registry = ["--registry", join(folder, ".runweave")];
    await runCli(["adopt", "project", "--python", python, ...registry], options);
    const runs = {
      prep: { pipeline: "prep", outputs: ["table"] },
      train: { pipeline: "train", consumes: { table: "prep" }, outputs: ["model"] },
      judge: { pipeline: "judge", consumes: { model: "train" }, outputs: ["verdict"] },
      tell: { pipeline: "tell", consumes: { verdict: "judge" }, outputs: ["page"] },
    };
    writeFileSync(join(folder, "flow.json"), JSON.stringify({ project: "project", python, runs }));
    await runEvents("flow.json", options);
    old = await showSession(options);
  });

  test("a file of the project that was wrong: it is read as it is now, and the work ends where data come out equal", async () => {
    await runCli(["taint", "table@prep", "--reason", "a row is missing"], options);
    writeFileSync(join(folder, "project/data/raw.txt"), "a b c d");
    const proposed = (await runCli(["heal"], options)).stdout;
    expect(proposed).toMatch(/warning\[file-changed\] +prep reads the file .*raw.txt as it is now/);
    const { exitCode, stderr, result } = await heal();
    expect([exitCode, stderr, result.left]).toEqual([0, "", []]);
    const healed = await showSession(options);
    expect(formatRuns(healed)).toEqual({ prep: "success 1", train: "success 1", judge: "success 1", tell: "reused 1" });
    expect(readOutputs(healed)).toMatchObject({
      "prep.table": expect.stringMatching(/: 4\s/),
      "train.model": expect.stringMatching(/: 8\s/),
    });
    expect(result.confirmed).toMatchObject([{ dataset: "verdict", run_id: idOf(old, "judge") }]);
  });

  test("a version that was adopted has nobody to make it again; another one takes its place where the project had it", async () => {
    await runCli(["taint", `weights@${OLD}`, "--reason", "of another model"], options);
    const { exitCode, value } = await runJson<HealingProposal>(["heal"], options);
    expect([exitCode, value.sessions]).toEqual([1, []]);
    expect(value.refused[0]?.problems).toMatchObject([
      { code: "version-adopted", hint: expect.stringContaining("--with") },
    ]);
    const command = ["sh", "-c", `echo '{"w": 1}' > "$1"`, "sh", "${outputs.weights.path}"];
    writeFileSync(join(folder, "weigh.json"), JSON.stringify({ runs: { weigh: { command, outputs: ["weights"] } } }));
    await runEvents("weigh.json", options);
    const weigh = idOf(await showSession(options), "weigh");
    const given = await heal("--with", `weights@${OLD}=weigh`);
    expect([given.exitCode, given.result.left]).toEqual([0, []]);
    // What the first healing put in the place of the old session is healed once, and stands for both.
    const [first, ...others] = given.result.sessions;
    expect([first?.status, others]).toEqual(["healed", []]);
    const healed = await showSession(options, String(first?.healed_by));
    expect(healed.runs.find(({ run }) => run === "train")?.load_versions.weights).toBe(weigh);
    expect(readOutputs(healed)["train.model"]).toMatch(/: 4\s/);
  });
});
