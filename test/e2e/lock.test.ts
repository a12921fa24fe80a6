import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { Drift } from "../../src/resolve/lock/lock.ts";
import { runCli, runJson } from "../rig/cli.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";
import { findTestPython } from "../rig/test-python.ts";
import { writeToyProject } from "../rig/toy-project.ts";

const PIPELINES = `
from .nodes import clean, fit


def register_pipelines():
    return {
        "prep": Pipeline([node(clean, ["raw", "lookup"], "table", name="clean")]),
        "train": Pipeline([node(fit, ["table", "params:model"], "model", name="fit")]),
    }
`;

const NODES = `
from .helpers import scale


def clean(raw, lookup):
    return raw.strip() + lookup


def fit(table, model):
    return scale(table, model["factor"])
`;

const CATALOG = `
raw: { type: text.TextDataset, filepath: data/raw.txt }
lookup: { type: text.TextDataset, filepath: data/lookup.txt, versioned: true }
table: { type: text.TextDataset, filepath: data/table.txt }
model: { type: text.TextDataset, filepath: data/model.txt }
`;

const WORKFLOW = `
name: toy
project: project
runs:
  prep: { pipeline: prep, outputs: [table] }
  train:
    pipeline: train
    matrix: { seed: [1, 2] }
    params: { model: { seed: "\${matrix.seed}", account: "\${env:ACCOUNT}" } }
    consumes: { table: prep }
    outputs: [model]
  report:
    command: [sh, report.sh, "\${inputs.model.path}", "\${inputs.notes.path}", "\${outputs.page.path}", "\${env:ACCOUNT}"]
    environment: { TOKEN: "\${env:TOKEN}", MODE: fast }
    consumes:
      model: { run: train, where: { seed: 1 } }
      notes: { file: notes.txt }
    outputs: [page]
`;

const [OLD, NEW] = ["2024-01-01T00.00.00.000Z", "2024-02-01T00.00.00.000Z"];
const SHA = expect.stringMatching(/^sha256:/);
const SECRETS = { ACCOUNT: "acc0unt-5f3", TOKEN: "t0ken-9d1" };

const suite = makeSuiteFolder();
const home = join(suite, "one");
const environment = { VIRTUAL_ENV: join(findTestPython(), "../.."), ...SECRETS };
const inFolder = (cwd: string) => ({ cwd, env: environment });
const lockText = (folder = home) => readFileSync(join(folder, "toy.lock.json"), "utf8");

/** Puts a file into the checkout for as long as `look` looks; null takes it away. */
async function during<T>(file: string, text: string | null, look: () => Promise<T>): Promise<T> {
  const path = join(home, file);
  const before = readFileSync(path);
  if (text === null) rmSync(path);
  else writeFileSync(path, text);
  try {
    return await look();
  } finally {
    writeFileSync(path, before);
  }
}

const edit = (file: string, from: string, to: string): string => {
  const text = readFileSync(join(home, file), "utf8");
  expect(text).toContain(from);
  return text.replace(from, to);
};

interface Checked {
  ok: boolean;
  drifts: Drift[];
  held: { dataset: string; version: string; newest: string }[];
}

const check = (folder = home) => runJson<Checked>(["lock", "toy.yaml", "--check"], inFolder(folder));
const locked = (folder = home) => runCli(["run", "toy.yaml", "--locked"], inFolder(folder));
const summaries = ({ drifts }: Checked) => drifts.map(({ part, key, runs }) => `${part} ${key}: ${runs.join(" ")}`);

beforeAll(async () => {
  const files = {
    "src/toy/nodes.py": NODES,
    "src/toy/helpers.py": "def scale(x, factor):\n    return x * factor\n",
    "data/raw.txt": " ab ",
    [`data/lookup.txt/${OLD}/lookup.txt`]: "c",
  };
  const parameters = "model: { factor: 2, seed: 0, account: nobody, password: hunter2, limits: [1, 2.5] }\n";
  writeToyProject({ folder: join(home, "project"), pipelines: PIPELINES, catalog: CATALOG, parameters, files });
  writeFileSync(join(home, "toy.yaml"), WORKFLOW);
  writeFileSync(join(home, "report.sh"), 'cat "$1" "$2" > "$3"\n');
  writeFileSync(join(home, "notes.txt"), "good\n");
  execFileSync("git", ["init", "-q"], { cwd: home });
  const { exitCode, stdout, stderr } = await runCli(["lock", "toy.yaml"], inFolder(home));
  expect([exitCode, stdout, stderr]).toEqual([0, "toy.lock.json: written, 4 runs\n", ""]);
});

