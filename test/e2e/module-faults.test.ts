import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, inject, test } from "vitest";
import type { RunFailure } from "../../src/core/error/run-failure.ts";
import { runCli, runEvents, runList, startCli } from "../rig/cli.ts";
import { MarkedProcesses } from "../rig/marked-processes.ts";
import { formatRuns, readOutputs, showSession, writeCommands } from "../rig/resumable.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";
import { writeFiles } from "../rig/toy-project.ts";
import { waitFor } from "../rig/wait-for.ts";

describe("a module that fails", () => {
  const failing = {
    runs: { fetch: { module: "./fetch.mjs", retries: { max: 1, on: ["ECONNREFUSED"] }, params: { port: 1 } } },
  };

  test("is retried by the code of a cause, and its errors are those of JavaScript", async () => {
    const text = `import { connect } from "node:net";
class NotFetched extends Error {}
const dial = (port) => new Promise((_, reject) => connect(port, "127.0.0.1").on("error", reject));
export default async ({ params }) => {
  try { await dial(params.port); } catch (cause) { throw new NotFetched("no page", { cause }); }
};`;
    const folder = makeTemporaryFolder();
    const options = { cwd: folder };
    writeFiles(folder, { "fetch.mjs": text, "fails.json": JSON.stringify(failing) });
    const { exitCode } = await runEvents(join(folder, "fails.json"), options);
    expect(exitCode).toBe(1);
    const { value } = await runList<RunFailure>(["errors"], options);
    const [failure] = value;
    expect(failure).toMatchObject({
      run: "fetch",
      attempt: 2,
      exception: {
        type: "NotFetched",
        message: "no page",
        cause: { type: "Error", classes: ["Error", "ECONNREFUSED"] },
      },
    });
    expect(failure?.exception?.traceback).toMatch(/^Error: no page\n {4}at default \(file:.*fetch\.mjs:\d+:\d+\)/);
    expect(failure?.reproduce).toContain("--only fetch --from ");
    const { stdout } = await runCli(["errors"], options);
    expect(stdout).toContain("NotFetched: no page");
  });
});

test("a script runs a module as it runs a command, and is told how to repeat one that fails", async () => {
  const folder = makeTemporaryFolder();
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(inject("packageFolder"), join(folder, "node_modules/runweave"));
  writeFiles(folder, {
    "package.json": '{"type":"module"}',
    "double.ts": `import { readFileSync } from "node:fs";
export default ({ inputs, params }: { inputs: { n: string }; params: { by: number } }) => {
  if (params.by === 0) throw new RangeError("by nothing");
  return { n: JSON.parse(readFileSync(inputs.n, "utf8")) * params.by };
};`,
    "main.ts": `import { readFileSync } from "node:fs";
import { openSession, RunFailedError, WorkflowError } from "runweave";
const session = await openSession({ registry: "state" });
const one = await session.run({ module: "./double.ts", params: { by: 2 }, consumes: { n: { value: 4 } }, outputs: ["n"] });
const two = await session.run({ module: "./double.ts", params: { by: 3 }, consumes: { n: one }, outputs: ["n"] });
const failed = await session.run({ module: "double.ts", params: { by: 0 }, consumes: { n: two }, outputs: ["n"] }).catch((error) => error);
const missing = await session.run({ module: "./gone.ts" }).catch((error) => error);
await session.close();
console.log(JSON.stringify({
  runs: [one.run, two.run], n: JSON.parse(readFileSync(two.outputs.n.location, "utf8")), pinned: two.loadVersions.n === one.runId,
  failed: failed instanceof RunFailedError && failed.exception,
  missing: missing instanceof WorkflowError && missing.problems.map(({ code }) => code),
}));`,
  });
  const { stdout } = await promisify(execFile)(process.execPath, ["main.ts"], { cwd: folder });
  expect(JSON.parse(stdout)).toMatchObject({
    ...{ runs: ["double", "double_2"], n: 24, pinned: true, missing: ["invalid-module"] },
    failed: { type: "RangeError", message: "by nothing" },
  });
  const { value } = await runList<RunFailure>(["errors", "--registry", "state"], { cwd: folder });
  const repeated = promisify(execFile)("sh", ["-c", value[0]?.reproduce ?? ""]);
  await expect(repeated).rejects.toMatchObject({ code: 1, stderr: expect.stringMatching(/^RangeError: by nothing/) });
});

test("kill -9 of the orchestrator while a module runs: it is adopted, and starts once", async () => {
  const folder = makeTemporaryFolder();
  const marked = new MarkedProcesses();
  const options = { cwd: folder, env: marked.environment };
  const text = `import { appendFileSync, existsSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
export default async ({ params }) => {
  appendFileSync("starts", "once\\n");
  while (!existsSync("go")) await setTimeout(10);
  if (params.fails) throw new RangeError("too late");
  return { o: "made" };
};`;
  writeFiles(folder, { "held.mjs": text });
  const module = (fails: boolean) => ({ module: "held.mjs", params: { fails }, outputs: ["o"] });
  const runs = { good: module(false), bad: module(true) };
  const flow = writeCommands(folder, runs, { on_failure: "continue", max_parallel: 2 });
  const cli = startCli(["run", flow, "--json"], options);
  const starts = join(folder, "starts");
  await waitFor(() => existsSync(starts) && readFileSync(starts, "utf8") === "once\nonce\n");
  cli.signal("SIGKILL");
  await cli.result;
  const going = startCli(["resume", "--json"], options);
  await going.event("session.resumed");
  writeFileSync(join(folder, "go"), "");
  expect((await going.result).exitCode).toBe(1);
  const session = await showSession(options);
  expect(formatRuns(session)).toEqual({ good: "success 1", bad: "failed 1" });
  expect(readOutputs(session)).toEqual({ "good.o": "made" });
  expect(session.runs[1]?.exception).toMatchObject({ type: "RangeError", message: "too late" });
  expect(readFileSync(starts, "utf8")).toBe("once\nonce\n");
  expect(await marked.remaining()).toEqual([]);
});
