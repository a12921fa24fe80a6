import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { RunEvent } from "../../src/core/event/event.ts";
import type { RunRecord, SessionRecord } from "../../src/core/run.ts";
import { type RunningCli, runCli, runJson, startCli } from "../rig/cli.ts";
import { MarkedProcesses } from "../rig/marked-processes.ts";
import { shortId } from "../rig/short-id.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";
import { findTestPython } from "../rig/test-python.ts";
import { writeToyProject } from "../rig/toy-project.ts";
import { waitFor } from "../rig/wait-for.ts";

const NODES = 250;
/** The 201st. */
const HELD = "n200";

/** A chain of 250 nodes; where there is a fifo, the 201st waits for it. */
const PIPELINES = `
import hashlib, os

def step(*texts):
    return hashlib.sha256("".join(texts).encode()).hexdigest()

def held(fifo, text):
    if os.path.exists(fifo):
        open(fifo).read()
    return step(text)

def name(number):
    return f"n{number:03}"

def register_pipelines():
    first = [node(lambda seed: step(str(seed)), "params:seed", "n000.step", name="n000")]
    rest = [
        node(held, ["params:fifo", f"{name(n - 1)}.step"], f"{name(n)}.step", name=name(n))
        if name(n) == "${HELD}"
        else node(step, [f"{name(n - 1)}.step"], f"{name(n)}.step", name=name(n))
        for n in range(1, ${NODES})
    ]
    return {"long": Pipeline(first + rest)}
`;
const CATALOG = '"{name}.step": { type: text.TextDataset, filepath: "data/{name}.txt" }\n';

const folder = makeSuiteFolder();
let uninterrupted: Record<string, string | null>;

beforeAll(async () => {
  const fifo = join(folder, "fifo");
  writeToyProject({
    folder: join(folder, "project"),
    pipelines: PIPELINES,
    catalog: CATALOG,
    parameters: `seed: 7\nfifo: ${fifo}\n`,
  });
  const runs = {
    long: { pipeline: "long", outputs: ["n249.step", "n010.step"] },
    after: {
      command: ["sh", "-c", 'cat "$1" "$2" > "$3"', "sh", "${inputs.a.path}", "${inputs.b.path}", "${outputs.o.path}"],
      consumes: { a: { run: "long", dataset: "n010.step" }, b: { run: "long", dataset: "n249.step" } },
      outputs: ["o"],
    },
  };
  const file = { project: "project", python: findTestPython(), publish: ["n010.step"], runs };
  writeFileSync(join(folder, "workflow.json"), JSON.stringify(file));
  const { args, show } = prepare("whole");
  expect((await runCli(args, { cwd: folder })).exitCode).toBe(0);
  uninterrupted = hashesOf(await show());
});

function prepare(name: string) {
  const marked = new MarkedProcesses();
  const registry = ["--registry", join(folder, name)];
  const options = { cwd: folder, env: marked.environment };
  const show = async () => (await runJson<SessionRecord>(["show", ...registry])).value;
  return { name, marked, registry, args: ["run", "workflow.json", ...registry], options, show };
}

const hashesOf = ({ runs }: SessionRecord) =>
  Object.fromEntries(
    runs.flatMap(({ run, outputs }) => Object.entries(outputs).map(([name, { hash }]) => [`${run}.${name}`, hash])),
  );

/** Runs until the 201st node has begun, and lets `end` end it. Returns the first attempt's run_id. */
async function cutOff(prepared: ReturnType<typeof prepare>, end: (cli: RunningCli, child: number) => Promise<void>) {
  const { args, options, name } = prepared;
  execFileSync("mkfifo", [join(folder, "fifo")]);
  const cli = startCli([...args, "--json"], options);
  const { run_id } = await cli.event("run.started");
  const attempt = join(folder, name, "attempts", run_id);
  const events = () => (existsSync(join(attempt, "events")) ? readFileSync(join(attempt, "events"), "utf8") : "");
  await waitFor(() => events().includes(`"node.started", "node": "${HELD}"`));
  const { pid } = JSON.parse(readFileSync(join(attempt, "claim"), "utf8")) as { pid: number };
  await end(cli, pid);
  rmSync(join(folder, "fifo"));
  return run_id;
}

