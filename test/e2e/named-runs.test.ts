import { chmodSync, chownSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { SessionRecord } from "../../src/core/run.ts";
import { runCli, runJson } from "../rig/cli.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";

const cwd = makeSuiteFolder();
const below = join(cwd, "notebooks/deep");
mkdirSync(below, { recursive: true });
const environment = { SEEN: "file" };
const FLOW = {
  publish: ["report"],
  runs: {
    prep: { command: ["sh", "-c", "echo prep"], environment },
    other: { command: ["sh", "-c", "echo other"] },
    train: { needs: "prep", matrix: { k: [1, 2] }, command: ["sh", "-c", "echo $SEEN ${matrix.k}"], environment },
    tell: { needs: "train", command: ["sh", "-c", "echo told > report.txt"], outputs: { report: "report.txt" } },
  },
};
writeFileSync(join(cwd, "workflow.json"), JSON.stringify(FLOW));
/** What lies in a folder decides nothing: this is no workflow. */
mkdirSync(join(cwd, "train"));

async function showRuns(): Promise<SessionRecord["runs"]> {
  return (await runJson<SessionRecord>(["show", "latest"], { cwd })).value.runs;
}

test.each<[string[], string, string[]]>([
  [["workflow.json", "train"], cwd, ["prep", "train[k=1]", "train[k=2]"]],
  [["./workflow.json", "train[k=2]", "other"], cwd, ["prep", "other", "train[k=2]"]],
  [["train[k=1]"], cwd, ["prep", "train[k=1]"]],
  [["tell"], below, ["prep", "train[k=1]", "train[k=2]", "tell"]],
  [[], below, ["prep", "other", "train[k=1]", "train[k=2]", "tell"]],
])("run %j runs what is named, and what that needs", async (words, folder, runs) => {
  const { exitCode, stderr } = await runCli(["run", ...words], { cwd: folder });
  const named = words[0]?.endsWith("workflow.json") === true;
  const shown = folder === cwd ? "workflow.json" : join(cwd, "workflow.json");
  expect([exitCode, stderr.includes(`using ${shown}\n`)]).toEqual([0, !named]);
  expect((await showRuns()).map(({ run }) => run)).toEqual(runs);
});

test("a part of a workflow publishes nothing, and says so; the whole publishes", async () => {
  const part = await runCli(["run", "workflow.json", "tell"], { cwd });
  expect(part.stderr).toMatch(/warning\[not-published\]/);
  expect((await runCli(["run", "workflow.json", "train"], { cwd })).stdout).not.toContain("published");
  expect((await runCli(["run", "workflow.json"], { cwd })).stderr).not.toContain("not-published");
});

test.each<[string[], RegExp]>([
  [
    ["run", "workflow.json", "trian"],
    /workflow\.json:1:\d+ {2}error\[unknown-run\].*has no run "trian".*did you mean "train"/s,
  ],
  [["plan", "train[k=3]"], /has no run "train\[k=3\]".*did you mean "train\[k=1\]"/s],
  [["run", "workflow"], /has no run "workflow".*it has: prep, other, train and 1 more/s],
  [
    ["run", "--only", "prep", "workflow.json", "train"],
    /invalid-usage.*--only and the names of runs don't go together/,
  ],
  [["run", "--locked", "workflow.json", "train"], /invalid-usage.*--locked and the names of runs/],
  [["run", "absent/train"], /file-missing/],
  [["run", "--set", "trian.environment.SEEN=x"], /json:1:\d+ {2}error\[unknown-run\].*did you mean "train"/s],
  [
    ["plan", "--set", "model.seed=3"],
    /unknown-run.*--set model.seed=3: .*takes RUN.FIELD=VALUE: --set prep\.environment\.model/s,
  ],
  [["plan", "--set", "train.enviroment.SEEN=x"], /json:1:\d+ {2}error\[unknown-field\].*did you mean "environment"/s],
  [["validate", "--set", "train"], /invalid-setting.*--set takes RUN.FIELD=VALUE, not "train"/],
])("%j is refused, with what is near", async (args, message) => {
  const { exitCode, stdout, stderr } = await runCli(args, { cwd });
  expect([exitCode, stdout + stderr]).toEqual([2, expect.stringMatching(message)]);
});

test("--set changes a field of all arms, or of one, this time; all that shows the session shows it", async () => {
  const flags = ["--set", "train.environment.SEEN=all", "--set", "train[k=2].environment.SEEN=7"];
  expect((await runCli(["run", "train", ...flags], { cwd })).exitCode).toBe(0);
  for (const [run, line] of [
    ["train[k=1]", "all 1"],
    ["train[k=2]", "7 2"],
  ] as const)
    expect((await runJson<{ logs: { lines: string[] }[] }>(["logs", run], { cwd })).value.logs[0]?.lines).toContain(
      line,
    );
  expect((await runCli(["show", "latest"], { cwd })).stdout).toContain("--set train.environment.SEEN=all");
});

test("a workflow beside another one of these names has to be named; without any, the error says how they are called", async () => {
  const several = join(cwd, "several");
  mkdirSync(several);
  for (const name of ["workflow.json", "workflow.ts"]) writeFileSync(join(several, name), "");
  const two = await runCli(["validate"], { cwd: several });
  expect([two.exitCode, two.stderr]).toEqual([
    2,
    expect.stringMatching(/error\[ambiguous-workflow\].*workflow\.json, workflow\.ts/),
  ]);
  const none = await runCli(["run", "train"], { cwd: "/" });
  expect([none.exitCode, none.stderr]).toEqual([2, expect.stringMatching(/error\[no-workflow\].*before "train"/s)]);
});

describe.runIf(process.getuid?.() === 0)("a workflow that somebody else may have put there", () => {
  const OTHER = 4321;
  const make = (mode: number, owner: number) => {
    const folder = mkdtempSync(join(cwd, "shared-"));
    const inside = join(folder, "mine");
    mkdirSync(inside);
    writeFileSync(join(folder, "workflow.json"), JSON.stringify({ runs: { ok: { command: ["true"] } } }));
    chmodSync(folder, mode);
    for (const path of [folder, join(folder, "workflow.json")]) chownSync(path, owner, owner);
    return { folder, inside };
  };

  test.each([
    ["everybody may write there", 0o1777, 0, /no-workflow.*everybody may write to/],
    ["its folder is another user's", 0o755, OTHER, /no-workflow.*belongs to another user/],
  ])("is not found from below, as %s", async (_, mode, owner, said) => {
    const { inside } = make(mode, owner);
    const { exitCode, stderr } = await runCli(["validate"], { cwd: inside });
    expect([exitCode, stderr]).toEqual([2, expect.stringMatching(said)]);
  });

  test("has to be named in a folder in which everybody may write; the owner's own is used", async () => {
    const open = make(0o1777, OTHER).folder;
    const refused = await runCli(["validate"], { cwd: open });
    expect([refused.exitCode, refused.stderr]).toEqual([2, expect.stringMatching(/foreign-workflow.*4321/)]);
    expect((await runCli(["validate", "workflow.json"], { cwd: open })).exitCode).toBe(0);
    const { folder } = make(0o755, OTHER);
    expect((await runCli(["validate"], { cwd: folder })).exitCode).toBe(0);
  });

  test("is not looked for above the top of a checkout", async () => {
    const { inside } = make(0o755, 0);
    expect((await runCli(["validate"], { cwd: inside })).exitCode).toBe(0);
    mkdirSync(join(inside, ".git"));
    const { stderr } = await runCli(["validate"], { cwd: inside });
    expect(stderr).toMatch(/no-workflow.*mine is the top of the checkout/);
  });
});

test.each(["validate", "simulate", "lock", "doctor"])(
  "%s takes the nearest workflow, and says which",
  async (command) => {
    const { exitCode, stderr } = await runCli([command], { cwd: below });
    expect([exitCode, stderr]).toEqual([0, expect.stringContaining(`using ${join(cwd, "workflow.json")}\n`)]);
  },
);
