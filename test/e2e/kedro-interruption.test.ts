import { execFile, execFileSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, expect, test } from "vitest";
import type { SessionRecord } from "../../src/core/run.ts";
import { identifyProcess, isAlive } from "../../src/processes/identity.ts";
import { type RunningCli, runJson, startCli } from "../rig/cli.ts";
import { MarkedProcesses } from "../rig/marked-processes.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";
import { TerminalCli } from "../rig/terminal.ts";
import { findTestPython } from "../rig/test-python.ts";
import { writeToyProject } from "../rig/toy-project.ts";

/** `wait` ends when the test writes to the fifo; `stubborn` takes no SIGINT for an answer. */
const PIPELINES = `
import signal


def wait(fifo):
    with open(fifo) as file:
        return file.read()


def stubborn(fifo):
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with open(fifo + ".ready", "w"):
        pass
    return wait(fifo)


def register_pipelines():
    return {
        "wait": Pipeline([node(wait, "params:fifo", "text", name="wait")]),
        "stubborn": Pipeline([node(stubborn, "params:fifo", "text", name="stubborn")]),
    }
`;

const folder = makeSuiteFolder();

beforeAll(() => {
  const catalog = "text: { type: text.TextDataset, filepath: data/text.txt }\n";
  writeToyProject({ folder: join(folder, "project"), pipelines: PIPELINES, catalog });
});

/** A workflow of one waiting run and one that comes after it, with a registry and a fifo of its own. */
function prepare(name: string, pipeline: string) {
  const fifo = join(folder, `${name}.fifo`);
  execFileSync("mkfifo", [fifo, `${fifo}.ready`]);
  const runs = {
    long: { pipeline, params: { fifo }, outputs: ["text"] },
    later: { command: ["touch", `${name}.reached`], needs: ["long"] },
  };
  const file = `${name}.json`;
  writeFileSync(join(folder, file), JSON.stringify({ project: "project", python: findTestPython(), runs }));
  const marked = new MarkedProcesses();
  const registry = ["--registry", join(folder, name)];
  const options = { cwd: folder, env: marked.environment };
  const show = async () => (await runJson<SessionRecord>(["show", ...registry])).value;
  return { fifo, marked, args: ["run", file, ...registry], options, show };
}

const statusesOf = ({ runs }: SessionRecord) => Object.fromEntries(runs.map(({ run, status }) => [run, status]));
const whenWaiting = (cli: RunningCli) => cli.event("node.started");

test("SIGINT interrupts the node: cancelled, nothing saved, nothing left behind", async () => {
  const { marked, args, options, show } = prepare("interrupted", "wait");
  const cli = startCli([...args, "--json"], options);
  await whenWaiting(cli);
  cli.signal("SIGINT");
  expect((await cli.result).exitCode).toBe(130);
  expect(await marked.remaining()).toEqual([]);
  const session = await show();
  expect(statusesOf(session)).toEqual({ long: "cancelled", later: "cancelled" });
  expect(session.runs[0]?.outputs).toEqual({});
});

test("Ctrl-C twice on a terminal kills a node that ignores it", async () => {
  const { fifo, marked, args, options, show } = prepare("killed", "stubborn");
  const terminal = new TerminalCli(args, options);
  await terminal.shows("reading the project's pipelines");
  await promisify(execFile)("cat", [`${fifo}.ready`]);
  terminal.press("\u0003");
  await terminal.shows("Ctrl-C again kills them");
  terminal.press("\u0003");
  expect(await terminal.ended).toEqual({ exitCode: 130, restored: true });
  expect(await marked.remaining()).toEqual([]);
  expect(statusesOf(await show())).toEqual({ long: "cancelled", later: "cancelled" });
});

test("kill -9 of the worker: the run fails and says so, what comes after it is skipped, nothing is left", async () => {
  const { marked, args, options, show } = prepare("workerless", "wait");
  const cli = startCli([...args, "--json"], options);
  await whenWaiting(cli);
  const workers = marked.childrenOf(cli.pid);
  expect(workers).toHaveLength(1);
  for (const pid of workers) process.kill(pid, "SIGKILL");
  expect((await cli.result).exitCode).toBe(1);
  expect(await marked.remaining()).toEqual([]);
  const session = await show();
  expect(statusesOf(session)).toEqual({ long: "failed", later: "skipped" });
  expect(session.runs[0]?.exception?.message).toContain("worker died");
});

