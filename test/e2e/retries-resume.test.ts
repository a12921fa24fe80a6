import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { RunEvent } from "../../src/core/event/event.ts";
import type { SessionRecord } from "../../src/core/run.ts";
import { runEvents, runJson } from "../rig/cli.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";
import { findTestPython } from "../rig/test-python.ts";
import { writeToyProject } from "../rig/toy-project.ts";

/** `moody` fails as often as its file says. `lonely` is in memory and read by `moody` alone, `shared` by several. */
const PIPELINES = `
import pathlib

def grow(text): return text + "."
def split(text): return text + "m", text + "s"
def moody(count, *texts):
    left = pathlib.Path(count)
    if int(left.read_text()) > 0:
        left.write_text(str(int(left.read_text()) - 1))
        raise OSError("not now")
    return "+".join(texts)

def chain(*middle):
    first = [node(grow, "params:word", "a", name="first"), node(grow, "a", "b", name="second")]
    return Pipeline([*first, *middle, node(grow, "c", "d", name="last")])

def register_pipelines():
    return {
        "saved": chain(node(moody, ["params:count", "b"], "c", name="moody")),
        "memory": chain(
            node(split, "b", ["lonely", "shared"], name="split"),
            node(grow, "shared", "e", name="aside"),
            node(moody, ["params:count", "lonely", "shared", "e"], "c", name="moody"),
        ),
        "__default__": Pipeline([]),
    }
`;
const CATALOG = `${["a", "b", "c", "d", "e"].map((name) => `${name}: { type: text.TextDataset, filepath: data/${name}.txt }`).join("\n")}\n`;

const folder = makeSuiteFolder();
const count = join(folder, "count");

beforeAll(() => {
  const parameters = `word: w\ncount: ${count}\n`;
  writeToyProject({ folder: join(folder, "project"), pipelines: PIPELINES, catalog: CATALOG, parameters });
});

/** Runs a pipeline whose moody node fails so often; tells which nodes were started by which attempt. */
async function play(pipeline: string, failures: number, retries: object) {
  writeFileSync(count, String(failures));
  const only = { pipeline, outputs: ["b", "d"], retries };
  const file = join(folder, `${pipeline}.json`);
  writeFileSync(file, JSON.stringify({ project: "project", python: findTestPython(), runs: { only } }));
  const { exitCode, events } = await runEvents(file, { cwd: folder });
  const attempts = events.flatMap((event) => (event.type === "run.started" ? [event.run_id] : []));
  const nodes = attempts.map((id) => nodesOf(events, id));
  const [run] = (await runJson<SessionRecord>(["show"], { cwd: folder })).value.runs;
  return { exitCode, attempts, nodes, run };
}

function nodesOf(events: readonly RunEvent[], runId: string): string {
  return events
    .flatMap((event) => (event.type === "node.started" && event.run_id === runId ? [event.node] : []))
    .join(" ");
}

function hashesOf(run: Awaited<ReturnType<typeof play>>["run"]) {
  return Object.fromEntries(Object.entries(run?.outputs ?? {}).map(([name, { hash }]) => [name, hash]));
}

describe("retries: { resume: true }", () => {
  test("the next attempt goes on at the node that failed", async () => {
    const whole = await play("saved", 0, { max: 2, resume: true });
    expect(whole.nodes).toEqual(["first second moody last"]);
    const retried = await play("saved", 2, { max: 2, resume: true });
    expect(retried.exitCode).toBe(0);
    expect(retried.nodes).toEqual(["first second moody", "moody", "moody last"]);
    expect(hashesOf(retried.run)).toEqual(hashesOf(whole.run));
    expect(retried.run?.outputs.b?.version).toBe(retried.attempts[0]);
    expect(retried.run?.outputs.d?.version).toBe(retried.attempts[2]);
  });

  test("what was in memory is made again by the nodes that made it, and by no others", async () => {
    const whole = await play("memory", 0, { max: 1, resume: true });
    expect(whole.nodes).toEqual(["first second split aside moody last"]);
    const retried = await play("memory", 1, { max: 1, resume: true });
    expect(retried.exitCode).toBe(0);
    expect(retried.nodes).toEqual(["first second split aside moody", "split moody last"]);
    expect(hashesOf(retried.run)).toEqual(hashesOf(whole.run));
    expect(retried.run?.outputs.e?.version).toBe(retried.attempts[0]);
  });

  test("that fails once too often fails the run, at that node", async () => {
    const retried = await play("saved", 2, { max: 1, resume: true });
    expect(retried.exitCode).toBe(1);
    expect(retried.nodes).toEqual(["first second moody", "moody"]);
  });

  test("without `resume` each attempt begins with the first node", async () => {
    expect((await play("saved", 1, { max: 1 })).nodes).toEqual(["first second moody", "first second moody last"]);
  });
});
