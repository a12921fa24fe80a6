import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ownPaths, startModule } from "../../rig/module-run.ts";
import { waitFor } from "../../rig/wait-for.ts";

const values = { table: { version: "value-1", value: [{ score: 1 }, { score: 3 }] } };

test("a module is given what it consumes, its parameters and its identity; what it returns is saved", async () => {
  const text = `
import { readFile } from "node:fs/promises";
import { defineModule } from "runweave";
import { keep } from "./lib/keep.ts";
interface Row { score: number }
export default defineModule<{ threshold: number }>(async ({ inputs, params, reportMetrics, ...about }) => {
  const rows: Row[] = JSON.parse(await readFile(inputs.table, "utf8"));
  reportMetrics({ rows: rows.length });
  reportMetrics({ kept: 1 });
  console.log("it was here");
  const { runId, sessionId, loadVersions } = about;
  return { scores: keep(rows, params.threshold), note: "ü", raw: new Uint8Array([0, 255]), about: { runId, sessionId, loadVersions } };
});`;
  const { result, run, signals, readLog } = startModule(text, {
    files: {
      "lib/keep.ts": "export const keep = (rows: any[], least: number) => rows.filter(({ score }) => score > least);",
    },
    ...{ values, params: { threshold: 2 } },
    outputs: ownPaths("scores", "note", "raw", "about"),
  });
  const { outputs, ...end } = await result;
  expect(end).toMatchObject({ status: "success", exitCode: 0, exception: null });
  const read = (name: string) => readFileSync(outputs[name]?.location ?? "");
  expect(read("scores").toString()).toBe('[{"score":3}]\n');
  expect(read("note").toString()).toBe("ü");
  expect([...read("raw")]).toEqual([0, 255]);
  const { run_id: runId, session_id: sessionId } = run;
  expect(JSON.parse(read("about").toString())).toEqual({ runId, sessionId, loadVersions: { table: "value-1" } });
  expect(signals).toEqual([{ type: "metrics.reported", metrics: { rows: 2, kept: 1 } }]);
  expect(readLog()).toBe("it was here\n");
});

test("a module may write its outputs itself, in JavaScript too, and where a file is captured", async () => {
  const text = `import { writeFileSync } from "node:fs";
export default ({ outputs }) => { writeFileSync(outputs.mine, "mine"); return { dist: { deep: [1, null] } }; };`;
  const outputs = { mine: { path: null }, dist: { path: "dist/deep/out.json" } };
  const { result, cwd } = startModule(text, { name: "score.mjs", outputs });
  const end = await result;
  expect(end.status).toBe("success");
  expect(readFileSync(end.outputs.mine?.location ?? "", "utf8")).toBe("mine");
  expect(readFileSync(join(cwd, "dist/deep/out.json"), "utf8")).toBe('{"deep":[1,null]}\n');
});

test("the process ends when the function has come to its end, though timers and sockets are open", async () => {
  const text = `import { createServer } from "node:net";
export default async () => { setInterval(() => {}, 1000); await new Promise((done) => createServer().listen(0, done)); };`;
  expect(await startModule(text).result).toMatchObject({ status: "success", exitCode: 0 });
});

test("a secret reaches the module, and nothing that is written down", async () => {
  const text = `export default ({ params }) => {
  if (params.key !== "s3cret-value" || JSON.stringify(process.env).includes("RUNWEAVE_PARAMS")) throw new Error("not given");
  throw new TypeError(\`refused \${params.key}\`, { cause: new Error(params.key) });
};`;
  const { result, folder, readLog } = startModule(text, {
    ...{ params: { key: "${env:API_KEY}" }, variables: { API_KEY: "s3cret-value" } },
  });
  const { exception } = await result;
  expect(exception).toMatchObject({ type: "TypeError", message: "refused [secret]", cause: { message: "[secret]" } });
  expect(JSON.stringify(exception)).not.toContain("s3cret-value");
  expect(readFileSync(join(folder, "spec.json"), "utf8")).toContain('"params":{"key":"${env:API_KEY}"}');
  for (const name of ["manifest", "exception.json"])
    expect(readFileSync(join(folder, name), "utf8")).not.toContain("s3cret-value");
  expect(readLog()).toContain("TypeError: refused [secret]");
});