function parentOf(pid: number): number {
  return Number(/^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
}

async function resume({ registry, options }: ReturnType<typeof prepare>) {
  const { exitCode, stdout, stderr } = await runCli(["resume", "--json", ...registry], options);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as RunEvent);
}

const ENDS: Record<string, (cli: RunningCli, child: number) => Promise<void>> = {
  "the process of the run": async (cli, child) => {
    process.kill(child, "SIGKILL");
    expect((await cli.result).exitCode).toBe(1);
  },
  "the orchestrator, then the process of the run": async (cli, child) => {
    cli.signal("SIGKILL");
    await cli.result;
    process.kill(child, "SIGKILL");
  },
  "the orchestrator, the worker and the process of the run": async (cli, child) => {
    const worker = parentOf(child);
    cli.signal("SIGKILL");
    await cli.result;
    process.kill(worker, "SIGKILL");
    process.kill(child, "SIGKILL");
  },
};

describe.each(Object.keys(ENDS))("kill -9 of %s at the 201st of 250 nodes", (what) => {
  test("the run goes on there, and comes to what it would have come to", async () => {
    const prepared = prepare(`registry-${Object.keys(ENDS).indexOf(what)}`);
    const first = await cutOff(prepared, ENDS[what] as (typeof ENDS)[string]);
    expect(await prepared.marked.remaining()).toEqual([]);
    const events = await resume(prepared);
    // What the first attempt told and nobody took in comes with its end.
    const started = events.flatMap((event) =>
      event.type === "node.started" && event.run_id !== first ? [event.node] : [],
    );
    expect(started).toEqual(Array.from({ length: 50 }, (_, index) => `n${200 + index}`));
    expect(events.findLast(({ type }) => type === "pipeline.started")).toMatchObject({
      total_nodes: 50,
      resumed_nodes: 200,
    });
    const session = await prepared.show();
    expect(session.status).toBe("success");
    expect(hashesOf(session)).toEqual(uninterrupted);
    await checkRecord(prepared, session, first);
    expect(await prepared.marked.remaining()).toEqual([]);
  });
});

/** What was taken over has the version of the attempt that saved it, for whoever reads it, and for every question. */
async function checkRecord({ registry }: ReturnType<typeof prepare>, session: SessionRecord, first: string) {
  const [long, after] = session.runs as [RunRecord, RunRecord];
  expect(long.outputs["n010.step"]?.version).toBe(first);
  expect(long.outputs["n249.step"]?.version).toBe(long.run_id);
  expect(long.load_versions).toMatchObject({ "n010.step": first, "n249.step": long.run_id });
  expect(after.load_versions).toEqual({ a: first, b: long.run_id, o: after.run_id });
  expect(existsSync(join(folder, "project/data/n010.txt"))).toBe(true);
  const verified = await runCli(["verify", ...registry]);
  expect({ exitCode: verified.exitCode, stdout: verified.stdout }).toEqual({
    exitCode: 0,
    stdout: expect.stringContaining("251 versions; 0 broken, 2 unknown"),
  });
  const shown = (await runCli(["show", ...registry])).stdout;
  expect(shown).toContain(`200 datasets <- ${shortId(first)} (an earlier attempt)`);
  const why = (await runCli(["why", "a", String(after.run_id), ...registry])).stdout;
  expect(why).toContain(`n010.step <- ${shortId(first)}  by rule resumed: n010 finished in an earlier attempt of long`);
  const lineage = (await runCli(["lineage", String(after.run_id), "--direction", "up", ...registry])).stdout;
  expect(lineage).toContain("taken over <- long  failed");
  const readers = (await runCli(["lineage", String(long.run_id), "--direction", "down", ...registry])).stdout;
  expect(readers).toContain("n010.step (as a)");
  expect((await runCli(["lineage", "--undeclared", ...registry])).stdout).not.toContain("n010");
}
