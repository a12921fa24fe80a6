import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import type { RunRecord, SessionRecord } from "../../src/core/run.ts";
import { runCli, runEvents, runJson } from "../rig/cli.ts";
import { copyExample } from "../rig/example-project.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";
import { hashFile } from "../rig/tree-hashes.ts";

/** The example in a repository of its own: from a number of its report to the raw data, and on, by commands alone. */
const cwd = makeSuiteFolder();
const project = copyExample(cwd);
const REPORT = join(project, "data/08_reporting/comparison.csv");
let session: SessionRecord;

beforeAll(async () => {
  writeFileSync(join(cwd, ".gitignore"), ".venv\ndata/\n__pycache__/\n");
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=n", "-c", "user.email=e@x", ...args], { cwd });
  git("init", "-q");
  git("add", ".");
  git("commit", "-qm", "first");
  expect((await runEvents(join(project, "workflow.yaml"), { cwd })).exitCode).toBe(0);
  session = (await runJson<SessionRecord>(["show"], { cwd })).value;
});

function runOf({ runs }: SessionRecord, name: string): RunRecord {
  return runs.find(({ run }) => run === name) ?? expect.fail(`no ${name}`);
}

/** The number of a model in a table of the report. */
function readNumber(path: string, model: string): number {
  const [head = "", ...rows] = readFileSync(path, "utf8").trim().split("\n");
  const row = rows.find((each) => each.startsWith(`${model},`)) ?? expect.fail(`no ${model}`);
  return Number(row.split(",")[head.split(",").indexOf("rmse")]);
}

interface Why {
  chain: { pin: { dataset: string; rule: string }; writer: { run: string } | null; hash: string | null }[];
}

test("`why` goes from the number's input to what the raw data came to, and each hash is of what is there", async () => {
  const { value } = await runJson<Why>(["why", "metrics_ridge", "compare"], { cwd });
  const steps = value.chain.map(({ pin, writer, hash }) => ({ dataset: pin.dataset, by: writer?.run, hash }));
  const hashOf = (run: string, dataset: string) => runOf(session, run).outputs[dataset]?.hash;
  expect(steps).toEqual([
    { dataset: "metrics_ridge", by: "train_ridge", hash: hashOf("train_ridge", "metrics") },
    { dataset: "train_set", by: "prep", hash: hashOf("prep", "train_set") },
    { dataset: "test_set", by: "prep", hash: hashOf("prep", "test_set") },
  ]);
  const raw = runOf(session, "prep").outputs.raw_patients ?? expect.fail();
  expect(raw.hash).toBe(`sha256:${hashFile(raw.location)}`);
  expect((await runCli(["verify", session.session_id], { cwd })).exitCode).toBe(0);
});

test.each(["compare", "train_ridge", "prep"])(
  "`reproduce %s` comes to the same bytes in another folder",
  async (run) => {
    const { value, exitCode } = await runJson<{ verdict: string; scratch: string; datasets: { verdict: string }[] }>(
      ["reproduce", run, "--keep"],
      { cwd },
    );
    expect([exitCode, value.verdict]).toEqual([0, "identical"]);
    expect(existsSync(value.scratch) && !value.scratch.startsWith(cwd)).toBe(true);
    rmSync(value.scratch, { recursive: true });
  },
);

test("`replay --set` of a parameter two runs upstream shows what that changed, and `diff` the number itself", async () => {
  const replayed = await runCli(["replay", session.session_id, "--set", "prep.params.split.test_share=0.3"], { cwd });
  expect(replayed.exitCode).toBe(0);
  expect(replayed.stdout).toMatch(/first cause: params of prep: split\.test_share: 0\.\d+ -> 0\.3/);
  const after = (await runJson<SessionRecord>(["show"], { cwd })).value;
  const [before, now] = [session, after].map((each) => runOf(each, "compare").outputs.comparison?.location ?? "");
  expect(before).not.toBe(now);
  const { value } = await runJson<{ pairs: { a: string; differences: { key: string; a: unknown; b: unknown }[] }[] }>(
    ["diff", session.session_id, "latest"],
    { cwd },
  );
  const found = JSON.stringify(value);
  for (const path of [before ?? "", now ?? ""]) expect(found).toContain(String(readNumber(path, "ridge")));
  // Nothing is published by a replay: the report is the one of the first session.
  expect(readNumber(REPORT, "ridge")).toBe(readNumber(before ?? "", "ridge"));
});