describe("a failure", () => {
  const fn = (body: string) => `export default async ({ outputs, params }) => { ${body} };`;
  test.each<[what: string, text: string, type: string, message: RegExp]>([
    ["a thrown error", fn('throw new RangeError("too far")'), "RangeError", /^too far$/],
    [
      "a class of one's own",
      `class HttpError extends Error {}\n${fn('throw new HttpError("404")')}`,
      "HttpError",
      /^404$/,
    ],
    ["what is no error", fn('throw "nothing"'), "string", /^nothing$/],
    ["a rejected promise", fn('await Promise.reject(new Error("late"))'), "Error", /^late$/],
    [
      "an uncaught error",
      fn('setTimeout(() => { throw new Error("stray") }); await new Promise(() => {})'),
      "Error",
      /^stray$/,
    ],
    [
      "a promise that nobody waits for",
      fn('Promise.reject(new Error("lost")); await new Promise((r) => setTimeout(r, 9e3))'),
      "Error",
      /^lost$/,
    ],
    ["an error while it is imported", 'throw new Error("at the top")', "Error", /^at the top$/],
    ["a syntax error", "export default async () => { const = 3 };", "SyntaxError", /./],
    [
      "an import that is not there",
      'import "./gone.ts"; export default () => {};',
      "Error",
      /Cannot find module .*gone\.ts/,
    ],
    ["a package that is not there", 'import "no-such-package"; export default () => {};', "Error", /no-such-package/],
    ["no default export", "export const run = () => {};", "InvalidModule", /has no default export/],
    [
      "a default export that is no function",
      "export default { run() {} };",
      "InvalidModule",
      /exports an object by default/,
    ],
    ["a name that is no output", fn("return { score: 1, out: 1 }"), "InvalidResult", /"score", which is not an output/],
    ["a list", fn("return [1]"), "InvalidResult", /returned a list/],
    ["undefined", fn("return { out: undefined }"), "InvalidResult", /"out" is not JSON: it has undefined/],
    ["a function", fn("return { out: { f() {} } }"), "InvalidResult", /a function at "f"/],
    ["a BigInt", fn("return { out: 1n }"), "InvalidResult", /a bigint/],
    ["NaN", fn("return { out: [0, NaN] }"), "InvalidResult", /NaN at "1"/],
    ["a Map", fn("return { out: new Map() }"), "InvalidResult", /a Map/],
    ["a cycle", fn("const a = {}; a.a = a; return { out: a }"), "InvalidResult", /a cycle/],
    ["an output that is not there", fn("return {}"), "OutputMissing", /neither returned nor wrote "out" at /],
    ["nothing left to wait for", fn("await new Promise(() => {})"), "NeverSettled", /nothing is left to wait for/],
    ["process.exit", fn("process.exit(0)"), "ProcessExited", /process\.exit\(0\)/],
  ])("by %s is in the log and on record", async (_, text, type, message) => {
    const { result, readLog } = startModule(text, { outputs: ownPaths("out") });
    const { status, exitCode, exception } = await result;
    expect({ status, exitCode }).toEqual({ status: "failed", exitCode: 1 });
    expect(exception).toMatchObject({ type, message: expect.stringMatching(message) });
    expect(readLog()).toMatch(new RegExp(message.source.replace(/^\^|\$$/g, "")));
  });

  test("has the stack, the classes, the code and the causes of the error", async () => {
    const text = `import { readFile } from "node:fs/promises";
export default async function score() {
  try { await readFile("/no/such/file"); } catch (cause) { throw new Error("can't score", { cause }); }
}`;
    const { exception } = await startModule(text).result;
    expect(exception?.traceback).toMatch(/^Error: can't score\n {4}at score \(file:.*score\.ts:3:\d+\)/);
    expect(exception?.traceback).not.toContain("module-host");
    expect(exception?.cause).toMatchObject({ type: "Error", classes: ["Error", "ENOENT"], cause: null });
  });

  test("of our own has no stack, and one of syntax the place in the file", async () => {
    const own = await startModule("export default () => [];").result;
    expect(own.exception).toMatchObject({ type: "InvalidResult", traceback: null });
    const { cwd, result } = startModule("export default () => {\n  const x: = 1;\n};");
    const { exception } = await result;
    expect(exception?.traceback).toMatch(/score\.ts:2\n.*\n {2}const x: = 1;\n +\^\n/);
    expect(exception?.traceback).toContain(cwd);
    expect(exception?.traceback).not.toContain("node:internal");
  });

  test("by a module of CommonJS, by an exit code alone, by a text that was rejected, by many at once", async () => {
    const fail = async (name: string, text: string) => (await startModule(text, { name }).result).exception;
    expect(await fail("score.cjs", "module.exports = () => { throw new Error(typeof require); };")).toMatchObject({
      ...{ type: "Error", message: "function" },
    });
    const code = "export default () => { process.exitCode = 3; };";
    expect(await fail("score.ts", code)).toMatchObject({ type: "CommandFailed", message: "exit code 3" });
    const text =
      'export default async () => { Promise.reject("a string"); await new Promise((done) => setTimeout(done, 9e3)); };';
    expect(await fail("score.ts", text)).toMatchObject({ message: expect.stringContaining('"a string"') });
    const many =
      'export default () => Promise.any([Promise.reject(new TypeError("one")), Promise.reject(new Error("two"))]);';
    expect(await fail("score.ts", many)).toMatchObject({
      type: "AggregateError",
      cause: { type: "TypeError", message: "one" },
    });
  });

  test("leaves nothing of outputs that are right", async () => {
    const { result, cwd } = startModule("export default () => ({ a: 1, b: () => {} });", {
      outputs: { a: { path: "a.json" }, b: { path: "b.json" } },
    });
    expect((await result).exception?.type).toBe("InvalidResult");
    expect(() => readFileSync(join(cwd, "a.json"))).toThrow("ENOENT");
  });

  test("metrics that were reported before are on record", async () => {
    const { result, signals } = startModule(
      'export default ({ reportMetrics }) => { reportMetrics({ loss: 2 }); throw new Error("later"); };',
    );
    expect((await result).status).toBe("failed");
    expect(signals).toEqual([{ type: "metrics.reported", metrics: { loss: 2 } }]);
  });
});

describe("when it is stopped", () => {
  const wait = "await new Promise((done) => setTimeout(done, 60_000));";

  test("a module that never asks for `signal` ends by the signal, as any program does", async () => {
    const { result, stop, readLog } = startModule(`export default async () => { console.log("ready"); ${wait} };`);
    await waitFor(() => readLog().includes("ready"));
    stop("interrupt");
    expect(await result).toMatchObject({ cancelled: true, signal: "SIGINT" });
  });

  test("a module that asks for it is told, and may clean up", async () => {
    const text = `export default async ({ signal }) => {
  console.log("ready");
  await new Promise((done) => { const timer = setInterval(() => {}, 1e6); signal.addEventListener("abort", () => { clearInterval(timer); done(); }); });
  console.log("cleaned up");
  signal.throwIfAborted();
};`;
    const { result, stop, readLog } = startModule(text);
    await waitFor(() => readLog().includes("ready"));
    stop("interrupt");
    const end = await result;
    expect(end).toMatchObject({ cancelled: true, exitCode: 1, exception: { cause: { type: "AbortError" } } });
    expect(readLog()).toContain("cleaned up");
  });

  test("a second signal ends it in any case", async () => {
    const text = `export default async ({ signal }) => {
  signal.addEventListener("abort", () => console.log("heard"));
  console.log("ready"); ${wait}
};`;
    const { result, stop, readLog } = startModule(text);
    await waitFor(() => readLog().includes("ready"));
    stop("interrupt");
    await waitFor(() => readLog().includes("heard"));
    stop("interrupt");
    expect(await result).toMatchObject({ cancelled: true, signal: "SIGINT" });
  });
});

test.each([
  ["gone.ts", /does not exist; fix `module`/],
  [".", /is a folder/],
  ["train.py", /not a TypeScript or JavaScript module; a Python file is a command: `command: \[python, train\.py\]`/],
])("%s is no module: nothing is started", async (name, message) => {
  const { result } = startModule("", { name: "score.ts", files: { "train.py": "" }, module: name });
  expect((await result).exception).toMatchObject({
    type: "CommandNotStarted",
    message: expect.stringMatching(message),
  });
});
