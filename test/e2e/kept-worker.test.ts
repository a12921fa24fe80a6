import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runCli, runJson, startCli } from "../rig/cli.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";
import { findTestPython } from "../rig/test-python.ts";
import { writeToyProject } from "../rig/toy-project.ts";
import { waitFor } from "../rig/wait-for.ts";

/** `quick` tells which worker it was forked from; `wait` does so when the test writes to the fifo. */
const PIPELINES = `
import os

def tell():
    return str(os.getppid())

def wait(fifo):
    with open(fifo) as file:
        return file.read() + str(os.getppid())

def register_pipelines():
    return {
        "quick": Pipeline([node(tell, None, "text")]),
        "wait": Pipeline([node(wait, "params:fifo", "text")]),
    }
`;

const folder = makeSuiteFolder();
const fifo = join(folder, "fifo");
const workers = join(folder, ".runweave/workers");
const KEEP = ["--keep-worker", "10m"];

beforeAll(() => {
  const catalog = "text: { type: text.TextDataset, filepath: data/text.txt }\n";
  writeToyProject({ folder: join(folder, "project"), pipelines: PIPELINES, catalog, parameters: "fifo: none\n" });
  execFileSync("mkfifo", [fifo]);
  const head = `project: project\npython: ${findTestPython()}\nruns:\n`;
  writeFileSync(join(folder, "quick.yaml"), `${head}  quick: { pipeline: quick, outputs: [text] }\n`);
  const defaults = "defaults: { keep_worker: 10m }\n";
  writeFileSync(join(folder, "kept.yaml"), `${defaults}${head}  quick: { pipeline: quick, outputs: [text] }\n`);
  writeFileSync(
    join(folder, "wait.yaml"),
    `${head}  wait: { pipeline: wait, outputs: [text], params: { fifo: ${fifo} } }\n`,
  );
});

afterAll(async () => {
  await runCli(["doctor", "--end-workers"], { cwd: folder });
});

const listRecords = () => (existsSync(workers) ? readdirSync(workers) : []);

/** Runs until the worker is kept, and says which it is: none is that was started just after the package was unpacked. */
async function keepWorker(words = ["quick.yaml", ...KEEP]): Promise<string> {
  let told = "";
  for (let tries = 0; tries < 20 && !told.includes("waits for the next session"); tries++) {
    told = (await runCli(["run", ...words, "--fresh"], { cwd: folder })).stderr;
  }
  expect(told).toMatch(/^note: the worker of .*project waits for the next session until \d\d:\d\d:\d\d$/m);
  return (await runCli(["cat", "text@quick"], { cwd: folder })).stdout;
}

/** Runs the quick workflow, and says which worker it had. */
async function runQuick(...flags: string[]): Promise<string> {
  const { exitCode, stderr } = await runCli(["run", "quick.yaml", "--fresh", ...flags], { cwd: folder });
  expect(exitCode, stderr).toBe(0);
  return (await runCli(["cat", "text@quick"], { cwd: folder })).stdout;
}

test("a duration that is none is refused", async () => {
  const { exitCode, stderr } = await runCli(["run", "quick.yaml", "--keep-worker", "soon"], { cwd: folder });
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining("a duration such as 90s, 10m")]);
});

test("a kept worker is used, told by doctor, and ended by it", async () => {
  const first = await keepWorker();
  expect(await runQuick(...KEEP)).toBe(first);
  const { value } = await runJson<{ findings: { what: string; detail: string }[] }>(["doctor"], { cwd: folder });
  expect(value.findings.filter(({ what }) => what === "kept worker")).toEqual([
    expect.objectContaining({ detail: expect.stringContaining(`project (pid ${first}) waits for the next session`) }),
  ]);
  await runCli(["doctor", "--end-workers"], { cwd: folder });
  await waitFor(() => !existsSync(`/proc/${first}`));
  expect(await runQuick()).not.toBe(first);
  expect(listRecords()).toEqual([]);
});

test("a workflow says by itself that its worker waits, and the command line may say that it does not", async () => {
  expect((await runCli(["plan", "kept.yaml"], { cwd: folder })).stdout).toContain("its worker waits 10m");
  const first = await keepWorker(["kept.yaml"]);
  const { exitCode, stderr } = await runCli(["run", "kept.yaml", "--fresh", "--keep-worker", "0"], { cwd: folder });
  expect([exitCode, stderr]).toEqual([0, ""]);
  expect((await runCli(["cat", "text@quick"], { cwd: folder })).stdout).toBe(first);
  await waitFor(() => !existsSync(`/proc/${first}`));
  expect(listRecords()).toEqual([]);
});

test("a kept worker whose record is damaged is named by doctor, and ended by gc", async () => {
  const first = await keepWorker();
  const record = join(workers, `${first}-waiting`);
  writeFileSync(record, "");
  const { exitCode, value } = await runJson<{ findings: { what: string; detail: string }[] }>(["doctor"], {
    cwd: folder,
  });
  expect(exitCode).toBe(0);
  const [finding] = value.findings.filter(({ what }) => what === "kept worker");
  expect(finding).toMatchObject({
    level: "warn",
    detail: expect.stringContaining(`pid ${first} waits, but no session finds it: its record ${record} is damaged`),
  });
  const gc = await runCli(["gc", "--keep-last", "5", "--yes"], { cwd: folder });
  expect(gc.exitCode, gc.stderr).toBe(0);
  await waitFor(() => !existsSync(`/proc/${first}`));
  expect(listRecords()).toEqual([]);
});

test("a session that is killed with a kept worker leaves its run to it; resume finishes, and nothing stays", async () => {
  const first = await keepWorker();
  const session = startCli(["run", "wait.yaml", "--json"], { cwd: folder });
  const { log } = await session.event("run.started");
  session.signal("SIGKILL");
  await session.result;
  writeFileSync(fifo, "told ");
  const { exitCode } = await runCli(["resume"], { cwd: folder });
  expect(exitCode, readFileSync(log, "utf8")).toBe(0);
  expect((await runCli(["cat", "text@wait"], { cwd: folder })).stdout).toBe(`told ${first}`);
  await waitFor(() => !existsSync(`/proc/${first}`));
  await runCli(["doctor", "--end-workers"], { cwd: folder });
  expect(listRecords()).toEqual([]);
});

test("a session and its kept worker that are both killed are finished by resume with another one", async () => {
  const first = await keepWorker();
  const session = startCli(["run", "wait.yaml", "--fresh", "--json"], { cwd: folder });
  const { pid } = await session.event("run.started");
  session.signal("SIGKILL");
  process.kill(Number(first), "SIGKILL");
  process.kill(pid ?? 0, "SIGKILL");
  await session.result;
  const resumed = startCli(["resume", "--json"], { cwd: folder });
  await resumed.event("run.started");
  writeFileSync(fifo, "again ");
  expect((await resumed.result).exitCode).toBe(0);
  expect((await runCli(["cat", "text@wait"], { cwd: folder })).stdout).toMatch(/^again \d+$/);
  expect(listRecords()).toEqual([]);
});
