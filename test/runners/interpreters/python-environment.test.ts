import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { AttemptSignal } from "../../../src/core/event/attempt-event.ts";
import { COMMAND_PROCESS } from "../../../src/runners/command/command-kind.ts";
import { ProcessRunner } from "../../../src/runners/process/process-runner.ts";
import { memoryHolds } from "../../rig/memory-holds.ts";
import { commandTask, makeRun, makeStateFolders } from "../../rig/resolved-run.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";
import { findTestPython } from "../../rig/test-python.ts";

function openRunner() {
  const cwd = makeTemporaryFolder();
  const packages = join(cwd, "packages");
  mkdirSync(join(packages, "fake_thing-1.0.dist-info"), { recursive: true });
  const environment = { PATH: process.env.PATH, PYTHONPATH: packages };
  const runner = new ProcessRunner(COMMAND_PROCESS, {
    holds: memoryHolds(),
    folders: makeStateFolders(cwd),
    environment,
    graceMs: 100,
  });
  onTestFinished(() => runner.close());
  return async (...argv: string[]) => {
    const resolved = makeRun({ task: commandTask(argv, { cwd }) });
    const signals: AttemptSignal[] = [];
    const handlers = { onStarted() {}, onSignal: (signal: AttemptSignal) => signals.push(signal) };
    const { status } = await runner.start(resolved, handlers).result;
    return { status, signals };
  };
}

test("a command whose program is a Python tells in what it runs, the facts of it once", async () => {
  const run = openRunner();
  const first = await run(findTestPython(), "-c", "pass");
  expect(first).toMatchObject({ status: "success", signals: [{ type: "environment.captured" }] });
  const [told] = first.signals;
  if (told?.type !== "environment.captured") throw new Error("it told nothing");
  expect(told.facts).toMatchObject({
    python: expect.stringMatching(/^3\.\d+\.\d+/),
    packages: { "fake-thing": "1.0", kedro: told.facts?.kedro },
  });
  const second = await run(findTestPython(), "-c", "raise SystemExit(3)");
  expect(second).toMatchObject({ status: "failed", signals: [{ digest: told.digest, facts: null }] });
});

test("any other program tells nothing, nor what only has the name", async () => {
  const run = openRunner();
  expect(await run("sh", "-c", "true")).toEqual({ status: "success", signals: [] });
  const disguised = join(makeTemporaryFolder(), "python3");
  symlinkSync("/bin/true", disguised);
  expect(await run(disguised)).toEqual({ status: "success", signals: [] });
});
