import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunEvent } from "../../src/core/event/event.ts";
import type { SessionRecord } from "../../src/core/run.ts";
import { runCli, runJson, startCli } from "../rig/cli.ts";
import { openObjects, type RemoteObjects } from "../rig/remote-objects.ts";
import { type S3Server, startS3Server, writeCredentials } from "../rig/s3-server.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";
import { findTestPython } from "../rig/test-python.ts";
import { writeToyProject } from "../rig/toy-project.ts";
import { waitFor } from "../rig/wait-for.ts";

const NODES = 12;
/** The ninth node: where there is a fifo, it waits for it. What the third saves is versioned by the project itself. */
const PIPELINES = `
import hashlib, os

def step(*texts):
    return hashlib.sha256("".join(map(str, texts)).encode()).hexdigest()

def held(fifo, text):
    if os.path.exists(fifo):
        open(fifo).read()
    return step(text)

def register_pipelines():
    nodes = [node(step, "params:seed", "n00", name="n00")]
    for n in range(1, ${NODES}):
        inputs = ["params:fifo", f"n{n - 1:02}"] if n == 8 else [f"n{n - 1:02}"]
        nodes.append(node(held if n == 8 else step, inputs, f"n{n:02}", name=f"n{n:02}"))
    return {"long": Pipeline(nodes), "__default__": Pipeline([])}
`;
const CATALOG = `
n02: { type: text.TextDataset, filepath: s3://bucket/data/n02.txt, credentials: store, versioned: true }
"n{number}": { type: text.TextDataset, filepath: "s3://bucket/data/n{number}.txt", credentials: store }
`;

const folder = makeSuiteFolder();
const fifo = join(folder, "fifo");
let server: S3Server;
let objects: RemoteObjects;
let uninterrupted: Record<string, string | null>;

beforeAll(async () => {
  server = await startS3Server("bucket");
  objects = openObjects(server);
  const files = { "conf/local/credentials.yml": writeCredentials(server) };
  const parameters = `seed: 7\nfifo: ${fifo}\n`;
  writeToyProject({ folder: join(folder, "project"), pipelines: PIPELINES, catalog: CATALOG, parameters, files });
  const long = { pipeline: "long", outputs: ["n02", "n05", "n11"] };
  const file = { project: "project", python: findTestPython(), runs: { long } };
  writeFileSync(join(folder, "workflow.json"), JSON.stringify(file));
  expect((await runCli(["run", "workflow.json", "--registry", join(folder, "whole")], { cwd: folder })).exitCode).toBe(
    0,
  );
  uninterrupted = hashesOf(await show("whole"));
});
afterAll(async () => {
  objects.close();
  await server.close();
});

async function show(registry: string): Promise<SessionRecord> {
  return (await runJson<SessionRecord>(["show", "--registry", join(folder, registry)])).value;
}

function hashesOf({ runs }: SessionRecord) {
  return Object.fromEntries(
    runs.flatMap(({ outputs }) => Object.entries(outputs).map(([name, { hash }]) => [name, hash])),
  );
}

/** Runs until the ninth node has begun, and kills the run, before that its orchestrator if asked to. Returns its run_id. */
async function cutOff(name: string, { orchestrator }: { orchestrator: boolean }): Promise<string> {
  execFileSync("mkfifo", [fifo]);
  const cli = startCli(["run", "workflow.json", "--json", "--registry", join(folder, name)], { cwd: folder });
  const { run_id } = await cli.event("run.started");
  const attempt = join(folder, name, "attempts", run_id);
  const events = () => (existsSync(join(attempt, "events")) ? readFileSync(join(attempt, "events"), "utf8") : "");
  await waitFor(() => events().includes('"node.started", "node": "n08"'));
  const { pid } = JSON.parse(readFileSync(join(attempt, "claim"), "utf8")) as { pid: number };
  if (orchestrator) {
    cli.signal("SIGKILL");
    await cli.result;
  }
  process.kill(pid, "SIGKILL");
  await cli.result;
  rmSync(fifo);
  return run_id;
}

/** The nodes that ran then. */
async function resume(name: string, first: string): Promise<string[]> {
  const { exitCode, stdout, stderr } = await runCli(["resume", "--json", "--registry", join(folder, name)], {
    cwd: folder,
  });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  const events = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as RunEvent);
  return events.flatMap((event) => (event.type === "node.started" && event.run_id !== first ? [event.node] : []));
}

const names = (from: number, to = NODES) =>
  Array.from({ length: to - from }, (_, index) => `n${String(from + index).padStart(2, "0")}`);

describe("a run with all of its data on object storage that was killed at its ninth node", () => {
  test.each([
    ["alone", "alone", false],
    ["with its orchestrator", "both", true],
  ])("%s: it goes on there, with what the killed attempt saved", async (_, name, orchestrator) => {
    const first = await cutOff(name, { orchestrator });
    const before = await objects.list("s3://bucket/data");
    expect(await resume(name, first)).toEqual(names(8));
    const session = await show(name);
    expect(hashesOf(session)).toEqual(uninterrupted);
    const [run] = session.runs;
    expect(run?.outputs.n02).toMatchObject({ version: first, location: `s3://bucket/data/n02.txt/${first}/n02.txt` });
    expect(run?.outputs.n05?.version).toBe(first);
    expect(run?.outputs.n11?.version).toBe(run?.run_id);
    expect(await objects.list("s3://bucket/data")).toMatchObject(before);
    const verified = await runCli(["verify", "--registry", join(folder, name)]);
    expect(verified.exitCode).toBe(0);
  });

  test.each(["changed", "gone"])(
    "an object that is %s in between is made again, and nothing else that had finished",
    async (how) => {
      const first = await cutOff(how, { orchestrator: false });
      const location =
        Object.keys(await objects.list("s3://bucket/data")).find((path) => path.endsWith(`${first}/n05.txt`)) ?? "";
      if (how === "gone") await objects.remove(location);
      else await objects.write(location, "somebody else's");
      expect(await resume(how, first)).toEqual(["n05", ...names(8)]);
      const session = await show(how);
      expect(hashesOf(session)).toEqual(uninterrupted);
      expect(session.runs[0]?.outputs.n05?.version).toBe(session.runs[0]?.run_id);
    },
  );
});
