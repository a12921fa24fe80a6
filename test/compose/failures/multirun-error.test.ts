import { join } from "node:path";
import { expect, test } from "vitest";
import { runWorkflow } from "../../../src/compose/actions/run-workflow.ts";
import { MultirunError } from "../../../src/compose/failures/multirun-error.ts";
import type { Workflow } from "../../../src/define/define-workflow.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";

async function failureOf(workflow: Workflow, signal?: AbortSignal): Promise<MultirunError> {
  const registry = join(makeTemporaryFolder(), "state");
  const run = runWorkflow(workflow, signal === undefined ? { registry } : { registry, signal });
  const error = await run.orThrow().catch((reason: unknown) => reason);
  if (!(error instanceof MultirunError)) throw new Error(`no MultirunError: ${error}`);
  expect(error.session).toEqual(await run.result);
  return error;
}

test("a session that succeeds resolves with its record", async () => {
  const run = runWorkflow({ runs: { a: { command: ["true"] } } }, { registry: join(makeTemporaryFolder(), "state") });
  expect(await run.orThrow()).toEqual(await run.result);
});

test("one that fails rejects with every failed run: its run_id, attempt, error, log and the command that repeats it", async () => {
  const error = await failureOf({
    name: "pair",
    on_failure: "continue",
    runs: {
      one: { command: ["sh", "-c", "echo first; exit 3"], retries: 1 },
      two: { command: ["sh", "-c", "echo second; exit 4"], allow_failure: true },
      fine: { command: ["true"] },
    },
  });
  const [one, two] = error.session.runs;
  expect(error.failures).toMatchObject([
    {
      ...{ run: "one", run_id: one?.run_id, attempt: 2, max_attempts: 2, allow_failure: false, node: null },
      exception: { type: "CommandFailed", message: "exit code 3", traceback: "first", cause: null },
      log: expect.stringContaining(`run_${one?.run_id}.log`),
      log_tail: ["first"],
      reproduce: expect.stringMatching(
        / && env RUNWEAVE_RUN_ID=\S+ RUNWEAVE_SESSION_ID=\S+ sh -c 'echo first; exit 3'$/,
      ),
    },
    { run: "two", run_id: two?.run_id, attempt: 1, allow_failure: true, exception: { message: "exit code 4" } },
  ]);
  expect(error.message).toBe(
    [
      `session ${error.session.session_id} of pair failed: 2 of 3 runs failed`,
      `  one (${one?.run_id}, attempt 2): CommandFailed: exit code 3`,
      `  two (${two?.run_id}, attempt 1): CommandFailed: exit code 4`,
    ].join("\n"),
  );
});

test("one that is cancelled rejects too, and says so", async () => {
  const error = await failureOf({ runs: { a: { command: ["true"] } } }, AbortSignal.abort());
  expect(error.message).toMatch(/ was cancelled: 0 of 1 runs failed$/);
});