describe("lock", () => {
  it("writes what every run depends on, and no secret", () => {
    const { runs, environments } = JSON.parse(lockText());
    expect(environments.project).toMatchObject({
      python: expect.stringMatching(/^3\./),
      packages: { kedro: expect.any(String) },
    });
    expect(runs.prep.pins).toMatchObject({
      raw: { rule: "external", path: "project/data/raw.txt", hash: SHA },
      lookup: { rule: "frozen", version: OLD, path: "project/data/lookup.txt", hash: SHA },
    });
    expect(runs.train.parameters).toEqual({
      "model.account": "${env:ACCOUNT}",
      "model.factor": 2,
      "model.limits": [1, 2.5],
    });
    expect(runs.train.unlocked).toEqual([
      "the value of the parameter 'model.password': by its name it may be a secret",
    ]);
    expect(runs.train.arms["seed=2"].parameters).toEqual({ "model.seed": 2 });
    expect(runs.train.pins).toEqual({ table: { rule: "consumed", run: "prep", dataset: "table" } });
    expect(runs.report.code).toEqual({ "report.sh": SHA });
    expect(runs.report.pins.notes).toEqual({ rule: "file", path: "notes.txt", hash: SHA });
    expect(runs.report.task.environment).toEqual({ TOKEN: "${env:TOKEN}", MODE: "fast" });
    for (const secret of [...Object.values(SECRETS), "hunter2"]) expect(lockText()).not.toContain(secret);
  });

  it("leaves nothing but its file, and says so when there is nothing to do", async () => {
    const before = lockText();
    const { stdout } = await runCli(["lock", "toy.yaml"], inFolder(home));
    expect(stdout).toBe("toy.lock.json: as in the lock file, 4 runs\n");
    expect(lockText()).toBe(before);
    expect(execFileSync("git", ["status", "--porcelain"], { cwd: home, encoding: "utf8" })).toBe(
      "?? notes.txt\n?? project/\n?? report.sh\n?? toy.lock.json\n?? toy.yaml\n",
    );
  });

  it("holds in another checkout, with other values of variables, comments and formatting; a locked run does exactly that", async () => {
    const other = join(suite, "two/deeper");
    mkdirSync(join(suite, "two"));
    cpSync(home, other, { recursive: true });
    const elsewhere = { cwd: other, env: { ...environment, ACCOUNT: "other", TOKEN: "other" } };
    expect((await runJson<Checked>(["lock", "toy.yaml", "--check"], elsewhere)).value).toMatchObject({
      ok: true,
      drifts: [],
    });
    const helpers = join(other, "project/src/toy/helpers.py");
    writeFileSync(helpers, readFileSync(helpers, "utf8").replace("x * factor", "(x*factor)  # as often as that"));
    rmSync(join(other, "toy.lock.json"));
    await runCli(["lock", "toy.yaml"], elsewhere);
    expect(lockText(other)).toBe(lockText());
    const { exitCode, stderr } = await locked(other);
    expect([exitCode, stderr]).toEqual([0, ""]);
  });

  const changes: [file: string, from: string, to: string, drift: string][] = [
    ["toy.yaml", "seed: [1, 2]", "seed: [1]", "workflow runs.train[seed=2]"],
    ["toy.yaml", "outputs: [table] }", "outputs: [table], runner: ThreadRunner }", "task runner"],
    ["project/src/toy/helpers.py", "x * factor", "factor * x", "code toy.helpers"],
    ["report.sh", "cat", "cat -u", "code report.sh"],
    ["project/conf/base/parameters.yml", "factor: 2", "factor: 3", "parameters model.factor"],
    [
      "project/conf/base/catalog.yml",
      "filepath: data/table.txt",
      "filepath: data/other.txt, fs_args: {}",
      "catalog table",
    ],
    [`project/data/lookup.txt/${OLD}/lookup.txt`, "c", "d", "pins lookup.hash"],
    ["notes.txt", "good", "bad", "pins notes.hash"],
    ["project/data/raw.txt", "ab", "ba", "pins raw.hash"],
  ];

  it("tells with --check all that has drifted, and run --locked refuses with that, the first cause first", async () => {
    const before = changes.map(([file]) => [join(home, file), readFileSync(join(home, file), "utf8")] as const);
    for (const [file, from, to] of changes) writeFileSync(join(home, file), edit(file, from, to));
    const [{ exitCode, value }, refused] = [await check(), await locked()];
    for (const [path, text] of before) writeFileSync(path, text);
    expect(exitCode).toBe(1);
    expect(value.drifts.map(({ part, key }) => `${part} ${key}`)).toEqual(
      expect.arrayContaining(changes.map(([, , , drift]) => drift)),
    );
    const about = (name: string) => value.drifts.find(({ key }) => key === name);
    expect(about("toy.helpers")).toMatchObject({ runs: ["train[seed=1]"], file: "project/src/toy/helpers.py" });
    expect(about("model.factor")).toMatchObject({ before: 2, after: 3 });
    expect(about("table")?.runs).toEqual(["prep", "train[seed=1]"]);
    const parts = value.drifts.map(({ part }) => part);
    expect(parts).toEqual(
      ["workflow", "task", "code", "parameters", "catalog", "pins"].flatMap((part) =>
        parts.filter((each) => each === part),
      ),
    );
    expect([refused.exitCode, refused.stdout]).toEqual([2, ""]);
    expect(refused.stderr).toMatch(
      /^toy\.yaml:5:3 {2}error\[drift-task\] {2}task runner of prep: SequentialRunner -> ThreadRunner/,
    );
    expect(refused.stderr).toMatch(/pins notes\.hash \(notes\.txt\) of report: sha256:\w+ -> sha256/);
  });

  it("sees another package and another Python than those that were locked, before what follows from them", async () => {
    const { python, packages } = JSON.parse(lockText()).environments.project;
    const other = lockText()
      .replace(`"kedro": "${packages.kedro}",\n        "kedro-`, `"kedro": "1.0.0",\n        "kedro-`)
      .replace(`"python": "${python}"`, '"python": "3.0.1"');
    await during("toy.lock.json", other, async () => {
      const found = summaries((await check()).value);
      expect(found).toContain("environment python: prep train[seed=1] train[seed=2]");
      expect(found.every((drift) => drift.startsWith("environment"))).toBe(true);
      expect((await locked()).stderr).toContain(`3.0.1 -> ${python}`);
    });
  });

  it("goes on with a locked version when there is a newer one, and takes that with --update", async () => {
    const newer = join(home, `project/data/lookup.txt/${NEW}`);
    const before = lockText();
    mkdirSync(newer);
    writeFileSync(join(newer, "lookup.txt"), "new");
    const { value } = await check();
    expect(value).toMatchObject({ ok: true, held: [{ dataset: "lookup", version: OLD, newest: NEW }] });
    const { stdout } = await runCli(["run", "toy.yaml", "--locked", "--json"], inFolder(home));
    const resolved = stdout.split("\n").find((line) => line.includes("run.resolved") && line.includes('"run":"prep"'));
    expect(resolved).toContain(`"version":"${OLD}","rule":"frozen"`);
    expect(resolved).toContain("the version that the lock file has");
    const why = await runCli(["why", "lookup@prep", "--not", NEW], inFolder(home));
    expect(why.stdout).toContain(`held: the lock file has ${OLD}`);
    const updated = await runCli(["lock", "toy.yaml", "--update"], inFolder(home));
    expect(updated.stdout).toContain("taken  pins lookup.version (project/data/lookup.txt) of prep:");
    expect(JSON.parse(lockText()).runs.prep.pins.lookup.version).toBe(NEW);
    rmSync(newer, { recursive: true });
    const gone = await locked();
    expect([gone.exitCode, gone.stderr]).toEqual([2, expect.stringContaining(`${NEW} -> ${OLD}`)]);
    writeFileSync(join(home, "toy.lock.json"), before);
  });

  it("holds an alias where it was, and refuses a version whose data have changed", async () => {
    const workflow = `
name: shipped
runs:
  ship: { command: [cp, "\${inputs.page.path}", "\${outputs.copy.path}"], consumes: { page: { alias: champion } }, outputs: [copy] }
`;
    writeFileSync(join(home, "shipped.yaml"), workflow);
    const page = async () => {
      const { value } = await runJson<{
        runs: { run: string; run_id: string; outputs: { page: { location: string } } }[];
      }>(["show"], inFolder(home));
      const report = value.runs.find(({ run }) => run === "report");
      return { run_id: report?.run_id ?? "", location: report?.outputs.page.location ?? "" };
    };
    await locked();
    const first = await page();
    await runCli(["alias", "set", "champion", `page@${first.run_id}`], inFolder(home));
    await runCli(["lock", "shipped.yaml"], inFolder(home));
    await locked();
    await runCli(["alias", "move", "champion", `page@${(await page()).run_id}`], inFolder(home));
    const { stdout } = await runCli(["run", "shipped.yaml", "--locked", "--json"], inFolder(home));
    expect(stdout).toContain(`the lock file has ${first.run_id} for the alias champion`);
    writeFileSync(first.location, "spoilt");
    const refused = await runCli(["run", "shipped.yaml", "--locked"], inFolder(home));
    expect([refused.exitCode, refused.stderr]).toEqual([2, expect.stringContaining("version-changed")]);
  });

  it("says what to do about a lock file that is missing or broken", async () => {
    await during("toy.lock.json", null, async () => {
      const refused = await locked();
      expect([refused.exitCode, refused.stderr]).toEqual([
        2,
        expect.stringContaining("`runweave lock toy.yaml` writes it"),
      ]);
    });
    await during("toy.lock.json", "<<<<<<< ours\n", async () => {
      const plain = await runCli(["lock", "toy.yaml"], inFolder(home));
      expect([plain.exitCode, plain.stderr]).toEqual([2, expect.stringContaining("error[invalid-lock]")]);
      expect((await runCli(["lock", "toy.yaml", "--update"], inFolder(home))).exitCode).toBe(0);
    });
  });
});
