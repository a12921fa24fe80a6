import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { beforeAll, expect, inject, test } from "vitest";
import { emitTypes } from "../../scripts/build.ts";
import { cliEnvironment, parseLines } from "../rig/cli.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";
import { writeFiles } from "../rig/toy-project.ts";

const repository = join(import.meta.dirname, "../..");
const folder = makeSuiteFolder();
const consumer = join(folder, "consumer");

function run(command: string, ...args: string[]): string {
  try {
    return execFileSync(command, args, { cwd: consumer, env: cliEnvironment(), encoding: "utf8", stdio: "pipe" });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${command} ${args.join(" ")}\n${stdout}\n${stderr}`, { cause: error });
  }
}

const runweave = (...args: string[]) => run(join(consumer, "node_modules/.bin/runweave"), ...args);

const WORKFLOW = `import { defineWorkflow } from "runweave";

export default defineWorkflow({
  name: "typed",
  runs: {
    write: { command: ["sh", "-c", 'echo 42 > "$0"', "\${outputs.answer.path}"], outputs: ["answer"] },
    read: { command: ["grep", "42", "\${inputs.answer.path}"], consumes: { answer: "write" } },
  },
});
`;

const SCRIPT = `import { openSession, planWorkflow, type RunEvent, type RunHandle, runWorkflow } from "runweave";
import workflow from "./workflow.ts";

const session = await openSession({ registry: "state" });
const write: RunHandle = await session.run({
  name: "write",
  command: ["sh", "-c", 'echo 42 > "$0"', "\${outputs.answer.path}"],
  outputs: ["answer"],
});
const read = await session.run({ command: ["cat", "\${inputs.answer.path}"], consumes: { answer: write } });
const { status } = await session.close();
const plan = await planWorkflow(workflow);
const types: RunEvent["type"][] = [];
const stop = new AbortController();
const run = runWorkflow(workflow, { registry: "state", signal: stop.signal });
for await (const event of run) types.push(event.type);
const record = await run.result;
console.log(
  JSON.stringify({
    pinned: read.loadVersions.answer === write.runId,
    status,
    planned: plan.runs.map((each) => each.run),
    last: types.at(-1),
    ended: record.status,
  }),
);
`;

const TSCONFIG = {
  compilerOptions: {
    target: "ES2024",
    lib: ["ES2024", "DOM", "ESNext.Disposable"],
    module: "nodenext",
    strict: true,
    noEmit: true,
    exactOptionalPropertyTypes: true,
    allowImportingTsExtensions: true,
    types: [],
  },
  include: ["workflow.ts", "typed.ts", "actions.ts"],
};

const TYPED = `import { defineModule, defineWorkflow, openRegistry, openSession } from "runweave";

const session = await openSession({ project: "./project" });
const prep = await session.run({ pipeline: "data_processing", outputs: ["table"] });
const train = await session.run({ pipeline: "data_science", consumes: { table: prep } });
const id: string = train.runId;
const pins: Readonly<Record<string, string>> = train.loadVersions;
await session.close();

// @ts-expect-error a run is a pipeline or a command, not both
defineWorkflow({ runs: { both: { pipeline: "a", command: ["b"] } } });
// @ts-expect-error an unknown key
defineWorkflow({ runs: { a: { pipelin: "a" } } });
// @ts-expect-error no run has this name
defineWorkflow({ runs: { write: { command: ["a"], outputs: ["x"] }, read: { command: ["b"], consumes: { x: "wirte" } } } });
// @ts-expect-error no run has this name
defineWorkflow({ runs: { write: { command: ["a"] }, read: { command: ["b"], consumes: { x: { run: "wirte" } } } } });
// @ts-expect-error no run has this name
defineWorkflow({ runs: { write: { command: ["a"] }, read: { command: ["b"], needs: ["wirte"] } } });
defineWorkflow({
  runs: {
    write: { command: ["a"], outputs: ["x"] },
    copy: { pipeline: "p", consumes: { x: { run: "write", as: "downstream" }, y: { file: "y.csv" } }, needs: "write" },
    read: { module: "./a.ts", consumes: { x: "copy" }, needs: ["write", "copy"] },
  },
});
const names = ["first", "second"];
defineWorkflow({
  runs: Object.fromEntries(names.map((name, at) => [name, { command: ["a"], needs: names.slice(0, at) }])),
});
const past = openRegistry();
const score: unknown = past.run("train").metrics?.r2;
const place: string = past.version("metrics@train").location;
const failed: string[] = past.runs({ status: "failed", limit: 5 }).map(({ run }) => run);
past.close();
console.log(train.metrics?.r2, score, place, failed);
// @ts-expect-error a run is a module or a command, not both
defineWorkflow({ runs: { both: { module: "./a.ts", command: ["b"] } } });

const scored = defineModule<{ least: number }, "table", "scores">(async ({ inputs, outputs, params, signal, ...rest }) => {
  const [path, least]: [string, number] = [inputs.table, params.least];
  rest.reportMetrics({ least });
  signal.throwIfAborted();
  return { scores: [path, outputs.scores] };
});
const quiet = defineModule(async ({ params, outputs }) => console.log(params.any, outputs.any));
const silent = defineModule(async ({ outputs }) => {
  console.log(outputs.any);
});
// @ts-expect-error it has no such output
defineModule<object, "table", "scores">(() => ({ score: 1 }));
// @ts-expect-error it has no such input
defineModule<object, "table">(({ inputs }) => ({ a: inputs.tabel }));
export { id, pins, quiet, scored, silent };
`;

/** The first TypeScript of a section of the page for TypeScript. */
function readExample(heading: string): string {
  const page = readFileSync(join(repository, "docs/typescript.md"), "utf8");
  const [, code = ""] = /```ts\n(.*?)```/s.exec(page.slice(page.indexOf(heading))) ?? [];
  return code;
}

beforeAll(() => {
  const packed = join(folder, "packed");
  cpSync(inject("packageFolder"), packed, { recursive: true });
  emitTypes(join(packed, "dist"));
  writeFiles(consumer, {
    "package.json": '{ "name": "consumer", "version": "1.0.0", "type": "module", "private": true }',
    "tsconfig.json": JSON.stringify(TSCONFIG),
    "workflow.ts": WORKFLOW,
    "typed.ts": TYPED,
    "script.ts": SCRIPT,
    "actions.ts": readExample("## What the command line does"),
  });
  cpSync(join(repository, "workflows/commands"), join(consumer, "commands"), { recursive: true });
  run("npm", "pack", "--ignore-scripts", "--silent", "--pack-destination", folder, packed);
  const tarball = readdirSync(folder).find((name) => name.endsWith(".tgz")) ?? "no tarball";
  run("npm", "install", "--offline", "--ignore-scripts", "--no-audit", "--no-fund", join(folder, tarball));
});

test("the tarball holds the command, the library, its types, the worker and the migrations, and no source", () => {
  const files = readdirSync(join(consumer, "node_modules/runweave"), { recursive: true }).map(String);
  for (const wanted of [
    "bin/runweave.js",
    "dist/cli.js",
    "dist/index.js",
    "dist/module-host.js",
    "dist/types/index.d.ts",
    "dist/worker/runweave_worker/__main__.py",
    "dist/migrations/001.sql",
    "dist/migrations/schema.sql",
    "LICENSE",
  ])
    expect(files).toContain(wanted);
  expect(files.filter((name) => /__pycache__|(^|\/)(src|test)\/|(?<!\.d)\.ts$/.test(name))).toEqual([]);
});

test("the pages that it holds link only to files that it holds too", () => {
  const root = join(consumer, "node_modules/runweave");
  const pages = readdirSync(root, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith(".md"));
  expect(pages).toEqual(expect.arrayContaining(["README.md", "docs/index.md", "docs/tutorial.md"]));
  for (const page of pages) {
    for (const [, link = ""] of readFileSync(join(root, page), "utf8").matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g))
      expect([page, link, existsSync(join(root, page, "..", link))]).toEqual([page, link, true]);
  }
});

test("it has no install script", () => {
  const { scripts } = JSON.parse(readFileSync(join(consumer, "node_modules/runweave/package.json"), "utf8"));
  for (const name of ["preinstall", "install", "postinstall", "prepare"]) expect(scripts).not.toHaveProperty(name);
});

/** A Node of this machine that is older than what the package asks for; null if there is none. */
function findOldNode(): string | null {
  const places = (process.env.PATH ?? "").split(delimiter).map((place) => join(place, "node"));
  const isOld = (node: string) => Number(/\d+/.exec(execFileSync(node, ["--version"], { encoding: "utf8" }))) < 24;
  return places.find((node) => existsSync(node) && isOld(node)) ?? null;
}

test("an old Node is told which one is needed, by the command and by the library", ({ skip }) => {
  const node = findOldNode();
  if (node === null) return skip("no Node older than 24 is on PATH");
  const told = /^runweave needs Node 24 or later, this is v\d+\..*\n$/;
  const command = spawnSync(node, ["node_modules/runweave/bin/runweave.js", "show"], {
    cwd: consumer,
    encoding: "utf8",
  });
  expect(command.stderr).toMatch(told);
  expect(command.status).toBe(3);
  const script = 'import("runweave").catch(({ message }) => console.log(message));';
  expect(spawnSync(node, ["-e", script], { cwd: consumer, encoding: "utf8" }).stdout).toMatch(told);
});

test("npx finds the command, which knows its version", () => {
  const { version } = JSON.parse(readFileSync(join(repository, "package.json"), "utf8"));
  expect(runweave("--version")).toBe(`${version}\n`);
  expect(run("npx", "--offline", "runweave", "--version")).toBe(`${version}\n`);
});

test("it runs a workflow of commands", () => {
  const events = parseLines(runweave("run", "commands/workflow.yaml", "--json"));
  expect(events.at(-1)).toMatchObject({ type: "session.finished", status: "success" });
});

test("it runs a workflow in TypeScript that imports runweave", () => {
  expect(parseLines(runweave("run", "workflow.ts", "--json")).at(-1)).toMatchObject({ status: "success" });
});

test("a workflow in TypeScript outside of any package imports runweave too", () => {
  writeFileSync(join(folder, "outside.ts"), WORKFLOW);
  const events = parseLines(runweave("run", join(folder, "outside.ts"), "--json"));
  expect(events.at(-1)).toMatchObject({ status: "success" });
});

test("it runs a module in TypeScript that imports runweave", () => {
  const runs = { score: { module: "./score.ts", params: { n: 6 }, outputs: ["scores"] } };
  writeFiles(folder, {
    "modules.json": JSON.stringify({ runs }),
    "score.ts": `import { defineModule } from "runweave";
export default defineModule<{ n: number }>(({ params }) => ({ scores: [params.n * 7] }));\n`,
  });
  const events = parseLines(runweave("run", join(folder, "modules.json"), "--json"));
  expect(events.at(-1)).toMatchObject({ status: "success" });
});

test("a script chains runs, plans and runs a workflow", () => {
  expect(JSON.parse(run(process.execPath, "script.ts"))).toEqual({
    pinned: true,
    status: "success",
    planned: ["write", "read"],
    last: "session.finished",
    ended: "success",
  });
});

test("the page's example of actions does what its comments say", () => {
  const { stdout, stderr, status } = spawnSync(process.execPath, ["actions.ts"], { cwd: consumer, encoding: "utf8" });
  expect(stderr).toBe("");
  const lines = stdout.trim().split("\n");
  expect(lines.slice(0, 2)).toEqual(["session.started", "runs.declared"]);
  expect(lines.slice(-3)).toEqual(["null", "true", "no-reason"]);
  expect(status).toBe(0);
});

test("a strict consumer type-checks, and mistakes in a declaration do not", () => {
  run(process.execPath, join(repository, "node_modules/typescript/bin/tsc"), "-p", "tsconfig.json");
});

test("importing the library replaces no function of the process that imports it", () => {
  const functions = "[process.cwd, fs.close, fs.closeSync]";
  const script = `import fs from "node:fs"; const before = ${functions}; await import("runweave");
    console.log(${functions}.every((each, at) => each === before[at]));`;
  expect(run(process.execPath, "--input-type=module", "-e", script)).toBe("true\n");
});
