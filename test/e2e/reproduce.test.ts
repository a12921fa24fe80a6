import { execFileSync } from "node:child_process";
import { appendFileSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { Reproduction } from "../../src/core/answer/reproduction.ts";
import type { SessionRecord } from "../../src/core/run.ts";
import { runCli, runJson } from "../rig/cli.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";
import { findTestPython } from "../rig/test-python.ts";
import { writeFiles, writeToyProject } from "../rig/toy-project.ts";
import { hashTree } from "../rig/tree-hashes.ts";

const PIPELINES = `
import os, random
from .nodes import clean, score


def shuffled(table, noise):
    rows = table.split()
    return {"rows": rows, "noise": random.SystemRandom().random() * noise}


def register_pipelines():
    return {
        "prep": Pipeline([node(clean, "raw", "table", name="clean")]),
        "train": Pipeline([
            node(score, ["table", "params:power"], "scores", name="score"),
            node(shuffled, ["table", "params:noise"], "shuffled", name="shuffle"),
            node(len, "shuffled", "count", name="count"),
        ]),
    }
`;

const CATALOG = `
raw: { type: text.TextDataset, filepath: data/raw.txt }
table: { type: text.TextDataset, filepath: data/table.txt }
scores: { type: pickle.PickleDataset, filepath: data/scores.pkl }
shuffled: { type: json.JSONDataset, filepath: data/shuffled.json }
count: { type: json.JSONDataset, filepath: data/count.json }
`;

const NODES = `
def clean(raw):
    return raw.strip()


def score(table, power):
    return [len(word) ** power for word in table.split()]
`;

const WORKFLOW = `
name: toy
project: project
python: ${findTestPython()}
defaults: { cache: on }
runs:
  prep: { pipeline: prep, outputs: [table] }
  train: { pipeline: train, consumes: { table: prep }, outputs: [scores, shuffled, count] }
  noisy: { pipeline: train, consumes: { table: prep }, params: { noise: 1.0e-12 }, outputs: [shuffled] }
  report:
    command: [sh, report.sh, "\${inputs.table.path}", "\${outputs.list.path}", notes.txt]
    consumes: { table: prep }
    outputs: [list]
  tally:
    command: [${findTestPython()}, tally.py, "\${inputs.table.path}", "\${outputs.tally.path}"]
    consumes: { table: prep }
    outputs: [tally]
`;

const home = makeSuiteFolder();
const packages = join(makeSuiteFolder(), "packages");
/** Others reproduce at the same time. */
const TMPDIR = makeSuiteFolder();
const environment = { PYTHONPATH: packages, TMPDIR };
const git = (...args: string[]) =>
  execFileSync("git", ["-c", "user.name=n", "-c", "user.email=e@x", ...args], { cwd: home, encoding: "utf8" });
const scratches = () => readdirSync(TMPDIR).filter((name) => name.startsWith("runweave-reproduce-"));

async function reproduce(run: string, ...args: string[]): Promise<{ exitCode: number | null; value: Reproduction }> {
  return await runJson<Reproduction>(["reproduce", run, ...args], { cwd: home, env: environment });
}

async function refused(run: string, ...args: string[]): Promise<string> {
  const { exitCode, stderr } = await runCli(["reproduce", run, ...args], { cwd: home, env: environment });
  return `${exitCode} ${stderr}`;
}

const verdicts = ({ datasets }: Reproduction) => datasets.map(({ dataset, verdict }) => `${dataset} ${verdict}`);

/** Moves a file away for as long as `look` looks. */
async function without<T>(path: string, look: () => Promise<T>): Promise<T> {
  renameSync(path, `${path}.away`);
  try {
    return await look();
  } finally {
    renameSync(`${path}.away`, path);
  }
}

let session: SessionRecord;

beforeAll(async () => {
  mkdirSync(join(packages, "fake_thing-1.0.dist-info"), { recursive: true });
  const files = { "src/toy/nodes.py": NODES, "data/raw.txt": " one three ", "data/shuffled.json": "the user's own" };
  const parameters = "power: 1\nnoise: 0\n";
  writeToyProject({ folder: join(home, "project"), pipelines: PIPELINES, catalog: CATALOG, parameters, files });
  writeFiles(home, {
    "toy.yaml": WORKFLOW,
    "report.sh": 'tr " " "\\n" < "$1" > "$2"; cat "$3" >> "$2"\n',
    "tally.py": "import sys\nopen(sys.argv[2], 'w').write(str(len(open(sys.argv[1]).read())))\n",
    "notes.txt": "note\n",
    ".gitignore": "data/\nnotes.txt\n__pycache__/\nlocal/\n",
    "project/conf/local/parameters.yml": "power: 2\n",
  });
  git("init", "-q");
  git("add", ".");
  git("commit", "-qm", "first");
  // What runs is neither the commit nor what will be there later.
  appendFileSync(join(home, "project/src/toy/nodes.py"), "\n\nWORDS = 1\n");
  writeFileSync(join(home, "project/src/toy/extra.py"), "NEW = True\n");
  const { exitCode, stderr } = await runCli(["run", "toy.yaml"], { cwd: home, env: environment });
  expect([exitCode, stderr]).toEqual([0, ""]);
  session = (await runJson<SessionRecord>(["show"], { cwd: home })).value;
  // By name, each run is from here on one whose result was reused.
  const again = await runCli(["run", "toy.yaml", "--cache", "only"], { cwd: home, env: environment });
  expect([again.exitCode, again.stderr]).toEqual([0, ""]);
  git("checkout", "-q", ".");
  rmSync(join(home, "project/src/toy/extra.py"));
  writeFileSync(join(home, "project/src/toy/nodes.py"), NODES.replace("raw.strip()", "'something else'"));
  writeFileSync(join(home, "report.sh"), "exit 1\n");
  git("commit", "-qam", "second");
});

describe("reproduce", () => {
  it("does runs again on their commit, changes and versions, and leaves everything else as it was", async () => {
    const stored = () => ["data", "attempts", "sessions"].map((name) => readdirSync(join(home, ".runweave", name)));
    const before = [hashTree(home), stored(), scratches()];
    const prep = await reproduce("prep");
    expect(prep).toMatchObject({
      exitCode: 0,
      value: {
        verdict: "identical",
        session_id: session.session_id,
        commit: session.git_commit,
        patch: session.origin?.patch?.digest,
        scratch: null,
      },
    });
    expect(prep.value.datasets).toMatchObject([{ dataset: "table", node: "clean", verdict: "identical" }]);
    const train = await reproduce("train");
    expect(train.exitCode).toBe(0);
    expect(new Set(verdicts(train.value))).toEqual(
      new Set(["scores identical", "shuffled identical", "count identical"]),
    );
    const { run_id } = session.runs.find(({ run }) => run === "report") ?? {};
    const report = await reproduce(run_id ?? "");
    expect(report).toMatchObject({
      exitCode: 0,
      value: { verdict: "identical", run_id, session_id: session.session_id },
    });
    expect(await reproduce("tally")).toMatchObject({ exitCode: 0, value: { verdict: "identical", drifts: [] } });
    expect([hashTree(home), stored(), scratches()]).toEqual(before);
  });

  it("names the first node that gives something else each time; a tolerance makes it equal", async () => {
    const { exitCode, value } = await reproduce("noisy");
    expect([exitCode, value.verdict, value.exception]).toEqual([1, "different", null]);
    expect(verdicts(value)).toContain("scores identical");
    expect(value.divergence).toMatchObject({
      dataset: "shuffled",
      node: "shuffle",
      kind: "non-deterministic",
      cause: { kind: "seed" },
    });
    const tolerant = await runCli(["reproduce", "noisy", "--tolerance", "1e-9"], { cwd: home, env: environment });
    expect(tolerant.exitCode).toBe(0);
    expect(tolerant.stdout).toContain("equal      shuffled  by node shuffle: other bytes, the same values");
    expect(tolerant.stdout).toContain("verdict: equal");
  });

  it("refuses data and packages that are not what they were, and with --allow-drift names them as the cause", async () => {
    const raw = join(home, "project/data/raw.txt");
    const before = readFileSync(raw);
    writeFileSync(raw, " one two ");
    renameSync(join(packages, "fake_thing-1.0.dist-info"), join(packages, "fake_thing-2.0.dist-info"));
    const there = scratches();
    const message = await refused("prep", "--keep");
    expect(scratches(), "what is refused is not kept").toEqual(there);
    expect(message).toMatch(/^2 error\[drifted\]/);
    expect(message).toContain("package fake-thing: 1.0 -> 2.0");
    expect(message).toMatch(/input raw: sha256:\w+ -> sha256:/);
    expect(await refused("tally")).toContain("package fake-thing: 1.0 -> 2.0");
    const { exitCode, value } = await reproduce("prep", "--allow-drift");
    expect([exitCode, value.verdict, value.exception]).toEqual([1, "different", null]);
    expect(value.divergence).toMatchObject({ node: "clean", kind: "drift", cause: { kind: "input" } });
    writeFileSync(raw, before);
    const allowed = await reproduce("prep", "--allow-drift");
    expect(allowed.value).toMatchObject({ verdict: "identical", drifts: [{ kind: "package", name: "fake-thing" }] });
    renameSync(join(packages, "fake_thing-2.0.dist-info"), join(packages, "fake_thing-1.0.dist-info"));
  });

  it("keeps the scratch place if asked to, with a registry of its own", async () => {
    const { value } = await reproduce("prep", "--keep");
    const { scratch } = value;
    if (scratch === null) throw new Error("nothing was kept");
    expect(readFileSync(join(scratch, "code/project/src/toy/extra.py"), "utf8")).toBe("NEW = True\n");
    const kept = await runJson<SessionRecord>(["show", "--registry", join(scratch, ".runweave")]);
    expect(kept.value.runs.map(({ run, status }) => [run, status])).toEqual([["prep", "success"]]);
    rmSync(scratch, { recursive: true });
  });

  it("says what keeps a run from being done again", async () => {
    const { origin, runs } = session;
    const patch = join(home, `.runweave/patches/${origin?.patch?.digest.replace("sha256:", "")}.patch`);
    expect(await without(patch, () => refused("prep"))).toMatch(/^2 error\[patch-gone\]/);
    appendFileSync(patch, "more\n");
    expect(await refused("prep")).toMatch(/^2 error\[patch-changed\]/);
    writeFileSync(patch, readFileSync(patch, "utf8").slice(0, -"more\n".length));
    expect(await without(join(home, "project/data/raw.txt"), () => refused("prep"))).toMatch(/^2 error\[input-gone\]/);
    const table = runs.find(({ run }) => run === "prep")?.outputs.table?.location ?? "";
    expect(await without(table, () => refused("train"))).toMatch(/^2 error\[version-changed\]/);
    expect(await refused("nobody")).toMatch(/^2 error\[unknown-run\]/);
    expect(await refused("prep", "--tolerance", "-1")).toMatch(/^2 /);
    const branch = git("branch", "--show-current").trim();
    git("checkout", "-q", "--orphan", "fresh");
    git("commit", "-qm", "anew");
    git("branch", "-qD", branch);
    git("reflog", "expire", "--expire=now", "--all");
    git("gc", "-q", "--prune=now");
    expect(await refused("prep")).toMatch(/^2 error\[commit-gone\]/);
    await without(join(home, ".git"), async () => {
      expect(await refused("prep")).toMatch(/^2 error\[not-a-git-repository\]/);
    });
  });
});
