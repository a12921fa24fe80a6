import { execFileSync } from "node:child_process";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { runCli, runEvents } from "../rig/cli.ts";
import { foretell, replay } from "../rig/replay.ts";
import { formatRuns, readOutputs, showSession } from "../rig/resumable.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";
import { findTestPython } from "../rig/test-python.ts";
import { writeToyProject } from "../rig/toy-project.ts";

describe("a session of a Kedro project, replayed", () => {
  const folder = makeSuiteFolder();
  const options = { cwd: folder };
  const project = join(folder, "project");

  beforeAll(async () => {
    writeToyProject({
      folder: project,
      pipelines: `
def tabulate(raw): return {"rows": len(raw.split())}
def fit(table, factor, all_params): return {"score": table["rows"] * factor}
def mark(model, pass_mark): return {"passed": model["score"] >= pass_mark}
def publish(verdict): return {"text": str(verdict["passed"])}

def register_pipelines():
    return {
        "prep": Pipeline([node(tabulate, "raw", "table")]),
        "train": Pipeline([node(fit, ["table", "params:model.factor", "params:model"], "model")]),
        "judge": Pipeline([node(mark, ["model", "params:pass_mark"], "verdict")]),
        "tell": Pipeline([node(publish, "verdict", "page")]),
    }
`,
      catalog: [
        "raw: { type: text.TextDataset, filepath: data/raw.txt }",
        ...["table", "model", "verdict", "page"].map(
          (name) => `${name}: { type: json.JSONDataset, filepath: data/${name}.json }`,
        ),
      ].join("\n"),
      parameters: "model: { factor: 2 }\npass_mark: 5\n",
      files: { "data/raw.txt": "a b c" },
    });
    const git = (...args: string[]) =>
      execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b", ...args], { cwd: project });
    git("init", "-q");
    git("add", "-A");
    git("commit", "-q", "-m", "first");
    const workflow = {
      project: "project",
      python: findTestPython(),
      runs: {
        prep: { pipeline: "prep", outputs: ["table"] },
        train: { pipeline: "train", consumes: { table: "prep" }, outputs: ["model"] },
        judge: { pipeline: "judge", consumes: { model: "train" }, outputs: ["verdict"] },
        tell: { pipeline: "tell", consumes: { verdict: "judge" }, outputs: ["page"] },
      },
    };
    writeFileSync(join(folder, "flow.json"), JSON.stringify(workflow));
    await runEvents("flow.json", options);
  });

  test("a parameter two runs upstream: executed as far as data differ, metrics and outputs compared", async () => {
    const old = await showSession(options);
    const { exitCode, compared, stderr } = await replay(
      [old.session_id, "--set", "train.params.model.factor=3"],
      options,
    );
    expect([exitCode, stderr]).toEqual([0, ""]);
    const session = await showSession(options);
    expect(formatRuns(session)).toEqual({ prep: "reused 1", train: "success 1", judge: "success 1", tell: "reused 1" });
    expect(JSON.parse(readOutputs(session)["train.model"] ?? "")).toEqual({ score: 9 });
    expect(compared?.first_cause).toMatchObject({ run: "train", part: "params", key: "model.factor", a: 2, b: 3 });
    const parts = compared?.runs.flatMap(({ run, differences }) => differences.map(({ part }) => `${run} ${part}`));
    expect(parts).toEqual(expect.arrayContaining(["train metrics", "train outputs", "judge pins"]));
    expect(parts?.some((part) => part.startsWith("tell"))).toBe(false);
  });

  test("a parameter that is like one of the project is refused; the code as it is now is named where it differs", async () => {
    appendFileSync(join(project, "src/toy/pipeline_registry.py"), "\n# more\n");
    const replayWith = (parameter: string) =>
      runCli(["replay", "latest", "--set", `judge.params.${parameter}=1`, "--dry-run"], options);
    const refused = await replayWith("pas_mark");
    expect([refused.exitCode, refused.stderr]).toEqual([2, expect.stringContaining("error[unknown-parameter]")]);
    expect(refused.stderr).toContain("did you mean 'pass_mark'?");
    const { stderr } = await replayWith("qqqq");
    expect(stderr).toContain("warning[unread-parameter]");
    expect(stderr).toContain("warning[code-changed]");
    expect(stderr).toContain("src/toy/pipeline_registry.py");
  });

  test("a file of the project that is not what the session read is refused, but for runs that do not read it", async () => {
    const raw = join(project, "data/raw.txt");
    writeFileSync(raw, "a b c d");
    const { exitCode, last } = await replay(["latest", "--fresh", "prep"], options);
    expect(exitCode).toBe(2);
    expect(JSON.stringify(last)).toMatch(/version-changed.*prep reads a file that has changed: 'raw' was sha256/);
    expect(await foretell(["latest", "--fresh", "tell"], options)).toEqual([
      "prep link",
      "train link",
      "judge link",
      "tell",
    ]);
    writeFileSync(raw, "a b c");
  });

  test("another environment of the project", async () => {
    const { exitCode, last } = await replay(["latest", "--set", "judge.env=nowhere"], options);
    expect(exitCode).toBe(2);
    expect(JSON.stringify(last)).toContain("env-not-found");
    const conf = join(project, "conf/lax");
    execFileSync("mkdir", [conf]);
    writeFileSync(join(conf, "parameters.yml"), "pass_mark: 100\n");
    expect((await replay(["latest", "--set", "judge.env=lax"], options)).exitCode).toBe(0);
    const session = await showSession(options);
    expect(formatRuns(session)).toEqual({ prep: "reused 1", train: "reused 1", judge: "success 1", tell: "success 1" });
    expect(
      JSON.parse(readFileSync(session.runs.find(({ run }) => run === "tell")?.outputs.page?.location ?? "", "utf8")),
    ).toEqual({ text: "False" });
  });
});
