import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { SessionRecord } from "../../src/core/run.ts";
import { runCli, runEvents, runJson } from "../rig/cli.ts";
import { showSession, writeCommands } from "../rig/resumable.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";
import { findTestPython } from "../rig/test-python.ts";
import { writeToyProject } from "../rig/toy-project.ts";

const COPY = ["sh", "-c", 'cat data.txt >"$1"', "sh", "${outputs.it.path}"];
const RUNS = {
  make: { command: COPY, outputs: ["it"], sources: ["data.txt"], cache: "on" },
  use: {
    command: ["sh", "-c", 'cat "$1" >"$2"', "sh", "${inputs.it.path}", "${outputs.plain.path}"],
    consumes: { it: "make" },
    outputs: { plain: "plain" },
    cache: "on",
  },
  edit: { command: ["sh", "-c", "echo edited >plain"], needs: ["use"] },
};

async function say(cwd: string, ...args: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await runCli(args, { cwd });
  expect(exitCode, `${args.join(" ")}: ${stderr}`).toBe(0);
  return stdout + stderr;
}

/** A project in which a session has run, and that was renamed then. */
async function renameProject(): Promise<{ former: string; now: string; session: SessionRecord }> {
  const folder = makeTemporaryFolder();
  const [former, now] = [join(folder, "former"), join(folder, "now")];
  mkdirSync(join(former, ".runweave"), { recursive: true });
  writeFileSync(join(former, "data.txt"), "one\n");
  const file = writeCommands(former, RUNS, { name: "flow", publish: ["plain"] });
  expect((await runEvents(file, { cwd: former })).exitCode).toBe(0);
  const session = await showSession({ cwd: former });
  renameSync(former, now);
  return { former, now, session };
}

test("after a project was renamed, its versions are read, verified and reused", async () => {
  const { former, now, session } = await renameProject();
  const place = (await say(now, "path", "it@make")).trim();
  expect(place.startsWith(join(now, ".runweave/data/"))).toBe(true);
  expect(await say(now, "cat", "it@make")).toBe("one\n");
  expect(await say(now, "show", "make")).not.toContain(`${former}/`);
  expect(await say(now, "why", "plain@use")).toContain("make");
  const verified = await runJson<{ findings: { verdict: string }[] }>(["verify", "--all"], { cwd: now });
  expect(verified).toMatchObject({ exitCode: 0, value: { ok: true } });
  expect((await runJson<{ findings: object[] }>(["doctor"], { cwd: now })).value.findings).not.toContainEqual(
    expect.objectContaining({ level: "fail" }),
  );
  expect(await say(now, "run", "workflow.json")).toMatch(/make {2}reused/);
  writeFileSync(
    join(now, "other.json"),
    JSON.stringify({ runs: { read: { command: ["true"], consumes: { it: { run_id: session.runs[0]?.run_id } } } } }),
  );
  await say(now, "run", "other.json");
});

test("what was collected before and after the rename is restored to the present place; a publication is taken back there", async () => {
  const { former, now, session } = await renameProject();
  await say(now, "rollback", session.session_id, "--yes");
  expect(readFileSync(join(now, "plain"), "utf8")).toBe("edited\n");
  const place = (await say(now, "path", "it@make")).trim();
  await say(now, "gc", "--older-than", "2099-01-01", "--yes");
  expect(existsSync(place)).toBe(false);
  const again = join(now, "../again");
  renameSync(now, again);
  await say(again, "trash", "restore", "make");
  expect(await say(again, "cat", "it@make")).toBe("one\n");
  expect(existsSync(former)).toBe(false);
  expect(existsSync(now)).toBe(false);
});

test("what is at the former path later is another's: nothing of it is read or touched", async () => {
  const { former, now, session } = await renameProject();
  await say(now, "tag", "make", "seen=yes");
  const strange = (session.runs[0]?.outputs.it?.location ?? "") as string;
  mkdirSync(join(strange, ".."), { recursive: true });
  writeFileSync(strange, "a stranger's\n");
  expect(await say(now, "cat", "it@make")).toBe("one\n");
  await say(now, "gc", "--older-than", "2099-01-01", "--yes");
  await say(now, "trash", "empty", "--yes");
  expect(readFileSync(strange, "utf8")).toBe("a stranger's\n");
  expect(existsSync(strange.replace(former, now))).toBe(false);
  expect(existsSync(join(former, "workflow.json"))).toBe(false);
});

/** Another project with its own state folder, at a path where something else was before. */
async function startStranger(folder: string): Promise<void> {
  mkdirSync(join(folder, ".runweave"), { recursive: true });
  writeCommands(folder, { other: { command: ["true"] } }, { name: "stranger" });
  await say(folder, "run", "workflow.json");
}

test("another project at the former path, before any command has run at the new one, changes nothing", async () => {
  const { former, now } = await renameProject();
  await startStranger(former);
  expect(await say(now, "cat", "it@make")).toBe("one\n");
  expect(await say(now, "doctor", "--settle")).toContain("nothing is to be settled");
  expect(await say(now, "doctor")).not.toContain("FAIL");
  expect(await say(now, "run", "workflow.json")).toMatch(/make {2}reused/);
  rmSync(former, { recursive: true });
  expect(await say(now, "verify", "--all")).toContain("0 broken");
});