test("a worker that hangs is found out and ended: the run fails and says so, nothing is left", async () => {
  const { marked, args, options, show } = prepare("wedged", "wait");
  const env = { ...options.env, RUNWEAVE_WORKER_PATIENCE_MS: "3000" };
  const cli = startCli([...args, "--json"], { ...options, env });
  await whenWaiting(cli);
  for (const pid of marked.childrenOf(cli.pid)) process.kill(pid, "SIGSTOP");
  expect((await cli.result).exitCode).toBe(1);
  expect(await marked.remaining()).toEqual([]);
  const session = await show();
  expect(statusesOf(session)).toEqual({ long: "failed", later: "skipped" });
  expect(session.runs[0]?.exception?.message).toContain("it had not answered for 3 s");
});

test("kill -9 of the orchestrator: when its child has ended, the worker ends too, and nothing counts as saved", async () => {
  const { fifo, marked, args, options, show } = prepare("orphaned", "wait");
  const cli = startCli([...args, "--json"], options);
  await whenWaiting(cli);
  cli.signal("SIGKILL");
  await cli.result;
  expect(marked.list()).not.toEqual([]);
  writeFileSync(fifo, "so be it");
  expect(await marked.remaining()).toEqual([]);
  const session = await show();
  expect(statusesOf(session).later).toBe("pending");
  expect(session.runs[0]?.outputs).toEqual({});
});

test("SIGINT while the project is being imported: exit code 130, nothing left behind", async () => {
  const fifo = join(folder, "import.fifo");
  execFileSync("mkfifo", [fifo, `${fifo}.ready`]);
  const pipelines = `open("${fifo}.ready", "w").close()\nopen("${fifo}").read()\n`;
  writeToyProject({ folder: join(folder, "importing"), pipelines });
  const workflow = { project: "importing", python: findTestPython(), runs: { a: { pipeline: "__default__" } } };
  writeFileSync(join(folder, "importing.json"), JSON.stringify(workflow));
  const marked = new MarkedProcesses();
  const cli = startCli(["run", "importing.json"], { cwd: folder, env: marked.environment });
  await promisify(execFile)("cat", [`${fifo}.ready`]);
  cli.signal("SIGINT");
  const { exitCode, stderr } = await cli.result;
  expect({ exitCode, stderr }).toEqual({ exitCode: 130, stderr: expect.stringContaining("interrupted") });
  expect(await marked.remaining()).toEqual([]);
});

const LOOP = (fifo: string) => `open("${fifo}.ready", "w").close()\nwhile True: pass\n`;

test.each([
  ["imported", (fifo: string) => ({ pipelines: LOOP(fifo) })],
  [
    "asked",
    (fifo: string) => ({
      pipelines: `def register_pipelines(): return {"__default__": Pipeline([node(str.strip, "text", "out", name="n")])}`,
      settings: `def loop():\n    ${LOOP(fifo).trim().replace("\n", "\n    ")}\nCONFIG_LOADER_ARGS = {"custom_resolvers": {"loop": loop}}\n`,
      catalog: `text: { type: text.TextDataset, filepath: "data/\${loop:}" }\n`,
    }),
  ],
])(
  "kill -9 of the orchestrator while a project that goes round in circles is being %s: it ends as well",
  async (how, project) => {
    const fifo = join(folder, `${how}-for-ever.fifo`);
    execFileSync("mkfifo", [fifo, `${fifo}.ready`]);
    writeToyProject({ folder: join(folder, how), ...project(fifo) });
    const workflow = { project: how, python: findTestPython(), runs: { a: { pipeline: "__default__" } } };
    writeFileSync(join(folder, `${how}.json`), JSON.stringify(workflow));
    const marked = new MarkedProcesses();
    const cli = startCli(["validate", `${how}.json`], { cwd: folder, env: marked.environment });
    await promisify(execFile)("cat", [`${fifo}.ready`]);
    cli.signal("SIGKILL");
    await cli.result;
    expect(await marked.remaining()).toEqual([]);
  },
);

test("kill -9 of the orchestrator, then the attempts' records are deleted: resume ends the run before it begins again", async () => {
  const { fifo, marked, args, options, show } = prepare("lost", "wait");
  const cli = startCli([...args, "--json"], options);
  const first = identifyProcess(Number((await cli.event("run.started")).pid));
  await whenWaiting(cli);
  expect(isAlive(first)).toBe(true);
  cli.signal("SIGKILL");
  await cli.result;
  rmSync(join(folder, "lost/attempts"), { recursive: true });
  const going = startCli(["resume", "--json", ...args.slice(2)], options);
  await whenWaiting(going);
  expect(isAlive(first)).toBe(false);
  writeFileSync(fifo, "so be it");
  expect((await going.result).exitCode).toBe(0);
  expect(statusesOf(await show())).toEqual({ long: "success", later: "success" });
  expect(await marked.remaining()).toEqual([]);
});