test("two projects that have swapped their names keep what they have saved", async () => {
  const { former, now } = await renameProject();
  await startStranger(former);
  const between = `${former}-between`;
  for (const [from, to] of [
    [former, between],
    [now, former],
    [between, now],
  ] as const)
    renameSync(from, to);
  expect(await say(former, "cat", "it@make")).toBe("one\n");
  for (const at of [former, now]) expect(await say(at, "verify", "--all")).toContain("0 broken");
});

test("a copy whose original is gone reads what lies in it, before it is settled and afterwards", async () => {
  const { now } = await renameProject();
  const copy = `${now}-copy`;
  cpSync(now, copy, { recursive: true });
  rmSync(now, { recursive: true });
  const registry = ["--registry", join(copy, ".runweave")];
  for (const settle of [[], ["--settle"]]) {
    await runCli(["doctor", ...settle], { cwd: copy });
    expect(await say(copy, "path", "it@make", ...registry)).toContain(join(copy, ".runweave/data/"));
    expect(await say(copy, "verify", "--all")).toContain("0 broken");
  }
});

test("a state folder that is moved alone, and back, takes its versions along, and leaves the project's places", async () => {
  const { now } = await renameProject();
  const state = join(now, "../state");
  const registry = ["--registry", state];
  renameSync(join(now, ".runweave"), state);
  expect(await say(now, "path", "it@make", ...registry)).toContain(join(state, "data/"));
  expect(await say(now, "cat", "it@make", ...registry)).toBe("one\n");
  expect(await say(now, "verify", "--all", ...registry)).toContain("0 broken");
  writeFileSync(join(now, "data.txt"), "two\n");
  await say(now, "run", "workflow.json", ...registry);
  renameSync(state, join(now, ".runweave"));
  expect(await say(now, "cat", "it@make")).toBe("two\n");
  expect(await say(now, "path", "it@make")).toContain(join(now, ".runweave/data/"));
  expect(await say(now, "verify", "--all")).toContain("0 broken");
  expect(await say(now, "run", "workflow.json")).toMatch(/make {2}reused/);
});

test("a session from before is not replayed by its plan, which names former places, until a link leads there", async () => {
  const { former, now, session } = await renameProject();
  const refused = await runCli(["replay", session.session_id], { cwd: now });
  expect([refused.exitCode, refused.stderr]).toEqual([
    3,
    expect.stringContaining(`began at ${former}, before that was`),
  ]);
  expect(refused.stderr).toContain(`ln -s ${now} ${former}`);
  symlinkSync(now, former);
  await say(now, "replay", session.session_id, "--fresh", "make");
});

const PIPELINES = `
def make():
    return "made"

def shout(text):
    return text.upper()

def register_pipelines():
    return {"make": Pipeline([node(make, None, "text")]), "shout": Pipeline([node(shout, "text", "loud")])}
`;

test("a Kedro run reads what one saved before its project was renamed, through the entry of then", async () => {
  const folder = makeTemporaryFolder();
  const [former, now] = [join(folder, "former"), join(folder, "now")];
  mkdirSync(join(former, ".runweave"), { recursive: true });
  const catalog = ["text", "loud"].map((name) => `${name}: { type: text.TextDataset, filepath: data/${name}.txt }\n`);
  writeToyProject({ folder: join(former, "project"), pipelines: PIPELINES, catalog: catalog.join(""), parameters: "" });
  const head = { project: "project", python: findTestPython() };
  const make = { pipeline: "make", outputs: ["text"], cache: "on" };
  const file = writeCommands(former, { make }, { name: "flow", ...head });
  expect((await runEvents(file, { cwd: former })).exitCode).toBe(0);
  renameSync(former, now);
  const shout = { pipeline: "shout", outputs: ["loud"], consumes: { text: "make" } };
  writeCommands(now, { make, shout }, { name: "flow", ...head });
  expect(await say(now, "run", "workflow.json")).toMatch(/make {2}reused/);
  expect(await say(now, "cat", "loud@shout")).toBe("MADE");
  expect(existsSync(former)).toBe(false);
});

test("a chain of Kedro runs is reused as a whole after its project was renamed, with and without entries of the catalog", async () => {
  const folder = makeTemporaryFolder();
  const [former, now] = [join(folder, "former"), join(folder, "now")];
  mkdirSync(join(former, ".runweave"), { recursive: true });
  const catalog = "loud: { type: text.TextDataset, filepath: data/loud.txt, versioned: true }\n";
  const last = '"last": Pipeline([node(shout, "loud", "end")])}';
  const pipelines = PIPELINES.replace('"loud")])}', `"loud")]), ${last}`);
  writeToyProject({ folder: join(former, "project"), pipelines, catalog, parameters: "" });
  const runs = {
    make: { pipeline: "make", outputs: ["text"] },
    shout: { pipeline: "shout", outputs: ["loud"], consumes: { text: "make" } },
    last: { pipeline: "last", outputs: ["end"], consumes: { loud: "shout" } },
  };
  const head = { name: "flow", project: "project", python: findTestPython(), defaults: { cache: "on" } };
  const file = writeCommands(former, runs, head);
  expect((await runEvents(file, { cwd: former })).exitCode).toBe(0);
  renameSync(former, now);
  const said = await say(now, "run", "workflow.json");
  for (const run of Object.keys(runs)) expect(said).toMatch(new RegExp(`${run} +reused`));
});
